"""The page of shut doors (docs/proofs/doors.md) names tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_TEST = re.compile(r"`(tests/\w+/\w+\.py)::(\w+)`")


def _names(file: str) -> set[str]:
    tree = ast.parse((_ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_door_is_shut_by_a_test() -> None:
    page = (_ROOT / "docs" / "proofs" / "doors.md").read_text("utf-8")
    first, _, siblings = page.partition("## Their siblings")
    rows = [line for line in first.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(line.split("|")[1]) for line in rows] == list(range(1, 34))
    others = [line for line in siblings.splitlines() if line.startswith("|")]
    assert others[:2] == ["| door | test |", "|-|-|"]
    assert [line for line in (*rows, *others[2:]) if not _TEST.search(line)] == []
    named = _TEST.findall(page)
    assert {f"{file}::{name}" for file, name in named if name not in _names(file)} == set()
    assert {name for _, name in named if not name.startswith("test_")} == set()
    assert len(set(_TEST.findall(siblings))) >= 30
