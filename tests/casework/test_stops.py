"""Stops of a joint matter's limits, over a public holiday: counted by hand from the calendar.

Accepted and dispatched on Monday 2026-09-28. The National Day rest is October 1 to 7; Saturday
October 10 is worked. Days of pause and of resumption are not counted, unless the key says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.models import CaseClock
from casework.reading import case_view
from tests.support.journeys import address, joint_to
from tests.support.rules import set_key
from tests.support.town import Town

pytestmark = pytest.mark.slow

PAUSE = {"kind": "检验检测", "days": 10, "expected_until": "2026-10-20", "reason": "防护检测"}
BY = {"health": "reviewer", "eco": "eco"}


@dataclass(frozen=True)
class Row:
    """When each department paused and resumed, and what is then due."""

    pauses: tuple[tuple[str, str, str], ...]
    promise: str
    health: str
    eco: str
    joint: str
    key: tuple[str, object] | None = None


ROWS = {
    "none": Row((), "10-10", "10-30", "10-30", "12-04"),
    # September 30, October 8 and 9 are lost to the one that paused, to nobody else.
    "health alone": Row((("health", "09-30", "10-09"),), "10-10", "11-04", "10-30", "12-04"),
    "eco alone": Row((("eco", "09-30", "10-09"),), "10-10", "10-30", "11-04", "12-04"),
    "both at once": Row(
        (("health", "09-30", "10-09"), ("eco", "09-30", "10-09")),
        "10-14",
        "11-04",
        "11-04",
        "12-09",
    ),
    # In common: September 30 to October 8, of which two are working days.
    "overlapping": Row(
        (("health", "09-29", "10-08"), ("eco", "09-30", "10-09")),
        "10-13",
        "11-04",
        "11-04",
        "12-08",
    ),
    "one after the other": Row(
        (("health", "09-29", "09-30"), ("eco", "10-08", "10-09")),
        "10-10",
        "11-03",
        "11-03",
        "12-04",
    ),
    "twice": Row(
        (("health", "09-29", "09-29"), ("health", "10-08", "10-09")),
        "10-10",
        "11-04",
        "10-30",
        "12-04",
    ),
    "each alone stops all": Row(
        (("health", "09-30", "10-09"),),
        "10-14",
        "11-04",
        "10-30",
        "12-09",
        ("one_matter.one_pause_stops_all", True),
    ),
    # Only October 8 lies between the days of pause and of resumption.
    "boundary days count": Row(
        (("health", "09-30", "10-09"),),
        "10-10",
        "11-02",
        "10-30",
        "12-04",
        ("licensing.count_pause_boundary_days", True),
    ),
}


def _day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize("name", ROWS)
def test_what_is_due_after_these_stops(town: Town, name: str) -> None:
    row = ROWS[name]
    if row.key:
        with town.session() as session:
            set_key(session, row.key[0], value=row.key[1])
    town.time.go_to(date(2026, 9, 28))
    number = town.dispatched()
    events = sorted(
        (on, what, item)
        for item, paused, resumed in row.pauses
        for on, what in ((paused, "pause"), (resumed, "resume"))
    )
    for n, (on, what, item) in enumerate(events):
        town.time.go_to(_day(on), hour=9 + n)
        town.take(number, f"{what}_{item}", BY[item], PAUSE if what == "pause" else {})
    with town.session() as session:
        case = town.case(number)
        runs = {
            run.name: run
            for run in session.scalars(select(CaseClock).where(CaseClock.case_id == case.id))
        }
        found = tuple(
            runs[clock].due_on
            for clock in ("promise", "health_statutory", "eco_statutory", "joint")
        )
        view = case_view(town.office, session, town.people["window"], number)
        assert verify_case(session, case, town.office.versions) == []
    assert found == tuple(map(_day, (row.promise, row.health, row.eco, row.joint)))
    # The derivations show the stops, and day by day what was not counted.
    shown = {clock.name: clock for clock in view.clocks}
    for item, paused, resumed in row.pauses:
        stops = {(stop.first, stop.last) for stop in shown[f"{item}_statutory"].stops}
        assert (_day(paused), _day(resumed)) in stops
    if name == "overlapping":
        labels = {stop.label: (stop.first, stop.last) for stop in shown["promise"].stops}
        assert labels["各环节同时中止"] == (_day("09-30"), _day("10-08"))
        lost = [day.day for day in shown["promise"].days if "各环节同时中止" in day.reason]
        assert _day("09-30") in lost
        assert _day("10-08") in lost
        assert _day("09-29") not in lost


def test_before_acceptance_no_limit_of_the_decision_runs(town: Town) -> None:
    number = joint_to(town, "awaiting_merged_supplement", address(1))
    with town.session() as session:
        case = town.case(number).id
        names = set(session.scalars(select(CaseClock.name).where(CaseClock.case_id == case)))
    assert names == {"acceptance", "health_precheck", "eco_precheck", "supplement"}


def test_while_both_are_paused_the_promise_has_no_last_day(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "pause_health", "reviewer", PAUSE)
    with town.session() as session:
        case = town.case(number).id
        promise = session.scalars(select(CaseClock).filter_by(case_id=case, name="promise")).one()
        assert (promise.status, promise.due_on) == ("running", date(2026, 9, 8))
    town.take(number, "pause_eco", "eco", PAUSE)
    with town.session() as session:
        promise = session.scalars(select(CaseClock).filter_by(case_id=case, name="promise")).one()
        assert (promise.status, promise.due_on) == ("stopped", None)
    # Until the day of which the applicant was told, and no longer.
    town.time.go_to(date(2026, 10, 20), 23)
    town.office.catch_up(case)
    with town.session() as session:
        promise = session.scalars(select(CaseClock).filter_by(case_id=case, name="promise")).one()
        assert promise.status == "stopped"
    town.time.go_to(date(2026, 10, 21))
    town.office.catch_up(case)
    with town.session() as session:
        promise = session.scalars(select(CaseClock).filter_by(case_id=case, name="promise")).one()
        assert (promise.status, promise.due_on) == ("running", date(2026, 10, 27))
