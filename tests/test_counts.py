"""A run that tried less than it must is red, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import counts
from tests.support import tried

LINES = {("state", "licence", "valid"), ("exit", "licence", "valid expire expired")}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    kept, last = tmp_path / "kept.csv", tmp_path / "last.csv"
    monkeypatch.setattr(counts, "KEPT", kept)
    monkeypatch.setattr(counts, "LAST", last)
    tried.write(kept, LINES)
    return kept, last


def test_less_is_red_and_named(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    tried.write(files[1], {("state", "licence", "valid"), ("state", "licence", "expired")})
    assert counts.main([]) == 1
    said = capsys.readouterr()
    assert said.err == "not tried: exit licence valid expire expired\n"
    assert said.out.splitlines()[1].split() == ["exit", "1", "0", "1"]


def test_more_is_green_and_may_be_kept(files: tuple[Path, Path]) -> None:
    more = {*LINES, ("state", "licence", "expired")}
    tried.write(files[1], more)
    assert counts.main([]) == 0
    assert tried.read(files[0]) == LINES
    assert counts.main(["--keep"]) == 0
    assert tried.read(files[0]) == more
