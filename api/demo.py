"""The demo's calendar (演示日历): what it shows, and turning it forward. Only demos have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fastapi import APIRouter, Request

from api.access import Member, TheOffice
from api.bodies import Turning
from api.documentation import problems
from api.prefect_client import Prefect
from casework import accounts
from casework.actors import Actor
from casework.office import Office
from casework.problems import BadInput, NotAllowed
from casework.reading import reader_of
from casework.timekeeping import Timekeeper, legal_date, start_of
from state_machines.vocabulary import Role

router = APIRouter(prefix="/demo", tags=["演示"])

_TURNERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
_SWEPT = "日历已调整，已请 Prefect 立即巡查：到期事项几秒内处理"
_NOT_SWEPT = "日历已调整；Prefect 未在线，到期事项在办理该案或下次巡查时处理，结果相同"


class Turnable(Timekeeper, Protocol):
    """A time that can be turned forward. Both raise BadDate for a time that has passed."""

    def advance(self, days: int) -> datetime:
        """Turn forward by whole days."""

    def turn_to(self, instant: datetime) -> datetime:
        """Turn forward to an instant."""


@dataclass(frozen=True)
class Clock:
    """The demo's present time."""

    now: datetime
    today: date


@dataclass(frozen=True)
class Turned:
    """The demo's time after turning it, and whether the sweeps were asked to run."""

    now: datetime
    today: date
    swept: bool
    text: str


def turn(
    office: Office,
    time: Turnable,
    prefect: Prefect,
    actor: Actor,
    *,
    days: int | None = None,
    to: date | datetime | None = None,
) -> Turned:
    """Turn the calendar by days or to a day, take live log-ins along, and ask for a sweep.

    Raises NotAllowed for anyone but supervisors and administrators, BadInput, BadDate.
    """
    with office.database.session() as session:
        if not reader_of(office, session, actor).roles & _TURNERS:
            raise NotAllowed("演示日历由督办人员或系统管理员调整")
    if (days is None) == (to is None):
        raise BadInput("请填写前进的天数（advance_days）或目标日期（to），二者选一")
    before = time.now()
    if days is not None:
        after = time.advance(days)
    elif to is not None:
        after = time.turn_to(to if isinstance(to, datetime) else start_of(to))
    with office.database.session() as session:
        accounts.carry_over(session, before, after)
    swept = bool(prefect.sweep())
    return Turned(after, legal_date(after), swept, _SWEPT if swept else _NOT_SWEPT)


@router.get("/clock", summary="演示日历", responses=problems(401))
def clock(actor: Member, office: TheOffice) -> Clock:
    now = office.time.now()
    return Clock(now, legal_date(now))


@router.post("/clock", summary="向前调整演示日历", responses=problems(401, 403, 422))
def turn_clock(body: Turning, actor: Member, office: TheOffice, request: Request) -> Turned:
    state = request.app.state
    return turn(office, state.turnable, state.prefect, actor, days=body.advance_days, to=body.to)
