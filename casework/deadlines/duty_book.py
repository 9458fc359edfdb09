"""Duties that the house does by itself (自动值守): when each was last done, and when to worry.

Kept by the machine's clock, since the question is whether somebody works and not which day it is;
only how far the work has come follows the office's calendar, which a demo turns forward.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casework.common.problems import bad_field
from casework.common.timekeeping import CLOCKS_APART, legal_date, to_the_second
from casework.kernel.office import Office
from casework.models import Authority, DutyRun

# A run that meets another one waits this long for its end before it leaves.
_PATIENCE = "20s"
# Whoever broke a run off is often there again before.
_TAKEN_UP = timedelta(minutes=1)


@dataclass(frozen=True)
class Duty:
    """A duty, under the name of its flow and its deployment.

    It is done for each authority apart (`by_authority`), or for the whole house at once.
    `alarm_key` names the rulebook key with the minutes after which its last success is too old;
    `longest` is how long one run may take; `without` says what goes undone, and `by_hand` what to
    do.
    """

    name: str
    label: str
    alarm_key: str
    longest: timedelta
    without: str
    by_authority: bool = True
    by_hand: str = "可在服务器上执行 nuoxin sweep 手工办理"

    @property
    def often(self) -> bool:
        """Whether it is done every few minutes, for what cannot wait."""
        return self.alarm_key == _OFTEN

    @property
    def daily(self) -> bool:
        """Whether it is done once a day, and a run has hours for it."""
        return self.alarm_key == _DAILY


_OFTEN, _HOURLY, _DAILY = (
    "duties.sweep_alarm_minutes",
    "duties.hourly_alarm_minutes",
    "duties.daily_alarm_minutes",
)
_SHORT, _LONG = timedelta(minutes=10), timedelta(hours=4)
_MADE_UP = "流程程序（nuoxin flows）每次启动都会补做"

DUE_CLOCKS = Duty(
    "due-clocks",
    "时限届满",
    _OFTEN,
    _SHORT,
    "到期事项不会自动处理，要等到有人办理该案时才处理，法定日期不受影响",
)
REMINDERS = Duty("reminders", "到期提醒", _HOURLY, _SHORT, "时限将要届满的，没有人得到提醒")
LICENCE_EXPIRY = Duty(
    "licence-expiry", "许可证到期提醒", _DAILY, _LONG, "许可证将要到期的，当事人没有得到提醒"
)
ANNUAL_DUTIES = Duty(
    "annual-duties", "年度事项提醒", _DAILY, _LONG, "年度报告、校验等将要到期的，当事人没有得到提醒"
)
PUBLICATION = Duty("publication", "公示督办", _DAILY, _LONG, "应当公示、撤下的，没有人得到提醒")
EXCHANGE = Duty(
    "exchange",
    "对外推送",
    _HOURLY,
    timedelta(hours=1),
    "应当公示、撤下的没有推送到对接平台，回执没有取回，要由公示人员登录各平台办理",
)
CHECK_PLANNING = Duty(
    "check-planning",
    "检查计划",
    _DAILY,
    _LONG,
    "当日应当抽取、下达的检查没有安排",
)
DIGEST = Duty("digest", "每日工作摘要", _DAILY, _LONG, "各岗位没有收到当日的工作摘要")
NOTICES = Duty("notices", "通知送出", _OFTEN, _SHORT, "通知留在待发箱里，没有送出")
IMPORTS = Duty("imports", "外部数据导入", _HOURLY, _LONG, "上传的外部数据没有导入")
RATINGS = Duty(
    "ratings",
    "信用等级重评",
    _DAILY,
    _LONG,
    "因时间经过而变化的信用等级没有重评",
    by_authority=False,
    by_hand=_MADE_UP,
)
CALENDAR_EDITION = Duty(
    "calendar-edition",
    "时限重算",
    _DAILY,
    _LONG,
    "新公布的放假安排没有用于重算时限",
    by_authority=False,
    by_hand=_MADE_UP,
)
DAILY_PROOF = Duty(
    "daily-proof",
    "每日存证和核验",
    _DAILY,
    _LONG,
    "当日的存证和全库核验没有进行",
    by_authority=False,
    by_hand="可在服务器上执行 nuoxin seal 和 nuoxin verify",
)
HOUSEKEEPING = Duty(
    "housekeeping",
    "清理",
    _DAILY,
    _LONG,
    "过期的登录、验证码和未提交的表单没有清除",
    by_authority=False,
    by_hand=_MADE_UP,
)
# In this order: what fell due comes before reminders of what is left, and notices go out last.
DUTIES = {
    duty.name: duty
    for duty in (
        CALENDAR_EDITION,
        DUE_CLOCKS,
        REMINDERS,
        LICENCE_EXPIRY,
        ANNUAL_DUTIES,
        PUBLICATION,
        EXCHANGE,
        RATINGS,
        CHECK_PLANNING,
        DIGEST,
        NOTICES,
        IMPORTS,
        DAILY_PROOF,
        HOUSEKEEPING,
    )
}
# No duty of the house: only that one run at a time goes through the days that a demo's calendar was
# turned over, and does all duties as of each, beside whoever else is at one.
LIVING_THROUGH = Duty(
    "living-through", "逐日补办", "", DAILY_PROOF.longest, "", by_authority=False, by_hand=""
)
# Of whom the whole house is, and what belongs to no authority.
HOUSE = ""


@dataclass(frozen=True)
class DutyState:
    """How a duty stands, for all that were asked about: by the one that lags most. Instants are the
    machine's, but `done_to`, up to which by the office's calendar everything has been done. `alarm`
    says what is wrong, and is empty otherwise; `paused` names the authorities for which it rests.
    """

    duty: str
    label: str
    last_success: datetime | None
    age_seconds: int | None
    alarm_after_minutes: int
    overdue: bool
    alarm: str
    done_to: datetime | None
    paused: tuple[str, ...] = ()

    @property
    def age(self) -> str:
        """How long ago it was last done, in Chinese; empty if it never was."""
        if self.age_seconds is None:
            return ""
        return in_words(timedelta(seconds=self.age_seconds))


@dataclass
class Shift:
    """One run of a duty; it counts as done unless `error` says otherwise when it ends. `done` and
    `failed` count what it did."""

    error: str | None = None
    done: int = 0
    failed: int = 0


@contextmanager
def on_duty(
    office: Office,
    duty: Duty,
    authority: str = HOUSE,
    *,
    alone: bool = True,
    patient: bool = True,
) -> Iterator[Shift | None]:
    """Put on record that a duty is being done for an authority, and how it ended.

    Gives None if it rests, or if another run is at it, whose end the `patient` wait for a while:
    then leave quietly. The lock is a session's, so that it goes with whoever dies, and only spares
    work: what a run does is safe beside another one. So whoever must get on takes part with
    `alone=False`, and a run that has taken longer than any may is waited for by nobody.
    """
    with _lock(office, duty, authority, patient) if alone else nullcontext(True) as free:
        if not free and not _hangs(office, duty, authority):
            yield None
            return
        done_to = office.time.now()
        if not _begin(office, duty, authority, is_alone=alone and free):
            yield None
            return
        shift = Shift()
        try:
            yield shift
        except Exception as error:
            shift.error = f"{type(error).__name__}：{error}"
            raise
        except BaseException:  # whoever ran it was told to stop
            shift.error = "运行被中断"
            raise
        finally:
            _end(office, duty, authority, shift, done_to)


def extent(session: Session, duty: Duty) -> tuple[str, ...]:
    """For whom a duty is to be done: the codes of the authorities, or the whole house, also where
    there is no authority yet."""
    return _extent(duty, session.scalars(select(Authority.code).order_by(Authority.id)).all())


def _extent(duty: Duty, codes: Sequence[str]) -> tuple[str, ...]:
    if not (duty.by_authority and codes):
        return (HOUSE,)
    # A message with a one-time code is of no authority, and somebody waits for it.
    return (HOUSE, *codes) if duty is NOTICES else tuple(codes)


def state_of(
    office: Office, session: Session, duty: Duty, authorities: Collection[str] | None = None
) -> DutyState:
    """How a duty stands now, for these authorities or for all. Raises Misconfigured if the rulebook
    has no key for its alarm."""
    return next(_states(office, session, [duty], authorities))


def states(
    office: Office, session: Session, authorities: Collection[str] | None = None
) -> tuple[DutyState, ...]:
    """How every duty stands now, for these authorities or for all."""
    return tuple(_states(office, session, DUTIES.values(), authorities))


def _states(
    office: Office,
    session: Session,
    duties: Collection[Duty],
    authorities: Collection[str] | None,
) -> Iterator[DutyState]:
    """How each of these stands, by two statements: whoever watches the house asks often."""
    codes = session.scalars(select(Authority.code).order_by(Authority.id)).all()
    known = session.scalars(
        select(DutyRun).where(DutyRun.duty.in_([duty.name for duty in duties]))
    ).all()
    for duty in duties:
        minutes = _alarm_minutes(office, session, duty)
        duty_runs = [
            run
            for run in known
            if run.duty == duty.name
            and (authorities is None or run.authority in authorities or run.authority == HOUSE)
        ]
        # What was done for all before there was an authority says nothing once there is one.
        asked = [run for run in duty_runs if run.authority in _extent(duty, codes)] or duty_runs
        yield _state(office, duty, minutes, asked)


def _state(office: Office, duty: Duty, minutes: int, asked: Sequence[DutyRun]) -> DutyState:
    runs = [run for run in asked if run.paused_at is None]
    rests = bool(asked) and not runs
    last = _earliest([run.succeeded_at for run in runs])
    now = office.machine.now()
    age = max(timedelta(), now - last) if last else None
    # By a clock that was set back nothing would be too old for as long as it was.
    set_back = last if last and last - now > CLOCKS_APART else None
    late = age is None or set_back is not None or age > timedelta(minutes=minutes)
    overdue = not rests and late
    error = next((run.error for run in runs if run.error), None)
    return DutyState(
        duty.name,
        duty.label,
        last,
        int(age.total_seconds()) if age is not None else None,
        minutes,
        overdue,
        _alarm(duty, age, minutes, error, set_back) if overdue else "",
        _earliest([run.done_to for run in runs if not _just_resumed(run)]),
        tuple(sorted(run.authority for run in asked if run.paused_at is not None)),
    )


def pause(
    office: Office, session: Session, duty: Duty, authority: str, person_id: int, because: str
) -> None:
    """Let a duty rest for an authority until it is resumed. Raises BadInput without a reason."""
    if not because.strip():
        raise bad_field("because", "暂停原因", "请写明")
    said = {
        "paused_at": office.machine.now(),
        "paused_by": person_id,
        "paused_because": because.strip(),
    }
    _put_down(session, duty, authority, said)


def resume(office: Office, session: Session, duty: Duty, authority: str) -> None:
    """Let a duty be done again for an authority."""
    said: dict[str, Any] = dict.fromkeys(("paused_at", "paused_by", "paused_because"))
    _put_down(session, duty, authority, said | {"resumed_at": office.machine.now()})


def _just_resumed(run: DutyRun) -> bool:
    """Whether it has rested and was not done since: its days of rest are nobody's any more."""
    resumed, done = run.resumed_at, run.succeeded_at
    return resumed is not None and (done is None or resumed > done)


