"""A pytest plugin: which test sees which guard refuse, and whether it minds when the guard is gone.

For `tools.guards`, which tells it through the environment what to do.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from casework.acts.act import Act
from casework.kernel import engine
from state_machines.language.vocabulary import Guard, Refusal

# Files to append to, and the one that says which guards are gone in which test.
SEEN, TRIED, GONE = "NUOXIN_SEEN", "NUOXIN_TRIED", "NUOXIN_GONE"


class _UnderWay(threading.local):
    """The acts of this thread, the innermost last, each with the guards that refused it
    and the code of the refusal."""

    def __init__(self) -> None:
        self.acts: list[tuple[Act, dict[str, str]]] = []


class _Afresh:
    """Stands for a next test that shares nothing but the session with the one before."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[Any]:
        return [self.session]


_under_way = _UnderWay()
_gone = ""
_judge, _take, _refusals = Guard.judge, engine.execute, engine.refusals


def _judged(self: Guard, known: Any) -> Refusal | None:
    act, against = _under_way.acts[-1]
    if _gone == f"{act.process.key}.{act.step.name} if {self.name}":
        return None
    refusal = _judge(self, known)
    if refusal is not None:
        against[self.name] = refusal.code
    return refusal


@contextmanager
def _watched(act: Act, *, counts: bool) -> Iterator[None]:
    against: dict[str, str] = {}
    _under_way.acts.append((act, against))
    try:
        yield
    finally:
        _under_way.acts.pop()
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
        if counts and against and test:
            step = f"{act.process.key}.{act.step.name}"
            _append(SEEN, test=test, refused=[f"{step} if {name}" for name in against],
                    codes=list(against.values()))  # fmt: skip


def _append(to: str, **line: Any) -> None:
    if to in os.environ:
        with Path(os.environ[to]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _watched_take(act: Act) -> None:
    with _watched(act, counts=True):
        _take(act)


def _watched_refusals(act: Act, *, with_input: bool = True) -> list[Refusal]:
    # What is judged without an input is a preview, and refuses nothing.
    with _watched(act, counts=with_input):
        return _refusals(act, with_input=with_input)


# Before anything takes them by name.
Guard.judge = _judged
engine.execute = _watched_take
engine.refusals = _watched_refusals


def _gone_in(item: pytest.Item) -> list[str]:
    if GONE not in os.environ:
        return []
    found: dict[str, list[str]] = json.loads(Path(os.environ[GONE]).read_text(encoding="utf-8"))
    return found.get(item.nodeid, [])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if GONE in os.environ:
        items[:] = [item for item in items if _gone_in(item)]


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run the test as it is, and once more for each guard that is to be gone."""
    global _gone
    gone = _gone_in(item)
    if not gone:
        return None
    for at, name in enumerate(["", *gone]):
        _gone = name
        last = at == len(gone)
        following: Any = nextitem if last else _Afresh(item.session)
        reports = runtestprotocol(item, log=last, nextitem=following)
        passed = all(report.passed for report in reports)
        _gone = ""
        if not name and not passed:
            _append(TRIED, test=item.nodeid, guard="", passed=False)
            break
        if name:
            _append(TRIED, test=item.nodeid, guard=name, passed=passed)
    return True


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.passed and report.when == "call":
        _append(SEEN, test=report.nodeid, seconds=round(report.duration, 2))
