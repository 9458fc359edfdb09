"""The benchmark of steps still sends what the office writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import step_speed

pytestmark = pytest.mark.slow


def test_what_a_story_wrote_can_be_written_again_and_again(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(step_speed, "_STORIES", 1)
    monkeypatch.setattr(step_speed, "_SECONDS", 1)
    step_speed.step_speed(server, tmp_path)
    said = capsys.readouterr().out
    assert "raw SQL" in said
