"""The demo's calendar (演示日历): what it shows, and turning it forward. Only demos have it.

Turning it asks Prefect for a run of every duty. Whether one has been done is not for Prefect to
say but for the record that the duty itself leaves in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from fastapi import APIRouter, Request

from api.web.access import Member, TheOffice
from api.web.bodies import Turning
from api.web.documentation import problems
from api.web.prefect_client import Prefect, RunState
from casework.acts.actors import Actor
from casework.common.demo_time import Turning as Turn
from casework.common.demo_time import keep_turning, latest_turning
from casework.common.problems import BadInput, NotAllowed
from casework.common.timekeeping import ZONE, Timekeeper, legal_date, start_of
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DUE_CLOCKS, DUTIES, DutyState, in_words
from casework.duties.days import is_living_through, passed_over
from casework.kernel.office import Office
from casework.people import accounts
from casework.reading import reader_of
from state_machines.language.vocabulary import Role

DEMO_ONLY = True
router = APIRouter(prefix="/demo", tags=["演示"])

_TURNERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
_NOT_ASKED = (
    "日历已调整；Prefect 未在线，或者流程程序尚未启动，到期事项在办理该案或下次巡查时处理，结果相同"
)
_LATER = "到期事项在办理该案或下次巡查时处理，结果相同"
# A worker that lives begins a run within seconds.
_SOON = timedelta(minutes=1)

Standing = Literal["done", "running", "waiting", "failed", "unknown", "not_asked"]


class Turnable(Timekeeper, Protocol):
    """A time that can be turned forward. Both raise BadDate for a time that has passed."""

    def advance(self, days: int) -> datetime:
        """Turn forward by whole days."""

    def turn_to(self, instant: datetime) -> datetime:
        """Turn forward to an instant."""


@dataclass(frozen=True)
class DutyProgress:
    """What has become of a duty since the calendar was turned. Only `done` means that all that the
    new day brings has been done; `text` says it in Chinese."""

    duty: str
    state: Standing
    text: str


@dataclass(frozen=True)
class Clock:
    """The demo's present time, and what has become of the duties since it was last turned."""

    now: datetime
    today: date
    duties: tuple[DutyProgress, ...]


@dataclass(frozen=True)
class Turned:
    """The demo's time after turning it. `asked` names the duties that Prefect was asked to run;
    `swept` says whether deadlines have been kept up to the new time, which takes some seconds:
    `duties` of `GET /demo/clock` tell how it goes on."""

    now: datetime
    today: date
    asked: tuple[str, ...]
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
    """Turn the calendar by days or to a day, take live log-ins along, and ask for every duty.

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
    runs = prefect.run_all()
    with office.database.session() as session:
        keep_turning(session, Turn(after, office.machine.now(), runs))
        swept = _is_done(duty_book.state_of(office, session, DUE_CLOCKS), after)
    return Turned(after, legal_date(after), tuple(runs), swept, _asked(tuple(runs)))


def progress(office: Office, prefect: Prefect) -> tuple[DutyProgress, ...]:
    """What has become of each duty since the calendar was last turned; empty if it never was."""
    with office.database.session() as session:
        turned = latest_turning(session)
        states = duty_book.states(office, session)
    if turned is None:
        return ()
    pending = any(not _is_done(state, turned.to) for state in states)
    runs = prefect.runs(turned.runs.values()) if pending and turned.runs else {}
    waited = office.machine.now() - turned.at
    days = len(passed_over(office)) if pending else 0
    before = ""
    if days and is_living_through(office):
        before = f"逐日补办（还有 {days} 天）"
    elif _at_work(office.machine.now(), states, runs or {}):
        before = "办理前面的事项"
    return tuple(_progress(state, turned, runs, waited, before) for state in states)


def _at_work(now: datetime, states: tuple[DutyState, ...], runs: dict[str, RunState]) -> bool:
    """Whether a run is under way, or one has just ended and the next begins in a moment."""
    lately = [state.last_success for state in states if state.last_success]
    return any(run.type == "RUNNING" for run in runs.values()) or any(
        now - at <= _SOON for at in lately
    )


def _is_done(state: DutyState, to: datetime) -> bool:
    return state.done_to is not None and state.done_to >= to


def _asked(names: tuple[str, ...]) -> str:
    if not names:
        return _NOT_ASKED
    labels = "、".join(DUTIES[name].label if name in DUTIES else name for name in names)
    left = "、".join(duty.label for name, duty in DUTIES.items() if name not in names)
    missed = f"；没有请到的：{left}" if left else ""
    return f"日历已调整，已请 Prefect 立即运行：{labels}{missed}。处理完毕与否，见“演示日历”页面"


def _progress(
    state: DutyState,
    turned: Turn,
    runs: dict[str, RunState] | None,
    waited: timedelta,
    before: str,
) -> DutyProgress:
    """How far a duty is that was `waited` for so long; `before` says what is at work meanwhile."""

    def at(standing: Standing, text: str) -> DutyProgress:
        return DutyProgress(state.duty, standing, f"{state.label}：{text}")

    if _is_done(state, turned.to):
        return at("done", f"已处理完毕，到 {turned.to.astimezone(ZONE):%Y-%m-%d %H:%M} 为止")
    if state.duty not in turned.runs:
        return at("not_asked", f"没有请到 Prefect 运行；{_LATER}")
    if runs is None:
        return at("unknown", f"Prefect 没有答复，不知道是否已经开始；{_LATER}")
    run = runs.get(turned.runs[state.duty])
    if run is None:
        return at("unknown", f"Prefect 已没有这次运行的记录；{_LATER}")
    if run.type in ("RUNNING", "CANCELLING"):
        return at("running", "正在处理")
    if run.type == "COMPLETED":  # it met another one that had begun before, and left
        return at("running", f"正在由另一次运行{before or '处理'}")
    if run.type in ("SCHEDULED", "PENDING", "PAUSED"):
        if waited <= _SOON:
            return at("waiting", "已排队，几秒内开始")
        if before:
            return at("waiting", f"已排队 {in_words(waited)}，正在等待另一次运行{before}")
        return at(
            "waiting",
            f"已排队 {in_words(waited)}，还没有开始：流程程序可能没有运行；{_LATER}",
        )
    reason = f"，{run.message}" if run.message else ""
    return at("failed", f"没有完成（Prefect：{run.name}{reason}）；{_LATER}")


@router.get("/clock", summary="演示日历", responses=problems(401))
def clock(actor: Member, office: TheOffice, request: Request) -> Clock:
    now = office.time.now()
    return Clock(now, legal_date(now), progress(office, request.app.state.prefect))


@router.post("/clock", summary="向前调整演示日历", responses=problems(401, 403, 422))
def turn_clock(body: Turning, actor: Member, office: TheOffice, request: Request) -> Turned:
    state = request.app.state
    return turn(office, state.turnable, state.prefect, actor, days=body.advance_days, to=body.to)
