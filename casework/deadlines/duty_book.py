"""Duties that the house does by itself (自动值守): when each was last done, and when to worry.

Kept by the machine's clock, since the question is whether somebody works and not which day it is;
only how far the work has come follows the office's calendar, which a demo turns forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import DutyRun

# A run that meets another one waits this long for its end before it leaves.
_PATIENCE = "20s"


@dataclass(frozen=True)
class Duty:
    """A duty, under the name of its deployment. `alarm_key` names the rulebook key with the minutes
    after which its last success is too old; `longest` is how long one run may take; `without` says
    what goes undone, and `by_hand` what to do."""

    name: str
    label: str
    alarm_key: str
    longest: timedelta
    without: str
    by_hand: str


SWEEP = Duty(
    "sweep",
    "巡查",
    "duties.sweep_alarm_minutes",
    timedelta(minutes=10),
    "到期事项和提醒不会自动处理，要等到有人办理该案时才处理，法定日期不受影响",
    "可在服务器上执行 nuoxin sweep 手工巡查",
)
DAILY = Duty(
    "daily",
    "每日事务",
    "duties.daily_alarm_minutes",
    timedelta(hours=4),
    "时限重算、信用等级重评和每日存证没有进行",
    "流程程序（nuoxin flows）每次启动都会补做",
)
DUTIES = {duty.name: duty for duty in (SWEEP, DAILY)}


@dataclass(frozen=True)
class DutyState:
    """How a duty stands. Instants are the machine's, but `done_to`, up to which by the office's
    calendar everything has been done. `alarm` says what is wrong, and is empty otherwise."""

    duty: str
    label: str
    last_success: datetime | None
    age_seconds: int | None
    alarm_after_minutes: int
    overdue: bool
    alarm: str
    done_to: datetime | None

    @property
    def age(self) -> str:
        """How long ago it was last done, in Chinese; empty if it never was."""
        if self.age_seconds is None:
            return ""
        return in_words(timedelta(seconds=self.age_seconds))


@dataclass
class Shift:
    """One run of a duty; it counts as done unless `error` says otherwise when it ends."""

    error: str | None = None


@contextmanager
def on_duty(office: Office, duty: Duty, *, alone: bool = True) -> Iterator[Shift | None]:
    """Put on record that a duty is being done, and how it ended.

    Gives None if another run is at it, whose end has been waited for a while: then leave quietly.
    The lock is a session's, so that it goes with whoever dies, and only spares work: what a run
    does is safe beside another one. So whoever must get on takes part with `alone=False`, and a
    run that has taken longer than any may is waited for by nobody.
    """
    with _lock(office, duty) if alone else nullcontext(True) as free:
        if not free and not _hangs(office, duty):
            yield None
            return
        done_to = office.time.now()
        _begin(office, duty)
        shift = Shift()
        try:
            yield shift
        except BaseException as error:
            shift.error = f"{type(error).__name__}：{error}"
            raise
        finally:
            _end(office, duty, shift.error, done_to)


def state_of(office: Office, session: Session, duty: Duty) -> DutyState:
    """How a duty stands now. Raises Misconfigured if the rulebook has no key for its alarm."""
    rules, today = office.rules.current(session), legal_date(office.time.now())
    minutes = int(rules.value(duty.alarm_key, today, ""))
    run = session.get(DutyRun, duty.name)
    last = run.succeeded_at if run else None
    age = max(timedelta(), office.machine.now() - last) if last else None
    overdue = age is None or age > timedelta(minutes=minutes)
    return DutyState(
        duty.name,
        duty.label,
        last,
        int(age.total_seconds()) if age is not None else None,
        minutes,
        overdue,
        _alarm(duty, age, minutes, run.error if run else None) if overdue else "",
        run.done_to if run else None,
    )


def states(office: Office, session: Session) -> tuple[DutyState, ...]:
    """How every duty stands now."""
    return tuple(state_of(office, session, duty) for duty in DUTIES.values())


def in_words(span: timedelta) -> str:
    """A span as people say it: `3 分钟`."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"


def _alarm(duty: Duty, age: timedelta | None, minutes: int, error: str | None) -> str:
    since = (
        f"已有 {in_words(age)}没有成功完成（超过 {in_words(timedelta(minutes=minutes))}即报警）"
        if age is not None
        else "还没有成功完成过"
    )
    failed = f"最近一次失败：{error}。" if error else ""
    return (
        f"{duty.label}{since}：{duty.without}。{failed}"
        f"请检查 Prefect 和流程程序是否在运行；{duty.by_hand}。"
    )


@contextmanager
def _lock(office: Office, duty: Duty) -> Iterator[bool]:
    """Whether the duty's lock was free within a while; it is held until the end."""
    with office.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closed at the end, and not given to another: that frees the lock
        # A worker whose machine loses its power is noticed within a minute, not within hours.
        for setting in (
            "tcp_keepalives_idle = 30",
            "tcp_keepalives_interval = 10",
            "tcp_keepalives_count = 3",
            "statement_timeout = 0",
            f"lock_timeout = '{_PATIENCE}'",
        ):
            connection.execute(text(f"SET {setting}"))
        yield _taken(connection, duty)


def _taken(connection: Connection, duty: Duty) -> bool:
    key = func.hashtextextended(f"nuoxin/duty/{duty.name}", 0)
    try:
        connection.execute(select(func.pg_advisory_lock(key)))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True


def _hangs(office: Office, duty: Duty) -> bool:
    """Whether whoever holds the lock has been at it for longer than any run may take."""
    with office.database.session() as session:
        run = session.get(DutyRun, duty.name)
    return (
        run is not None
        and run.ended_at is None
        and office.machine.now() - run.begun_at > duty.longest
    )


def _begin(office: Office, duty: Duty) -> None:
    begun = {"begun_at": office.machine.now(), "ended_at": None}
    statement = insert(DutyRun).values(duty=duty.name, **begun)
    with office.database.session() as session:
        session.execute(statement.on_conflict_do_update(index_elements=["duty"], set_=begun))


def _end(office: Office, duty: Duty, error: str | None, done_to: datetime) -> None:
    with office.database.session() as session:
        run = session.get_one(DutyRun, duty.name, with_for_update=True)
        run.ended_at, run.error = office.machine.now(), error
        if error is None:
            run.succeeded_at = run.ended_at
            run.done_to = max(done_to, run.done_to or done_to)
