"""Days that a turned calendar has passed over (逐日补办): a demo lives through each of them.

Turning the calendar by thirty days is to give what thirty days would have given: each day's roots,
digests and reminders, in the order in which the days came. What is written then bears the instant
of its day. Only a demo does so: in earnest nothing is entered under a day that has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from casework.common.demo_time import is_demo
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import ZONE, end_of, legal_date
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, DUTIES, Duty, on_duty
from casework.duties.one_by_one import EVERYTHING
from casework.duties.roster import House, do
from casework.kernel.office import Office

# A day is lived through up to the time at which its root is sealed.
_BEFORE_MIDNIGHT = timedelta(minutes=10)
# No duty of the house: only that one run at a time goes through the days.
LIVING_THROUGH = Duty(
    "living-through", "逐日补办", "", DAILY_PROOF.longest, "", by_authority=False, by_hand=""
)


class StoppedAt:
    """Time that stands at an instant."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """That instant."""
        return self._instant


def passed_over(office: Office) -> tuple[datetime, ...]:
    """The evenings of the days that a demo's calendar was turned over, up to yesterday, and for
    which nothing was done yet; none in production."""
    with office.database.session() as session:
        if not is_demo(session):
            return ()
        # Where due clocks rest for everybody, or did so just now, the day's proof tells how far
        # everything was done.
        done_to = (
            duty_book.state_of(office, session, DUE_CLOCKS).done_to
            or duty_book.state_of(office, session, DAILY_PROOF).done_to
        )
    if done_to is None:
        return ()
    day, today = legal_date(done_to.astimezone(ZONE)), legal_date(office.time.now())
    evenings = []
    while day < today:
        evening = end_of(day) - _BEFORE_MIDNIGHT
        if evening > done_to:
            evenings.append(evening)
        day += timedelta(days=1)
    return tuple(evenings)


def live_through(house: House, duty: Duty) -> dict[str, SweepReport] | None:
    """Before a run of this duty: do every duty as of each evening that was passed over, one day
    after the other, or wait until another run has; gives what was done by its day and duty, which
    is nothing where no such days are left.

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


def days_wait(office: Office) -> bool:
    """Whether there are days that were passed over, and nobody is at them."""
    return bool(passed_over(office)) and not duty_book.is_busy(office, LIVING_THROUGH)


def _live_through(house: House) -> dict[str, SweepReport]:
    reports: dict[str, SweepReport] = {}
    for evening in passed_over(house.office):
        then = replace(house, office=_at(house.office, evening), past=True)
        reports |= _do_all(then, DUTIES.values(), f"补办 {legal_date(evening):%Y-%m-%d}")
    left = [duty for duty in DUTIES.values() if not duty.daily]
    return reports | _do_all(house, left, "当日")


def _do_all(house: House, duties: Iterable[Duty], when: str) -> dict[str, SweepReport]:
    reports = {}
    for duty in duties:
        total = SweepReport()
        for report in do(house, duty, EVERYTHING, alone=False).values():
            total += report or SweepReport()
        reports[f"{when} {duty.label}"] = total
    return reports


def _at(office: Office, instant: datetime) -> Office:
    return Office(
        office.database,
        StoppedAt(instant),
        public_url=office.public_url,
        machine=office.machine,
    )
