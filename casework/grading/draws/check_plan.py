"""The plan of checks (抽查计划): how many random checks the year asks for by today, whom the grades
want checked more often, and how many follow-up checks of promises are to be handed out.

Random checks come evenly over the year's working days: a share of the licensed places, and at least
as many as the credit grades ask for (国办发〔2015〕58号; the figures are keys).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.problems import BadInput
from casework.common.timekeeping import legal_date
from casework.grading.draws.candidates import Behind, by_now, least_of
from casework.grading.draws.holding import draw_one, drawn_in, lock_draws, read_at
from casework.kernel.office import Office
from casework.models import Authority, Case, Draw
from casework.rules.counting import WorkCalendar
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK

_PERCENT = 100
_LEAST_FIRST = "先抽取未达到年度最低检查次数的单位"


@dataclass(frozen=True)
class CheckPlan:
    """Where the year's checks of an authority stand on a day.

    Of `places` licensed places, `planned` random checks in the year, of which `due` by today, and
    `drawn` so far; `behind` are the parties that their grades want checked more often. Of
    `follow_ups` (履约核查) that nobody was sent to, `follow_ups_today` are to be handed out today,
    so that they come evenly and none is late.
    """

    authority: str
    year: int
    places: int
    planned: int
    due: int
    drawn: int
    behind: tuple[Behind, ...]
    follow_ups: int
    follow_ups_today: int

    @property
    def short(self) -> int:
        """How many random checks the year's number asks for now."""
        return max(self.due - self.drawn, 0)


def plan_of(office: Office, session: Session, authority: Authority) -> CheckPlan:
    """The plan of checks of an authority as it stands today."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    gone = _gone(today, rules.calendar)
    places, least, behind = least_of(session, rules, authority, today, gone)
    share = Fraction(rules.value("draw.yearly_share", today, authority.region)) / _PERCENT
    planned = max(ceil(places * share), least)
    waiting = session.scalars(
        select(Case.due_on).where(
            Case.authority_id == authority.id,
            Case.process == COMMITMENT_CHECK.key,
            Case.state == "task_created",
        )
    ).all()
    return CheckPlan(
        authority=authority.name,
        year=today.year,
        places=places,
        planned=planned,
        due=by_now(planned, gone),
        drawn=drawn_in(session, authority, today.year),
        behind=tuple(behind),
        follow_ups=len(waiting),
        follow_ups_today=_pace([day for day in waiting if day], today, rules.calendar),
    )


def plans(office: Office, session: Session, actor: Actor) -> tuple[CheckPlan, ...]:
    """The plans of the authorities at which the actor supervises, decides or administers. Raises
    NotAllowed for anybody else."""
    return tuple(
        plan_of(office, session, session.get_one(Authority, one))
        for one in sorted(read_at(office, session, actor))
    )


@dataclass(frozen=True)
class PlannedDraws:
    """What was drawn by the `plan`: the numbers of the draws with the licences, and why there are
    no more."""

    plan: CheckPlan
    drawn: tuple[tuple[str, str], ...]
    hindered: str = ""


def draw_as_planned(office: Office, session: Session, authority: Authority) -> PlannedDraws:
    """Draw what the plan is short of, at most so many a day as the rulebook lets; while parties are
    behind, only their places. Whoever comes later counts what was drawn, so none is drawn twice."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    lock_draws(session, authority)
    plan = plan_of(office, session, authority)
    most = int(rules.value("draw.most_a_day", today, authority.region))
    made: list[tuple[str, str]] = []
    left = most - _planned_on(session, authority, today)
    behind = list(plan.behind)
    # One for whoever is behind, though the year's number be kept; nobody else is drawn for them.
    while len(made) < min(left, max(plan.short, int(bool(behind)))):
        among = frozenset[str]().union(*(one.licences for one in behind)) if behind else None
        try:
            row = draw_one(office, session, authority, among=among, because=_LEAST_FIRST)
        except BadInput as problem:
            if not behind:
                return PlannedDraws(plan, tuple(made), problem.detail)
            behind = []  # theirs cannot be drawn now: the year's number is still to be kept
            continue
        made.append((row.number, row.said["object"]))
        behind = [one for one in behind if row.said["object"] not in one.licences]
    return PlannedDraws(plan, tuple(made))


def _planned_on(session: Session, authority: Authority, day: date) -> int:
    """How many draws the plan made on a day."""
    made = select(func.count()).where(
        Draw.authority_id == authority.id,
        Draw.drawn_by.is_(None),
        Draw.said["on"].as_string() == day.isoformat(),
    )
    return session.scalar(made) or 0


def _gone(today: date, calendar: WorkCalendar) -> Fraction:
    """How much of the year's working days are gone, today among them."""
    days = _working_days(date(today.year, 1, 1), date(today.year, 12, 31), calendar)
    return Fraction(sum(day <= today for day in days), len(days))


def _pace(last_days: Sequence[date], today: date, calendar: WorkCalendar) -> int:
    """How many are to be handed out today, so that all are by their last days, evenly: what is
    due by each day, over the working days until then. What is late is to be handed out now."""
    most = 0
    for day in set(last_days):
        number = sum(one <= day for one in last_days)
        most = max(most, ceil(number / max(len(_working_days(today, day, calendar)), 1)))
    return most


def _working_days(first: date, last: date, calendar: WorkCalendar) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.day(day).working]
