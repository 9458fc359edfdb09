"""What the suite tries (所试): written down at the one door while the tests run.

Each line is a kind, a process, and what of it was tried:

- `state` that a case stood in, and `exit`: a state, the step taken in it, the next state
- `effect` that a step had, and `paper` that was issued
- `role` that took a step in a state, `counter` where a clerk took it for the party, and `stranger`
  where somebody was turned away
- `refusal` of a step, with its code, and `problem` of any kind
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import local
from typing import Any

from casework.common.problems import GuardRefused, NotAllowed, Problem
from casework.kernel import carrying_out, engine, falling_due, office, signatures, who_acts
from rulebook.tree import ROOT
from state_machines.processes import PROCESSES

Line = tuple[str, str, str]
COLUMNS = ("kind", "process", "what")
# What the last run tried, and what every whole run must.
LAST = ROOT / "build" / "tests" / "tried.csv"
KEPT = ROOT / "tests" / "data" / "tried.csv"

found: set[Line] = set()
_here = local()
# The fields by which one effect of a step is told from another.
_NAMED = ("document", "relation", "kind", "to", "register", "of", "kinds", "documents")


def read(path: Path) -> set[Line]:
    """The lines of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["process"], row["what"]) for row in csv.DictReader(file)}


def write(path: Path, lines: Iterable[Line]) -> None:
    """Write a file of lines, in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *sorted(lines)])


def watch() -> None:
    """Write down from now on what comes through the door of this process."""
    _follow("execute", _taken, engine, falling_due)
    _follow("refusals", _judged, engine)
    _follow("create_case", _begun, engine)
    _follow("carry_out", _carried_out, engine)
    _follow("roles_now", _asked, engine)
    _follow("execution_at_counter", _at_counter, office)
    _follow("execution_of", _by_hand, who_acts, office, signatures)
    for name, flag in (("_rehearsed", "rehearsed"), ("verdicts", "reading")):
        setattr(office.Office, name, _flagged(getattr(office.Office, name), flag))
    Problem.__init__ = _around(Problem.__init__, _told)  # type: ignore[method-assign]


def _follow(name: str, then: Callable[..., None], *places: object) -> None:
    """Let `then` be told of every call of a function wherever it is known by that name. Raises
    AttributeError where it is not any more: nothing would be tried there, and nobody told."""
    watched = _around(getattr(places[0], name), then)
    for place in places:
        getattr(place, name)
        setattr(place, name, watched)


@contextmanager
def _under(flag: str) -> Iterator[None]:
    before = getattr(_here, flag, False)
    setattr(_here, flag, True)
    try:
        yield
    finally:
        setattr(_here, flag, before)


@contextmanager
def apart() -> Iterator[set[Line]]:
    """What is tried meanwhile, also for itself; it is whole at the end."""
    before = set(found)
    found.clear()
    lines: set[Line] = set()
    try:
        yield lines
    finally:
        lines |= found
        found.update(before)


def rehearsed() -> Any:
    """For an office that keeps nothing: what is taken was no way that a case went."""
    return _under("rehearsed")


def _around(plain: Callable[..., Any], then: Callable[..., None]) -> Callable[..., Any]:
    """The function, and `then` with what it gave or raised and its arguments."""

    @wraps(plain)
    def watched(*arguments: Any, **options: Any) -> Any:
        try:
            given = plain(*arguments, **options)
        except Problem as problem:
            then(problem, *arguments, **options)
            raise
        then(given, *arguments, **options)
        return given

    return watched


def _flagged(plain: Callable[..., Any], flag: str) -> Callable[..., Any]:
    @wraps(plain)
    def flagged(*arguments: Any, **options: Any) -> Any:
        with _under(flag):
            return plain(*arguments, **options)

    return flagged


def _note(kind: str, process: str, *what: str) -> None:
    if process in PROCESSES or not process:
        found.add((kind, process, " ".join(what)))


def _taken(given: Any, act: Any) -> None:
    process, step = act.process.key, act.step.name
    if isinstance(given, GuardRefused):
        for reason in given.extra["reasons"]:
            _note("refusal", process, step, reason["code"])
    elif not isinstance(given, Problem) and not getattr(_here, "rehearsed", False):
        _note("exit", process, act.source, step, act.target)
        for state in (act.source, act.target, act.case.state, *act.case.tracks.values()):
            _note("state", process, state)


def _judged(given: Any, act: Any, *, with_input: bool = True) -> None:
    if not with_input or isinstance(given, Problem):
        return
    for refusal in given:
        _note("refusal", act.process.key, act.step.name, refusal.code)


def _begun(given: Any, *_: Any, **__: Any) -> None:
    if not isinstance(given, Problem):
        for state in (given.state, *given.tracks.values()):
            _note("state", given.process, state)


def _carried_out(given: Any, act: Any, *_: Any) -> None:
    if isinstance(given, Problem) or getattr(_here, "rehearsed", False):
        return
    for document in act.issued:
        _note("paper", act.process.key, document.key)
    for effect in act.step.effects:
        if carrying_out._applies(act, effect):
            named = next((getattr(effect, name) for name in _NAMED if hasattr(effect, name)), "")
            what = named if isinstance(named, str) else " ".join(named)
            _note("effect", act.process.key, act.step.name, type(effect).__name__, what)


def _asked(given: Any, process: Any, case: Any, step: Any) -> None:
    track = process.track_of(step.name)
    at = case.tracks.get(track.name) if track else case.state
    _here.asked = (process.key, at or "", step.name)


def _by_hand(given: Any, *_: Any) -> None:
    process, *what = getattr(_here, "asked", ("", "", ""))
    if not process or getattr(_here, "reading", False):
        return
    if isinstance(given, NotAllowed):
        _note("stranger", process, *what)
    elif not isinstance(given, Problem):
        _note("role", process, *what, given.role.value)


def _at_counter(given: Any, *_: Any) -> None:
    process, *what = getattr(_here, "asked", ("", "", ""))
    if process and not isinstance(given, Problem):
        _note("counter", process, *what)


def _told(_: None, problem: Problem, *__: Any, **___: Any) -> None:
    _note("problem", "", problem.type)
    for reason in problem.extra["reasons"] if isinstance(problem, GuardRefused) else ():
        _note("refusal", "", reason["code"])
