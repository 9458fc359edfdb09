"""Reminders (提醒): before a time ends, to whoever has the next move.

A licence about to expire and an annual duty are reminded of because their clocks declare it. Which
of the three duties reminds follows from the rulebook key of the days before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile
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
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.acts.notices import PARTY, enqueue_unless_there
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import in_chinese, legal_date
from casework.deadlines.duty_book import ANNUAL_DUTIES, LICENCE_EXPIRY, REMINDERS, Duty
from casework.deadlines.next_day import day_of_clock
from casework.duties.one_by_one import EVERYTHING, Scope, may_be_tried, one_by_one
from casework.kernel.office import Office
from casework.models import Authority, Case, CaseClock, Notice, ProcessVersion, SweepFailure
from casework.rules.rule_cache import Rules
from rulebook.models import KeySetting
from state_machines.language.vocabulary import Clock, Process, Remind, Role
from state_machines.licences import TO_BE_RENEWED

# Whatever is of no other duty is a reminder of a time limit.
_DUTY_OF = {
    "reminder.licence_expiry": LICENCE_EXPIRY,
    "reminder.verification": ANNUAL_DUTIES,
    "reminder.year_report": ANNUAL_DUTIES,
}


def send_reminders(
    office: Office,
    scope: Scope = EVERYTHING,
    *,
    duty: Duty | None = None,
    limit: int = 1000,
) -> SweepReport:
    """Put every reminder of a duty, or of all three, whose day has come into the outbox, each once,
    at most `limit`.

    A clock's `remind` names a rulebook key with days before the due date (到期提醒), be it the end
    of a licence or of a time limit. If several of these days have gone by at once, only the latest
    reminder is sent, and its line says which ones it passed by. A case with a clock that fell due
    waits for `fire_due_clocks`: what is left to remind of may be another thing afterwards.
    """
    now = office.time.now()
    today = legal_date(now)
    with office.database.session() as session:
        slots = [slot for slot in _slots(office, session, today) if duty in (None, slot.duty)]
        # Those found are matched with the slots by hash, not each with each.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        due = _due_reminders(slots, now, scope, duty or REMINDERS).limit(limit)
        rows = session.execute(due).all() if slots else []

    def remind(row: Any) -> str | None:
        return office.database.in_transaction(
            lambda session: _remind(office, session, row, slots[row.slot], now)
        )

    if scope.dry_run:
        return SweepReport(done=[_line(row, slots[row.slot]) for row in rows])
    return one_by_one(office, duty or REMINDERS, rows, remind)


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

    @property
    def duty(self) -> Duty:
        """Which duty reminds of it."""
        return _DUTY_OF.get(self.remind.offsets, REMINDERS)


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


def _due_reminders(
    slots: list[_Slot], now: datetime, scope: Scope, duty: Duty = REMINDERS
) -> Select[Any]:
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
        .where(Case.next_due > now, scope.of_cases)
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
            (SweepFailure.case_id == found.c.case_id) & (SweepFailure.sweep == duty.name),
        )
        .where(may_be_tried(now))
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
    if _is_settled(slot, case):
        return None  # it has been applied for, or is not to be
    rules = office.rules.current(session)
    of_party = day_of_clock(office, session, case, run) if slot.remind.to == PARTY else None
    to_know = of_party.text if of_party else ""
    body = _body(rules, case, slot, row.due_on, legal_date(now), to_know)
    sent = enqueue_unless_there(
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
    told = _line(row, slot)
    passed = "、".join(f"前{days}日" for days in _unsent(session, row.key, slot))
    return f"{told}（{passed}的提醒已过期，不再补发）" if passed else told


def _is_settled(slot: _Slot, case: Case) -> bool:
    """Whether the renewal of a licence has been applied for, or is not to be."""
    to_do = TO_BE_RENEWED.get(case.process)
    return slot.duty is LICENCE_EXPIRY and to_do is not None and case.state not in to_do


def _line(row: Any, slot: _Slot) -> str:
    to = "当事人" if slot.remind.to == PARTY else Role(slot.remind.to).label
    return f"{row.number} {slot.clock.label} {row.due_on:%Y-%m-%d} 前{slot.offset}日，告{to}"


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
    steps = "、".join(f"“{label}”" for label in _expected(process, case, slot.remind.to))
    ask = f"请在届满前办理{steps}。" if steps else f"{_setting(rules, slot, today).law}。"
    said = f"{to_know}。" if to_know else ""
    if slot.duty is LICENCE_EXPIRY and case.process in TO_BE_RENEWED:
        licence, why = case.data["application"], _setting(rules, slot, today).law
        return (
            f"{licence['place_name']}的{process.label}（{licence['number']}）有效期至"
            f"{in_chinese(due)}{law}，{when}。{said}{why}。"
            "办理方式：登录后在“许可证”页面选择该证申请延续，或者到发证机关窗口办理。"
        )
    return (
        f"{process.label}（{case.number}）的“{clock.label}”将于{in_chinese(due)}届满{law}，{when}。"
        f"{said}当前状态：{state}。{ask}"
    )


def _setting(rules: Rules, slot: _Slot, today: date) -> KeySetting:
    """The key by which it is reminded."""
    return rules.setting(slot.remind.offsets, today, slot.region)


def _expected(process: Process, case: Case, to: str) -> list[str]:
    """Labels of the steps that the addressee is expected to take in the present state."""
    role = Role.APPLICANT if to == PARTY else Role(to)
    here = {case.state, *case.tracks.values()}
    steps = (*process.steps, *(s for track in process.tracks for s in track.steps))
    return [s.label for s in steps if role in s.by and any(map(s.awaited_in, here))]