def in_words(span: timedelta) -> str:
    """A span as people say it: `3 分钟`."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"


def _alarm(
    duty: Duty, age: timedelta | None, minutes: int, error: str | None, set_back: datetime | None
) -> str:
    since = (
        f"已有 {in_words(age)}没有成功完成（超过 {in_words(timedelta(minutes=minutes))}即报警）"
        if age is not None
        else "还没有成功完成过"
    )
    if set_back:
        since = (
            f"上次完成的时间 {to_the_second(set_back)} 晚于服务器现在的时间，服务器时钟被调回过"
            "（请核对 NTP 对时），不能确定是否按时完成"
        )
    failed = f"最近一次失败：{error}。" if error else ""
    return (
        f"{duty.label}{since}：{duty.without}。{failed}"
        f"请检查 Prefect 和流程程序是否在运行；{duty.by_hand}。"
    )


def _earliest(instants: Sequence[datetime | None]) -> datetime | None:
    """The earliest of them; None if one is missing, or there is none."""
    known = [instant for instant in instants if instant is not None]
    return min(known) if known and len(known) == len(instants) else None


def is_busy(office: Office, duty: Duty, authority: str = HOUSE) -> bool:
    """Whether a run is at a duty that lives."""
    with _lock(office, duty, authority, patient=False) as free:
        return not free


def broken_off(office: Office) -> tuple[Duty, ...]:
    """The duties of which a run was broken off, and that nobody has taken up within a minute."""
    with office.database.session() as session:
        found = session.execute(
            select(DutyRun.duty, DutyRun.authority).where(
                DutyRun.duty.in_(DUTIES),
                DutyRun.begun_at < office.machine.now() - _TAKEN_UP,
                DutyRun.ended_at.is_(None),
                DutyRun.paused_at.is_(None),
            )
        ).all()
        runs = [(DUTIES[name], authority) for name, authority in found]
        left = {
            duty
            for duty, authority in runs
            if authority in extent(session, duty) and not is_busy(office, duty, authority)
        }
    return tuple(duty for duty in DUTIES.values() if duty in left)


@contextmanager
def _lock(office: Office, duty: Duty, authority: str, patient: bool) -> Iterator[bool]:
    """Whether the duty's lock was free, now or within a while; it is held until the end."""
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
        yield _lock_taken(connection, duty, authority, patient)


