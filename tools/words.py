"""Plain words (用词): names that an engineer of the field would not look for, and what they are.

`python -m tools.house` says where one of them is defined. Keys of states, steps, facts and log
fields are strings, which versions in use have frozen, and so no names here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rulebook.tree import ROOT

# What nobody calls it, and what it is called.
PLAIN: Mapping[str, str] = {
    "ahead_of": "successors",
    "clock_book": "clock_repository",
    "gather": "collect_facts",
    "household": "process_manager",
    "let_fall_due": "fire_due_timers",
    "own_case": "conflict_of_interest",
    "put_code": "enqueue_code",
    "put_for_desk": "enqueue_for_desk",
    "put_of_entry": "enqueue_of_entry",
    "put_unless_there": "enqueue_unless_there",
    "reckon": "recalculate",
    "ClockBook": "ClockRepository",
    "Hand": "Execution",
    "Reckoned": "Recalculated",
    "RuleShelf": "RuleCache",
    "VersionShelf": "VersionCache",
}


def findings(rooms: Sequence[str], root: Path = ROOT) -> Iterator[str]:
    """Where a name of the list is given in these rooms, one line each, beginning with the path."""
    for room in rooms:
        for file in sorted((root / room).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            for line, name in given(file):
                if name in PLAIN:
                    yield f"{path}:{line}: {name} is called {PLAIN[name]} in this house"


def given(file: Path) -> Iterator[tuple[int, str]]:
    """The names that a module gives, with their lines: its own, its classes', its functions', their
    parameters', and those of whatever is assigned."""
    yield 1, file.stem
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name.lstrip("_")
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name.lstrip("_")
