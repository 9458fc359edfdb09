"""Days that a turned calendar has passed over (逐日补办): a demo lives through each of them.

Turning the calendar by thirty days is to give what thirty days would have given: each day's roots,
digests and reminders, in the order in which the days came. What is written then bears the instant
of its day. Only a demo does so: in earnest nothing is entered under a day that has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from casework.common.demo_time import is_demo
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import ZONE, end_of, legal_date
from casework.deadlines import duty_book
from casework.deadlines.duty_book import (
    DAILY_PROOF,
    DUE_CLOCKS,
    DUTIES,
    LIVING_THROUGH,
    NOTICES,
    Duty,
    on_duty,
)
from casework.duties.one_by_one import EVERYTHING
from casework.duties.roster import House, do
from casework.kernel.office import Office

# A day is lived through up to the time at which its root is sealed. What waited for the end of the
# quiet hours (免打扰时段) goes out at its noon.
_BEFORE_MIDNIGHT = timedelta(minutes=10)
_AFTER_NOON = timedelta(hours=12) - _BEFORE_MIDNIGHT
# What was done of each duty, by the day.
Lived = dict[Duty, dict[str, SweepReport]]


class StoppedAt:
    """Time that stands at an instant."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """That instant."""
        return self._instant


def passed_over(office: Office) -> tuple[datetime, ...]:
    """The evenings of the days that a demo's calendar was turned over, up to yesterday, and that
    were not lived through yet; none in production."""
    with office.database.session() as session:
        if not is_demo(session):
            return ()
        # The proof comes after all that is seen of a day: what was broken off before, by a kill or
        # by another turn, is done again. A house that is just opened may not have proved a day, or
        # done nothing yet: its days begin with the machine's.
        done_to = (
            duty_book.state_of(office, session, DAILY_PROOF).done_to
            or duty_book.state_of(office, session, DUE_CLOCKS).done_to
            or office.machine.now()
        )
    day, today = legal_date(done_to.astimezone(ZONE)), legal_date(office.time.now())
    evenings = []
    while day < today:
        evening = end_of(day) - _BEFORE_MIDNIGHT
        if evening > done_to:
            evenings.append(evening)
        day += timedelta(days=1)
    return tuple(evenings)


def live_through(house: House, duty: Duty) -> Lived | None:
    """Before a run of this duty: do every duty as of each evening that was passed over, one day
    after the other, or wait until another run has; gives what was done, which is nothing where no
    such days are left.

    Gives None to a run that has minutes only, which leaves the days to one of a daily duty, and to
    it what is done often in the present as well.
    """
    while passed_over(house.office):
        if not duty.daily:
            return None
        with on_duty(house.office, LIVING_THROUGH) as shift:
            if shift is not None:
                return _live_through(house)
    return {}


def is_living_through(office: Office) -> bool:
    """Whether somebody is at such days."""
    return duty_book.is_busy(office, LIVING_THROUGH)


def _live_through(house: House) -> Lived:
    lived: Lived = {}
    # Asked anew after each, since the calendar may be turned again meanwhile.
    while evenings := passed_over(house.office):
        evening = evenings[0]
        then = replace(house, office=_office_at(house.office, evening), past=True)
        reports = {duty: SweepReport() for duty in DUTIES.values()}
        if _is_to_come(house.office, noon := evening - _AFTER_NOON):
            reports[NOTICES] = _do_everywhere(
                replace(then, office=_office_at(house.office, noon)), NOTICES
            )
        for duty, before in reports.items():
            day = f"补办 {legal_date(evening):%Y-%m-%d}"
            lived.setdefault(duty, {})[day] = before + _do_everywhere(then, duty)
    for duty in DUTIES.values():
        if not duty.daily:
            lived.setdefault(duty, {})["当日"] = _do_everywhere(house, duty)
    return lived


def _is_to_come(office: Office, instant: datetime) -> bool:
    """Whether notices were last handed over before an instant."""
    with office.database.session() as session:
        done_to = duty_book.state_of(office, session, NOTICES).done_to
    return done_to is None or done_to < instant


def _twice(_code: str, work: Callable[[], SweepReport]) -> SweepReport:
    """What was broken off, by a connection that was cut, say, once more: this day does not come
    again."""
    try:
        return work()
    except Exception:
        return work()


def _do_everywhere(house: House, duty: Duty) -> SweepReport:
    """Do a duty for every authority; gives what all of them came to."""
    reports = do(house, duty, EVERYTHING, _twice, alone=False).values()
    return sum((report for report in reports if report is not None), SweepReport())


def _office_at(office: Office, instant: datetime) -> Office:
    """The office with its clock stopped at that instant."""
    return Office(
        office.database,
        StoppedAt(instant),
        public_url=office.public_url,
        machine=office.machine,
    )