def _lock_taken(connection: Connection, duty: Duty, authority: str, patient: bool) -> bool:
    """Whether the lock was got: at once, or within a while if `patient`."""
    key = func.hashtextextended(f"nuoxin/duty/{duty.name}/{authority}", 0)
    if not patient:
        return bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
    try:
        connection.execute(select(func.pg_advisory_lock(key)))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True


def _hangs(office: Office, duty: Duty, authority: str) -> bool:
    """Whether whoever holds the lock has been at it for longer than any run may take."""
    with office.database.session() as session:
        run = session.get(DutyRun, (duty.name, authority))
    return (
        run is not None
        and run.begun_at is not None
        and run.ended_at is None
        and office.machine.now() - run.begun_at > duty.longest
    )


def _begin(office: Office, duty: Duty, authority: str, *, is_alone: bool) -> bool:
    """Put down that a run begins, and that the one before was broken off, if it was; says whether
    the duty does not rest."""
    with office.database.session() as session:
        run = session.get(DutyRun, (duty.name, authority))
        if run is not None and run.paused_at is not None:
            return False
        said = {"begun_at": office.machine.now(), "ended_at": None}
        if run is not None and run.begun_at is not None and run.ended_at is None:
            is_told = run.gap_from is not None and run.gap_to is None
            # Whoever lives through days holds no lock of the duty that it is at.
            elsewhere = is_busy(office, *((LIVING_THROUGH,) if is_alone else (duty, authority)))
            if not (is_told or elsewhere):
                said |= {"gap_from": run.begun_at, "gap_to": None}
        _put_down(session, duty, authority, said)
    return True


