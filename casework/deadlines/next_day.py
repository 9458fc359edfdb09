"""The next day that matters to the party (当事人的下一个日子), in words.

One place for lists, case, licence, portal, public page, renewal draft, delivery and reminders. It
is derived: from the clocks that concern the party (`Clock.concerns_party`) and, for a licence that
expires, from the last day on which its renewal may be applied for, which is no clock of any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.common.timekeeping import ZONE, legal_date
from casework.deadlines.renewals import last_day_to_renew
from casework.kernel.office import Office
from casework.models import Authority, Case, CaseClock
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Clock, Fire, Process, Role, Step
from state_machines.licences import LICENCES, RENEWED_WITHIN, TO_BE_RENEWED

_SOON = timedelta(days=3)
_IN_TIME = "renewal_is_in_time"  # the condition of whoever applies for a renewal
_TERM = "application.valid_until"  # what the clock of a term is anchored to


@dataclass(frozen=True)
class NextDay:
    """A day that the party must know; `text` says it in words, the day included. From
    `pressing_from` on it presses; `passed`: it has gone by, and still means something. `clock` is
    the name of the clock that it comes of."""

    day: date
    text: str
    pressing_from: date
    passed: bool = False
    clock: str = ""


@dataclass(frozen=True)
class _Here:
    """Where a case stands, and by whose rules."""

    rules: Rules
    process: Process
    case: Case
    region: str
    today: date

    @property
    def places(self) -> frozenset[str]:
        """The states of the case and of its tracks."""
        return frozenset((self.case.state, *self.case.tracks.values()))

    def pressing_from(self, clock: Clock, due: date) -> date:
        """The day of the first reminder of a clock's last day."""
        offsets = [
            int(days)
            for remind in clock.remind
            if remind.to == "party"
            for days in self.rules.value(remind.offsets, self.today, self.region)
        ]
        return due - (timedelta(days=max(offsets)) if offsets else _SOON)


def next_day(office: Office, session: Session, case: Case) -> NextDay | None:
    """The next day of one case that matters to its party; None if there is none."""
    return first(party_days(office, session, [case])[case.id])


def first(days: Sequence[NextDay]) -> NextDay | None:
    """The one of a case's days that comes first in importance; None if there is none."""
    return days[0] if days else None


def party_days(
    office: Office,
    session: Session,
    cases: Sequence[Case],
    shown: Callable[[Clock], bool] = lambda _clock: True,
) -> dict[int, tuple[NextDay, ...]]:
    """Every day of these cases that matters to their party, by the case's id, the next one first.

    First comes what has gone by with its consequence and still is to be done, then what lies ahead,
    then what has gone by. Clocks that are not `shown` are left out.
    """
    here = _here(office, session, cases)
    runs: dict[int, list[CaseClock]] = {case.id: [] for case in cases}
    ran_out = CaseClock.ended_at == CaseClock.fires_at
    for run in session.scalars(
        select(CaseClock)
        .where(CaseClock.case_id.in_(list(runs)), CaseClock.ended_at.is_(None) | ran_out)
        .order_by(CaseClock.id)
    ):
        runs[run.case_id].append(run)
    licences = _licences_of_drafts(session, here)
    return {one.case.id: _in_order(one, runs[one.case.id], licences, shown) for one in here}


def day_of_clock(office: Office, session: Session, case: Case, run: CaseClock) -> NextDay | None:
    """What the last day of a clock's run means to the party; None if it concerns others only."""
    [here] = _here(office, session, [case])
    clock = here.process.clock(run.name)
    return _of_clock(here, clock, run) if clock.concerns_party else None


def renewal_day(office: Office, session: Session, case: Case) -> date | None:
    """The last day on which the renewal of a licence may still be applied for; None if that is
    over, was done, or is not to be."""
    [here] = _here(office, session, [case])
    until = _until(case)
    if until is None or case.state not in TO_BE_RENEWED.get(case.process, ()):
        return None
    last = last_day_to_renew(here.rules, case.process, until, here.today, here.region)
    return last if here.today <= last else None


def _here(office: Office, session: Session, cases: Sequence[Case]) -> list[_Here]:
    """The cases, each with what its next day follows from."""
    rules, today = office.rules.current(session), legal_date(office.time.now())
    owners = {case.authority_id for case in cases}
    regions = dict(
        session.execute(select(Authority.id, Authority.region).where(Authority.id.in_(owners)))
        .tuples()
        .all()
    )
    return [
        _Here(
            rules,
            office.versions.by_digest(session, case.version_digest),
            case,
            regions[case.authority_id],
            today,
        )
        for case in cases
    ]


def _in_order(
    here: _Here,
    runs: Sequence[CaseClock],
    licences: Mapping[int, Case],
    shown: Callable[[Clock], bool],
) -> tuple[NextDay, ...]:
    pending: list[NextDay] = []
    ahead: list[NextDay] = []
    behind: list[NextDay] = []
    for run in runs:
        clock = here.process.clock(run.name)
        if not clock.concerns_party or not shown(clock):
            continue
        if run.ended_at is not None:
            if lapsed := _lapsed(here, clock, run):
                pending.append(lapsed)
            continue
        if found := _of_clock(here, clock, run):
            (behind if found.passed else ahead).append(found)
    if draft := _of_draft(here, licences):
        (behind if draft.passed else ahead).append(draft)
    # Of several runs of one clock the last is meant.
    pending = pending[-1:]
    ahead.sort(key=lambda one: one.day)
    behind.sort(key=lambda one: one.day, reverse=True)
    return (*pending, *ahead, *behind)


