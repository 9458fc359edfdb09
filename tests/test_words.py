"""Plain words: a name that the house does not use is found, wherever it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import words


@pytest.mark.parametrize(
    ("file", "code", "name"),
    [
        ("household.py", "", "household"),
        ("x.py", "class Hand: ...", "Hand"),
        ("x.py", "def reckon() -> None: ...", "reckon"),
        ("x.py", "def f(*, ahead_of: int) -> None: ...", "ahead_of"),
        ("x.py", "self._own_case = 1", "own_case"),
        ("x.py", "for ahead_of in (): ...", "ahead_of"),
    ],
)
def test_a_name_of_the_list_is_found(tmp_path: Path, file: str, code: str, name: str) -> None:
    (tmp_path / "casework").mkdir()
    (tmp_path / "casework" / file).write_text(code, encoding="utf-8")
    [found] = words.findings(["casework"], tmp_path)
    assert found.startswith(f"casework/{file}:1: {name} is called {words.PLAIN[name]}")


def test_what_a_name_is_called_is_on_no_list_itself() -> None:
    assert not set(words.PLAIN) & set(words.PLAIN.values())
