"""Planning of checks (检查计划): random draws come evenly over the year, whoever is behind first,
and follow-up checks are handed out in time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import select

from casework.audit.draws_proof import faults_of_draws
from casework.common.sweep_report import SweepReport
from casework.duties.check_planning import plan_checks
from casework.duties.one_by_one import Scope
from casework.grading.draws.candidates import by_now
from casework.grading.draws.check_plan import CheckPlan, plan_of
from casework.models import Authority, Draw, Notice
from tests.support.journeys import address
from tests.support.rules import set_key
from tests.support.town import Town

pytestmark = pytest.mark.slow


def plan(town: Town) -> CheckPlan:
    with town.session() as session:
        authority = session.scalars(select(Authority).where(Authority.code == "CC")).one()
        return plan_of(town.office, session, authority)


def draws(town: Town) -> list[Draw]:
    with town.session() as session:
        return list(session.scalars(select(Draw).order_by(Draw.id)))


def told(town: Town) -> list[Notice]:
    with town.session() as session:
        rows = select(Notice).where(Notice.key.startswith("check-planning/")).order_by(Notice.id)
        return list(session.scalars(rows))


def set_share(town: Town, percent: int, most: int = 2) -> None:
    with town.session() as session:
        set_key(session, "draw.yearly_share", value=percent)
        set_key(session, "draw.most_a_day", value=most)


@pytest.mark.parametrize(
    ("number", "gone", "due"),
    [(4, "0", 0), (4, "1/8", 1), (4, "3/8", 2), (4, "7/8", 4), (4, "1", 4), (0, "1", 0)],
)
def test_each_check_is_due_in_the_middle_of_its_part_of_the_year(
    number: int, gone: str, due: int
) -> None:
    assert by_now(number, Fraction(gone)) == due


def test_what_is_due_is_drawn_once_a_few_a_day(town: Town) -> None:
    for n in range(5):
        town.granted(address=address(n))
    set_share(town, 100)
    standing = plan(town)
    assert (standing.places, standing.planned, standing.drawn) == (5, 5, 0)
    assert standing.due > 2
    assert len(plan_checks(town.office).done) == 1
    assert len(draws(town)) == 2
    # Another run on that day draws no more, and tells nobody again.
    assert plan_checks(town.office).done == []
    assert len(draws(town)) == 2
    [notice] = told(town)
    assert notice.to_role == "supervisor"
    assert all(one.number in notice.body for one in draws(town))
    # What was drawn and not sent is not drawn again.
    town.time.pass_(days=1)
    for _ in range(4):
        plan_checks(town.office)
        town.time.pass_(days=1)
    made = draws(town)
    assert len({one.said["object"] for one in made}) == len(made) == min(plan(town).due, 5)
    with town.session() as session:
        assert faults_of_draws(session) == []


def test_a_day_off_and_a_dry_run_draw_nothing(town: Town) -> None:
    town.granted()
    set_share(town, 100)
    report = plan_checks(town.office, Scope(dry_run=True))
    assert len(report.done) == 1
    assert draws(town) == []
    assert told(town) == []
    while town.time.now().isoweekday() != 7:
        town.time.pass_(days=1)
    assert plan_checks(town.office) == SweepReport()
    assert draws(town) == []


def test_whoever_is_behind_is_drawn_first(town: Town) -> None:
    broken = town.granted(address=address(1))
    for n in range(2, 8):
        town.granted(address=address(n), by="applicant2")
    town.breached(broken)  # C: at least two checks a year
    set_share(town, 20, most=1)
    [behind] = plan(town).behind
    assert (behind.grade, behind.least, behind.times) == ("C", 2, 0)
    while not plan_checks(town.office).done:  # a day off
        town.time.pass_(days=1)
    [made] = draws(town)
    assert made.said["object"] == town.licence_of(broken)["number"]
    left_out = {one["reason"] for one in made.said["candidates"]["left_out"]}
    assert left_out == {"先抽取未达到年度最低检查次数的单位"}


def test_nobody_is_drawn_for_who_is_behind_and_was_drawn_already(town: Town) -> None:
    broken = town.granted(address=address(1))
    for n in range(2, 8):
        town.granted(address=address(n), by="applicant2")
    town.breached(broken)
    set_share(town, 20, most=1)
    town.time.go_to(date(2026, 11, 16))
    for _ in range(14):
        plan_checks(town.office)
        town.time.pass_(days=1)
    [behind] = plan(town).behind  # it wants another check after that one
    assert (behind.wanted, behind.times) == (2, 1)
    assert len(draws(town)) == plan(town).due


def test_too_few_officers_are_told_and_are_no_failure(town: Town) -> None:
    town.granted()
    set_share(town, 100)
    with town.session() as session:
        set_key(session, "draw.officers", value=9)
    report = plan_checks(town.office)
    assert report.failed == []
    assert "还需要抽取9名" in report.notes[0]
    [notice] = told(town)
    assert "未能抽取" in notice.body


def test_follow_up_checks_are_spread_over_the_days_that_are_left(town: Town) -> None:
    for n in range(3):
        town.granted(address=address(n))
    standing = plan(town)
    assert standing.follow_ups == 3
    assert standing.follow_ups_today == 1
    town.time.pass_(days=90)
    late = plan(town)
    assert late.follow_ups_today == late.follow_ups