def _of_clock(here: _Here, clock: Clock, run: CaseClock) -> NextDay | None:
    of_term = clock.anchor == _TERM and here.process.key in RENEWED_WITHIN
    found = _of_term(here, clock) if of_term else _of_run(here, clock, run)
    return replace(found, clock=clock.name) if found else None


def _of_run(here: _Here, clock: Clock, run: CaseClock) -> NextDay | None:
    """What a live run of a clock means to the party."""
    if run.due_on is None:  # it rests, or waits for what it counts from
        return None
    until = _until_when(run)
    pressing = here.pressing_from(clock, run.due_on)
    if run.status == clocks.EXPIRED or run.due_on < here.today:
        return NextDay(run.due_on, _gone(here, clock, until), pressing, passed=True)
    said = clock.says or f"{clock.label}：{{day}}"  # a version of an older release has no words
    return NextDay(run.due_on, said.replace("{day}", until), pressing)


def _lapsed(here: _Here, clock: Clock, run: CaseClock) -> NextDay | None:
    """A limit of the party that ran out, if that is why the case stands where it stands and what
    was to be done still is."""
    if not isinstance(clock.on_expiry, Fire) or clock.binds != "party" or run.due_on is None:
        return None
    led_to = set(here.process.step(clock.on_expiry.step).moves.values()) & here.places
    if run.ended_at != run.fires_at or not any(_only_by_time(here.process, at) for at in led_to):
        return None
    pressing = here.pressing_from(clock, run.due_on)
    return NextDay(run.due_on, _gone(here, clock, _until_when(run)), pressing, passed=True)


def _only_by_time(process: Process, state: str) -> bool:
    """Whether time that ran out, and no person, leads to a state in which a case goes on."""
    ways = [
        step
        for step in process.every_step
        if any(target == state != source for source, target in step.moves.items())
    ]
    by_itself = all(all(role.automatic for role in step.by) for step in ways)
    in_time = any(Role.TIMER in step.by for step in ways)
    return not process.state(state).end and by_itself and in_time


def _gone(here: _Here, clock: Clock, until: str) -> str:
    said = f"{clock.label}已于 {until} 届满"
    steps = "、".join(f"“{step.label}”" for step in _awaited(here))
    return f"{said}，请尽快办理{steps}" if steps and clock.binds == "party" else said


def _awaited(here: _Here) -> list[Step]:
    """The steps that the case waits for from its party."""
    return [
        step
        for step in here.process.every_step
        if any(
            step.awaited_in(state) and Role.APPLICANT in step.roles_in(state)
            for state in here.places
        )
    ]


def _of_term(here: _Here, clock: Clock) -> NextDay | None:
    """What the term of a licence means to its holder: when to apply for its renewal, as long as
    that is still to be done."""
    until = _until(here.case)
    if until is None:
        return None
    pressing = here.pressing_from(clock, until)
    if until < here.today:
        return NextDay(until, f"有效期已于 {until} 届满", pressing, passed=True)
    if here.case.state == "renewal_pending":
        return NextDay(until, f"延续申请正在办理，有效期至 {until}", pressing)
    if here.case.state not in TO_BE_RENEWED[here.process.key]:
        return NextDay(until, f"有效期至 {until}", pressing)
    return _to_renew(here, here.process.key, until, pressing, "申请延续")


def _to_renew(here: _Here, licence: str, until: date, pressing: date, what: str) -> NextDay:
    last = last_day_to_renew(here.rules, licence, until, here.today, here.region)
    if here.today <= last:
        return NextDay(last, f"最迟 {last} {what}（有效期至 {until}）", min(pressing, last))
    said = f"已过申请延续的期限（{last}），有效期至 {until}"
    return NextDay(last, f"{said}；{_when_late(here, licence)}", pressing, passed=True)


def _when_late(here: _Here, licence: str) -> str:
    """What is left to do, by the authority's rule on late applications."""
    if licence != "licence":
        return "请立即与发证机关联系"
    rule = here.rules.value("licence.late_renewal", here.today, here.region)
    if rule == "accept_warn":
        return "仍可以申请，但不适用逾期未作决定视为准予延续，请立即提出"
    return "继续经营的，请在届满前重新申请许可"


def _of_draft(here: _Here, licences: Mapping[int, Case]) -> NextDay | None:
    """The last day on which the draft of a renewal may be handed in."""
    case = here.case
    licence = licences.get(case.family_id or case.id) if _files_renewal(here) else None
    until = _until(licence) if licence else None
    if licence is None or until is None or until < here.today:
        return None
    [step] = [s for s in _awaited(here) if any(g.name == _IN_TIME for g in s.guards)]
    offsets = here.rules.value("reminder.licence_expiry", here.today, here.region)
    pressing = until - timedelta(days=max(offsets))
    return _to_renew(here, licence.process, until, pressing, step.label)


def _files_renewal(here: _Here) -> bool:
    return any(guard.name == _IN_TIME for step in _awaited(here) for guard in step.guards)


def _licences_of_drafts(session: Session, here: Iterable[_Here]) -> dict[int, Case]:
    """The licences that drafts of renewals are about, by their family."""
    families = {one.case.family_id or one.case.id for one in here if _files_renewal(one)}
    if not families:
        return {}
    of_family: ColumnElement[bool] = Case.family_id.in_(families) | Case.id.in_(families)
    rows = session.scalars(
        select(Case).where(of_family, Case.process.in_(LICENCES)).order_by(Case.id)
    )
    return {row.family_id or row.id: row for row in rows}


def _until(licence: Case) -> date | None:
    said = licence.data.get("application", {}).get("valid_until")
    return date.fromisoformat(said) if said else None


def _until_when(run: CaseClock) -> str:
    """The last day; where minutes count, the instant."""
    if run.fires_at and "minutes" in (run.derivation or {}):
        return f"{run.fires_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return f"{run.due_on}"