def _put_down(session: Session, duty: Duty, authority: str, said: dict[str, Any]) -> None:
    statement = insert(DutyRun).values(duty=duty.name, authority=authority, **said)
    session.execute(
        statement.on_conflict_do_update(index_elements=["duty", "authority"], set_=said)
    )


def _end(office: Office, duty: Duty, authority: str, shift: Shift, done_to: datetime) -> None:
    with office.database.session() as session:
        run = session.get(DutyRun, (duty.name, authority), with_for_update=True)
        if run is None:  # by hand, while it rests and was never done
            return
        run.ended_at, run.error = office.machine.now(), shift.error
        run.done, run.failed = shift.done, shift.failed
        if shift.error is None:
            _note_gap(office, session, duty, run, run.ended_at)
            run.succeeded_at = run.ended_at
            run.done_to = max(done_to, run.done_to or done_to)


def _note_gap(office: Office, session: Session, duty: Duty, run: DutyRun, now: datetime) -> None:
    """Keep since when it was left undone, if a run was broken off, or if that was for so long that
    there was an alarm: whoever looks later is told of it."""
    if run.gap_from is not None and run.gap_to is None:
        run.gap_to = now
    since = max((one for one in (run.succeeded_at, run.resumed_at) if one), default=None)
    if run.succeeded_at is None or since is None or not duty.alarm_key:
        return
    minutes = _alarm_minutes(office, session, duty)
    if now - since > timedelta(minutes=minutes):
        run.gap_from, run.gap_to = since, now


def _alarm_minutes(office: Office, session: Session, duty: Duty) -> int:
    today = legal_date(office.time.now())
    return int(office.rules.current(session).value(duty.alarm_key, today, ""))
