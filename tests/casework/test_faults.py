"""All or nothing: whichever statement of a step fails, nothing has changed and it can be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.rules.versions import VersionCache
from tests.support.journeys import usual
from tests.support.records import contents, heads, number_gaps
from tests.support.town import INSPECTORS, NOTICE, Town, application, look, review

pytestmark = pytest.mark.slow

Deed = Callable[[], Any]


class PowerCut(Exception):
    """What nobody foresaw."""


@contextmanager
def interrupted(town: Town, after: int, interrupt: Callable[[Any], None]) -> Iterator[list[str]]:
    """Interrupt once, right after the n-th statement of the office; gives what it executed."""
    executed: list[str] = []

    def count(_conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)
        if len(executed) == after:
            interrupt(cursor)

    event.listen(town.database.engine, "after_cursor_execute", count)
    try:
        yield executed
    finally:
        event.remove(town.database.engine, "after_cursor_execute", count)


def _cut(_cursor: Any) -> None:
    raise PowerCut


def _advance(town: Town, number: str, step: str, by: str, given: Any = None) -> Deed:
    version = town.case(number).version
    said = usual(town.case(number).process, step) if given is None else given
    actor = town.people[by]
    return lambda: town.office.advance(number, step, said, actor, version=version, key="once")


def _submit(town: Town) -> Deed:
    number = town.apply()
    town.attach(number)
    return _advance(town, number, "submit", "applicant")


def _grant(town: Town) -> Deed:
    return _advance(town, town.committed(), "grant", "window")


def _sign(town: Town) -> Deed:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1", look(met=False))
    version = town.case(check).version
    return lambda: town.office.sign(check, "inspect", town.people["inspector2"], version=version)


def _revoke(town: Town) -> Deed:
    check = town.broken(town.granted()).number
    town.take(check, "notify_revocation", "inspector1+inspector2", NOTICE)
    town.take(check, "waive_defence", "applicant")
    town.take(check, "waive_hearing", "applicant")
    town.take(check, "submit_review", "inspector1", {"defence_considered": "已放弃"})
    town.take(check, "pass_review", "legal", review())
    return _advance(town, check, "revoke", "approver")


def _silence(town: Town) -> Deed:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    case_id = town.case(number).id
    town.time.pass_(days=60)
    return lambda: town.office.catch_up(case_id)


def _open(town: Town) -> Deed:
    # By the door itself: what a town remembers is not done again.
    return lambda: town.office.open_case("instant_licence", application(), town.people["applicant"])


DEEDS = {
    "an application is opened": _open,
    "an application is submitted": _submit,
    "a licence is granted": _grant,
    "a second officer signs": _sign,
    "a licence is revoked": _revoke,
    "clocks run out": _silence,
}


@pytest.mark.parametrize("prepare", DEEDS.values(), ids=DEEDS.keys())
def test_a_step_interrupted_after_any_statement_leaves_nothing_half_done(
    town: Town, prepare: Callable[[Town], Deed]
) -> None:
    deed = prepare(town)
    before = contents(town)
    reached = 0
    while True:
        reached += 1
        with interrupted(town, reached, _cut) as executed:
            try:
                deed()
            except PowerCut:
                pass
            else:
                break
        assert contents(town) == before, (
            f"something stayed after statement {reached}: {executed[-1]}"
        )
    assert len(executed) == reached - 1 > 5
    _is_whole(town, before)


@pytest.mark.parametrize("error", [DeadlockDetected, SerializationFailure])
def test_a_deadlock_is_not_the_users_concern(town: Town, error: type[Exception]) -> None:
    deed = _grant(town)
    before = contents(town)

    def collide(_cursor: Any) -> None:
        raise OperationalError("", {}, error())

    with interrupted(town, 20, collide) as executed:
        deed()
    assert len(executed) > 40
    _is_whole(town, before)


def test_a_connection_killed_in_the_middle_leaves_nothing_half_done(town: Town) -> None:
    deed = _grant(town)
    before = contents(town)
    owner = engine_for(town.url, role=None)

    def kill(cursor: Any) -> None:
        with owner.begin() as connection:
            pid = {"pid": cursor.connection.info.backend_pid}
            assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), pid)

    for statement in (1, 5, 12, 20):
        with interrupted(town, statement, kill), pytest.raises(OperationalError):
            deed()
        assert contents(town) == before, f"something stayed, killed after statement {statement}"
    owner.dispose()
    deed()
    _is_whole(town, before)


def test_a_connection_killed_while_nobody_used_it_is_replaced(town: Town) -> None:
    with town.session() as session:
        idle = session.scalar(text("SELECT pg_backend_pid()"))
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": idle})
    owner.dispose()
    with town.session() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != idle


def _is_whole(town: Town, before: dict[str, tuple[int, int]]) -> None:
    """The deed is done at last, once, with numbers that miss none, and the log proves it."""
    assert contents(town) != before
    assert number_gaps(town) == []
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()
    assert all(version < seq for version, _, _, seq in heads(town).values())
