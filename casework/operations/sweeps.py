"""What happens when nobody is at the desk (巡查): due clocks, reminders, notices, the daily root.

A sweep is a plain function over `Office`. It takes one case per transaction and passes over what
another worker holds, so any number may run at once; run late or twice, it costs promptness only.
What fails stands aside with its error and its next try, and never blocks the rest.

There is no sweep for single procedures. A licence about to expire is reminded of because its
validity clock declares it; a follow-up check that nobody did is chased because its own clock
escalates. Both are the two sweeps below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    all_,
    cast,
    column,
    delete,
    exists,
    false,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.acts.notices import CODE, PARTY, put_unless_there
from casework.audit import roots
from casework.audit.roots import ROOTS_FILE
from casework.common.problems import Problem
from casework.common.timekeeping import in_chinese, legal_date
from casework.credit import ratings
from casework.deadlines.next_day import day_of_clock
from casework.deadlines.recounting import recount
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    CaseClock,
    Notice,
    Party,
    ProcessVersion,
    SweepFailure,
)
from casework.operations.channels import Channel
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Clock, Escalate, Fire, Process, Remind, Role

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)


@dataclass
class SweepReport:
    """What one run did: a line for each thing done, how many were left to another worker that
    held them, and a line for each failure with its reason."""

    done: list[str] = field(default_factory=list)
    skipped: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = (
            f"完成 {len(self.done)} 项，他处正在办理 {self.skipped} 项，失败 {len(self.failed)} 项"
        )
        return "\n".join([counts, *self.done, *(f"失败：{line}" for line in self.failed)])


def fire_due_clocks(office: Office, *, limit: int = 1000) -> SweepReport:
    """Let every clock that fell due happen, the longest due case first, at most `limit` cases.

    This is what chases follow-up checks (核查超期督办): the check's clock escalates when it falls
    due. A case that fails is tried again after 1, 2, 4 … minutes, at most a day apart.
    """
    now = office.time.now()
    found = (
        select(Case.id.label("case_id"), Case.number, SweepFailure.attempts)
        .outerjoin(SweepFailure, _is_failure("clocks"))
        .where(_may_be_tried(now))
        .order_by(Case.next_due, Case.id)
        .limit(limit)
    )
    with office.database.session() as session:
        rows = [
            *session.execute(found.where(Case.next_due <= now)),
            *session.execute(found.where(_only_told(office, session))),
        ]

    def catch_up(row: Any) -> str | None:
        return row.number if office.catch_up(row.case_id, skip_locked=True) else None

    return _one_by_one(office, "clocks", rows, catch_up)


def _only_told(office: Office, session: Session) -> ColumnElement[bool]:
    """Cases of older versions with a clock that fell due, of which somebody was told and nothing
    more, and which now has a step that the law takes by itself (`transition`)."""
    wanted: ColumnElement[bool] = false()
    for digest in session.scalars(select(ProcessVersion.digest).order_by(ProcessVersion.digest)):
        process = office.versions.by_digest(session, digest)
        for clock in process.every_clock:
            if isinstance(clock.on_expiry, Fire) and isinstance(clock.formerly, Escalate):
                states = process.step(clock.on_expiry.step).moves
                fell_due = exists().where(
                    CaseClock.case_id == Case.id,
                    CaseClock.name == clock.name,
                    CaseClock.status == clocks.EXPIRED,
                )
                at = Case.state.in_(states)
                if (track := process.track_of(clock.on_expiry.step)) is not None:
                    at = Case.tracks[track.name].as_string().in_(states)
                wanted = wanted | (
                    (Case.version_digest == digest) & Case.ended_at.is_(None) & at & fell_due
                )
    return wanted


def send_reminders(office: Office, *, limit: int = 1000) -> SweepReport:
    """Put every reminder whose day has come into the outbox, each once, at most `limit`.

    A clock's `remind` names a rulebook key with days before the due date (到期提醒), be it the end
    of a licence or of a time limit. If several of these days have gone by at once, only the latest
    reminder is sent, and its line says which ones it passed by. A case with a clock that fell due
    waits for `fire_due_clocks`: what is left to remind of may be another thing afterwards.
    """
    now = office.time.now()
    today = legal_date(now)
    with office.database.session() as session:
        slots = _slots(office, session, today)
        # Those found are matched with the slots by hash, not each with each.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        rows = session.execute(_due_reminders(slots, now).limit(limit)).all() if slots else []

    def remind(row: Any) -> str | None:
        return office.database.in_transaction(
            lambda session: _remind(office, session, row, slots[row.slot], now)
        )

    return _one_by_one(office, "reminders", rows, remind)


def deliver_notices(office: Office, channel: Channel, *, limit: int = 1000) -> SweepReport:
    """Hand undelivered notices over to a channel, the oldest first, at most `limit`.

    Each is handed over by one worker only. If the machine fails between the hand-over and the
    commit it goes out again, so the channel is given its key. What the channel refuses is tried
    again after 1, 2, 4 … minutes, at most a day apart; supervisors see the error on the notice.
    """
    now = office.time.now()
    report = SweepReport()
    with office.database.session() as session:
        ids = session.scalars(
            select(Notice.id)
            .where(Notice.delivered_at.is_(None), Notice.next_try_at <= now)
            .order_by(Notice.next_try_at, Notice.id)
            .limit(limit)
        ).all()
    for notice_id in ids:
        with office.database.session() as session:
            notice = session.scalar(
                select(Notice)
                .where(Notice.id == notice_id, Notice.delivered_at.is_(None))
                .with_for_update(skip_locked=True)
            )
            if notice is None:
                report.skipped += 1
                continue
            notice.attempts += 1
            try:
                channel.deliver(notice)
            except Exception as error:  # whatever a channel raises: the next notice still goes out
                notice.last_error = _told(error)
                notice.next_try_at = now + _wait(notice.attempts)
                report.failed.append(f"{notice.subject}：{notice.last_error}")
            else:
                notice.delivered_at, notice.last_error = now, None
                if notice.kind == CODE:
                    notice.body = "（验证码已送出，不再保存）"
                report.done.append(notice.subject)
    return report


def recount_provisional(office: Office) -> SweepReport:
    """Count again the limits that rest on days not decreed when they began (时限重算); gives a line
    for each that moved."""
    return SweepReport(
        done=[
            f"{moved.case} {moved.clock}：{moved.before or '尚不能计算'} → {moved.after}"
            for moved in recount(office)
            if not moved.kept
        ]
    )


def rate_everybody(office: Office) -> SweepReport:
    """Reckon every rating again (信用等级重评), since items end by time alone; gives a line for
    each that changed, and tells a party whose grade fell or is about to."""
    now = office.time.now()
    today = legal_date(now)
    report = SweepReport()
    with office.database.session() as session:
        parties = ratings.remembered_parties(session, today)
    for party_id in parties:
        with office.database.session() as session:
            rules = office.rules.current(session)
            if ratings.reckon(session, rules, party_id, today, now):
                name = session.get_one(Party, party_id).name
                report.done.append(f"{name}：{ratings.tell(session, rules, party_id, now)}")
    return report


def seal_day(office: Office, folder: Path) -> SweepReport:
    """Seal what the database holds now (每日存证): one root over it all, kept in the database and
    appended to a file in `folder` that is to be copied off this machine. Does nothing if nothing
    came since the day was sealed last."""
    upto = roots.settled(office.database)
    now = office.time.now()
    with office.database.session() as session:
        root = roots.seal(session, upto, now)
        if root is None:
            return SweepReport()
        # Before the commit: a root that could not be written down is not sealed either.
        roots.append(folder / ROOTS_FILE, root)
    return SweepReport(done=[f"{root.day:%Y-%m-%d} {root.hash} {root.cases} 个案件"])


# -- one case at a time ----------------------------------------------------------------------------


def _one_by_one(
    office: Office, sweep: str, rows: Sequence[Any], work: Callable[[Any], str | None]
) -> SweepReport:
    """Work on each row; `work` says what it did, or None if another worker holds the case."""
    report = SweepReport()
    for row in rows:
        try:
            did = work(row)
        except Exception as error:  # whatever went wrong with one case, the next is still due
            report.failed.append(f"{row.number}：{_told(error)}")
            _stand_aside(office, sweep, row.case_id, error)
            continue
        if did is None:
            report.skipped += 1
            continue
        report.done.append(did)
        if row.attempts is not None:
            with office.database.session() as session:
                session.execute(
                    delete(SweepFailure).where(
                        SweepFailure.case_id == row.case_id, SweepFailure.sweep == sweep
                    )
                )
    return report


def _stand_aside(office: Office, sweep: str, case_id: int, error: Exception) -> None:
    now = office.time.now()
    with office.database.session() as session:
        known = session.get(SweepFailure, (case_id, sweep), with_for_update=True)
        attempts = known.attempts + 1 if known else 1
        told = {
            "error": _told(error),
            "attempts": attempts,
            "failed_at": now,
            "next_try_at": now + _wait(attempts),
        }
        statement = insert(SweepFailure).values(case_id=case_id, sweep=sweep, **told)
        session.execute(
            statement.on_conflict_do_update(index_elements=["case_id", "sweep"], set_=told)
        )


def _told(error: Exception) -> str:
    if isinstance(error, Problem):
        return error.detail
    return f"{type(error).__name__}：{error}"


def _wait(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 11)  # 2^11 minutes are more than a day
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def _is_failure(sweep: str) -> ColumnElement[bool]:
    return (SweepFailure.case_id == Case.id) & (SweepFailure.sweep == sweep)


def _may_be_tried(now: datetime) -> ColumnElement[bool]:
    return SweepFailure.next_try_at.is_(None) | (SweepFailure.next_try_at <= now)


# -- reminders -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Slot:
    """One reminder as declared: for which clocks, and for which due dates it is the latest whose
    day has come. `passed_by` are the offsets that lie further back, the nearest first."""

    version: str
    region: str
    process: Process
    clock: Clock
    remind: Remind
    offset: int
    first_due: date
    last_due: date
    passed_by: tuple[int, ...]


def _slots(office: Office, session: Session, today: date) -> list[_Slot]:
    rules = office.rules.current(session)
    regions = session.scalars(select(Authority.region).distinct()).all()
    versions = session.scalars(select(ProcessVersion.digest).order_by(ProcessVersion.digest)).all()
    slots: list[_Slot] = []
    for version in versions:
        process = office.versions.by_digest(session, version)
        for clock, remind in _declared(process):
            for region in regions:
                slots += _slots_of(rules, version, process, clock, remind, region, today)
    return slots


def _declared(process: Process) -> Iterator[tuple[Clock, Remind]]:
    every = (*process.clocks, *(c for track in process.tracks for c in track.clocks))
    return ((clock, remind) for clock in every for remind in clock.remind)


def _slots_of(
    rules: Rules,
    version: str,
    process: Process,
    clock: Clock,
    remind: Remind,
    region: str,
    today: date,
) -> Iterator[_Slot]:
    """The smallest offset is the latest from the due day back to it, the next one from there."""
    offsets = sorted({int(days) for days in rules.value(remind.offsets, today, region)})
    for nearer, offset in pairwise([-1, *offsets]):
        yield _Slot(
            version,
            region,
            process,
            clock,
            remind,
            offset,
            today + timedelta(days=nearer + 1),
            today + timedelta(days=offset),
            tuple(days for days in offsets if days > offset),
        )


def _due_reminders(slots: list[_Slot], now: datetime) -> Select[Any]:
    """Running clocks that a slot fits and whose reminder is not in the outbox yet."""
    # One value, however many slots: a list of them would be another statement to compile each day.
    told = [
        {
            "slot": n,
            "version": s.version,
            "region": s.region,
            "clock": s.clock.name,
            "to": s.remind.to,
            "days": s.offset,
            "first_due": s.first_due.isoformat(),
            "last_due": s.last_due.isoformat(),
        }
        for n, s in enumerate(slots)
    ]
    fits = (
        func.jsonb_to_recordset(literal(told, JSONB))
        .table_valued(
            column("slot", Integer),
            column("version", Text),
            column("region", Text),
            column("clock", Text),
            column("to", Text),
            column("days", Integer),
            column("first_due", Date),
            column("last_due", Date),
            name="fits",
        )
        .render_derived(with_types=True)
    )
    # Most clocks have been reminded of already, and the index on (name, due_on) knows it. Nothing
    # else is looked at before it is clear for which it is still to do.
    asked = select(
        fits.c.clock, fits.c.to, fits.c.days, fits.c.first_due, fits.c.last_due
    ).distinct()
    wanted = asked.cte("wanted")
    end = _end_of_key(CaseClock.due_on, wanted.c.days, wanted.c.to)
    unsent = (
        select(
            CaseClock.id,
            CaseClock.case_id,
            CaseClock.name,
            CaseClock.due_on,
            wanted.c.days,
            wanted.c.to,
        )
        .join(
            wanted,
            (wanted.c.clock == CaseClock.name)
            & CaseClock.due_on.between(wanted.c.first_due, wanted.c.last_due),
        )
        .where(CaseClock.status == clocks.RUNNING, end != all_(CaseClock.reminded))
        .cte("unsent")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    found = (
        select(
            *unsent.c,
            Case.number,
            Case.version_digest,
            Authority.region,
        )
        .select_from(unsent)
        .join(Case, Case.id == unsent.c.case_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(Case.next_due > now)
        .cte("found")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    key = func.concat_ws(
        "/",
        "reminder",
        found.c.case_id,
        found.c.name,
        CaseClock.run,
        _end_of_key(found.c.due_on, fits.c.days, fits.c.to),
    )
    return (
        select(
            found.c.id.label("clock_id"),
            found.c.case_id,
            found.c.due_on,
            found.c.number,
            SweepFailure.attempts,
            fits.c.slot,
            key.label("key"),
        )
        .select_from(found)
        .join(
            fits,
            (fits.c.version == found.c.version_digest)
            & (fits.c.region == found.c.region)
            & (fits.c.clock == found.c.name)
            & (fits.c.days == found.c.days)
            & (fits.c.to == found.c.to)
            & found.c.due_on.between(fits.c.first_due, fits.c.last_due),
        )
        .join(CaseClock, CaseClock.id == found.c.id)
        .outerjoin(
            SweepFailure,
            (SweepFailure.case_id == found.c.case_id) & (SweepFailure.sweep == "reminders"),
        )
        .where(_may_be_tried(now))
        .order_by(found.c.due_on, found.c.id, fits.c.slot)
    )


def _end_of_key(due_on: Any, days: Any, to: Any) -> ColumnElement[str]:
    """What tells a reminder from the others of its clock."""
    return func.concat_ws("/", func.to_char(due_on, "YYYY-MM-DD"), cast(days, Text), to)


def _remind(office: Office, session: Session, row: Any, slot: _Slot, now: datetime) -> str | None:
    """Send one reminder, unless the case has moved on since it was found."""
    case = session.scalar(
        select(Case).where(Case.id == row.case_id).with_for_update(skip_locked=True)
    )
    run = session.get_one(CaseClock, row.clock_id)
    if case is None or (run.status, run.due_on) != (clocks.RUNNING, row.due_on):
        return None
    rules = office.rules.current(session)
    of_party = day_of_clock(office, session, case, run) if slot.remind.to == PARTY else None
    to_know = of_party.text if of_party else ""
    body = _body(rules, case, slot, row.due_on, legal_date(now), to_know)
    sent = put_unless_there(
        session,
        case,
        slot.process,
        key=row.key,
        kind="reminder",
        to=slot.remind.to,
        subject=f"提醒：{slot.clock.label}将于{in_chinese(row.due_on)}届满（{case.number}）",
        body=body,
        now=now,
    )
    run.reminded = [*run.reminded, "/".join(row.key.rsplit("/", 3)[1:])]
    if not sent:
        return None
    told = f"{case.number} {slot.clock.label} {row.due_on:%Y-%m-%d} 前{slot.offset}日"
    passed = "、".join(f"前{days}日" for days in _unsent(session, row.key, slot))
    return f"{told}（{passed}的提醒已过期，不再补发）" if passed else told


def _unsent(session: Session, key: str, slot: _Slot) -> list[int]:
    """Which offsets went by since the last reminder that was sent."""
    run, _, to = key.rsplit("/", 2)
    earlier = {days: f"{run}/{days}/{to}" for days in slot.passed_by}
    sent = set(session.scalars(select(Notice.key).where(Notice.key.in_(earlier.values()))))
    return list(takewhile(lambda days: earlier[days] not in sent, earlier))


def _body(rules: Rules, case: Case, slot: _Slot, due: date, today: date, to_know: str) -> str:
    """What a reminder says; `to_know` is what the day means to the party, if it is told."""
    process, clock = slot.process, slot.clock
    law = f"（{clock.law}）" if clock.law else ""
    left = (due - today).days
    when = f"还有{left}日" if left else "就在今天"
    state = process.state(case.state).label
    setting = rules.setting(slot.remind.offsets, today, slot.region)
    steps = "、".join(f"“{label}”" for label in _expected(process, case, slot.remind.to))
    ask = f"请在届满前办理{steps}。" if steps else f"{setting.law}。"
    said = f"{to_know}。" if to_know else ""
    return (
        f"{process.label}（{case.number}）的“{clock.label}”将于{in_chinese(due)}届满{law}，{when}。"
        f"{said}当前状态：{state}。{ask}"
    )


def _expected(process: Process, case: Case, to: str) -> list[str]:
    """Labels of the steps that the addressee is expected to take in the present state."""
    role = Role.APPLICANT if to == PARTY else Role(to)
    here = {case.state, *case.tracks.values()}
    steps = (*process.steps, *(s for track in process.tracks for s in track.steps))
    return [s.label for s in steps if role in s.by and any(map(s.awaited_in, here))]
