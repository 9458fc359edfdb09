"""Whether the house stands (健康检查)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request

from api.web.access import TheOffice
from api.web.documentation import problems
from casework.deadlines import duty_book as duties
from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, NOTICES, DutyState
from casework.duties import roots_out
from casework.duties.overseeing import backlog_of

router = APIRouter(tags=["运行"])


@dataclass(frozen=True)
class DutyHealth:
    """How a duty of the house stands, by the machine's clock: when it was last done, how long ago,
    and whether that is longer than `alarm_after_minutes` (or it has never been done)."""

    last_success: datetime | None
    age_seconds: int | None
    alarm_after_minutes: int
    overdue: bool


@dataclass(frozen=True)
class RootsHealth:
    """The daily roots: when one was sealed last (by the office's calendar), when each of the
    `places` that they are handed out to had all of them, and how many of these have not now."""

    last_sealed: datetime | None
    last_handed_out: datetime | None
    places: int
    failing: int


@dataclass(frozen=True)
class Backlog:
    """What waits for a duty, and since when (by the office's calendar)."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True)
class Health:
    """200 means that the database answers, so that this web can serve.

    All else is for information, and to be watched: without Prefect, or with an overdue sweep,
    deadlines are kept when a case is touched, and the web is what does so. `writable` says whether
    the database takes what is written; without that only reading goes on. `sweep` is the duty of
    letting happen what fell due, `daily` the day's proof; `duties` are all, by their names, and
    `backlog` is what waits for those that cannot wait.
    """

    database: bool
    writable: bool
    prefect: bool
    sweep: DutyHealth
    daily: DutyHealth
    duties: dict[str, DutyHealth]
    backlog: dict[str, Backlog]
    roots: RootsHealth


@router.get("/healthz", summary="健康检查", responses=problems(503))
def health(office: TheOffice, request: Request) -> Health:
    with office.database.session() as session:
        known = {state.duty: _health(state) for state in duties.states(office, session)}
        out = roots_out.standing(session)
        backlog = {
            duty.name: Backlog(waiting or 0, oldest)
            for duty in (DUE_CLOCKS, NOTICES)
            for waiting, oldest in [backlog_of(office, session, duty)]
        }
    prefect = request.app.state.prefect.healthy()
    return Health(
        database=True,
        writable=office.database.is_writable(),
        prefect=prefect,
        sweep=known[DUE_CLOCKS.name],
        daily=known[DAILY_PROOF.name],
        duties=known,
        backlog=backlog,
        roots=RootsHealth(out.last_sealed, out.last_handed_out, len(out.places), out.failing),
    )


def _health(state: DutyState) -> DutyHealth:
    return DutyHealth(
        state.last_success, state.age_seconds, state.alarm_after_minutes, state.overdue
    )
