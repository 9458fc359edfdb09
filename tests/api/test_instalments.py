"""分期缴纳: the law's own timer, instalment by instalment, over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.models import LogRow
from casework.proof import verify_case
from casework.versions import VersionShelf
from tests.support.desk import Desk, payment
from tests.support.exemptions import FIRM
from tests.support.penalties import penalty_to
from tests.support.rules import set_key


def _next_day(desk: Desk, number: str) -> str:
    """The last day of the next instalment, as the case shows it."""
    desk.front.log_in_again()
    case = desk.front.get("handler1", f"/cases/{number}").json()
    [clock] = [one for one in case["clocks"] if one["name"] == "instalments" and one["live"]]
    assert clock["due_on"] == case["debt"]["next_due_on"]
    return str(clock["due_on"])


def _after(desk: Desk, number: str, day: date) -> str:
    """The state on the morning of a day."""
    desk.town.time.go_to(day, hour=0)
    desk.town.office.catch_up(desk.town.case(number).id)
    return desk.state(number)


def test_each_instalment_has_its_day_and_the_plan_ends_with_the_first_that_is_missed(
    desk: Desk,
) -> None:
    first_missed, second_missed = (penalty_to(desk.town, "instalment") for _ in range(2))
    # Granted on 1 September: due after thirty and after sixty days.
    assert _next_day(desk, first_missed) == "2026-10-01"
    desk.go(second_missed, ("pay_instalment", "handler1"))
    assert _next_day(desk, second_missed) == "2026-10-31"
    desk.town.time.go_to(date(2026, 10, 1), hour=23)
    for number in (first_missed, second_missed):
        desk.town.office.catch_up(desk.town.case(number).id)
        assert desk.state(number) == "instalment"
    assert _after(desk, first_missed, date(2026, 10, 2)) == "overdue"
    assert _after(desk, second_missed, date(2026, 10, 31)) == "instalment"
    assert _after(desk, second_missed, date(2026, 11, 1)) == "overdue"
    # Late from the day that was missed: three per cent of the 600 yuan left, for one day.
    owed = payment(desk.town, "600.00")
    said = desk.refused(second_missed, "record_payment", "handler1", owed, "sum_wrong")
    assert "应缴618.00元" in said
    with desk.town.session() as session:
        for number in (first_missed, second_missed):
            assert verify_case(session, desk.town.case(number), VersionShelf()) == []


@pytest.mark.slow
def test_a_late_sweep_misses_it_on_the_same_day(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    assert desk.wait(number, days=90) == "overdue"
    with desk.town.session() as session:
        case = desk.town.case(number)
        rows = session.query(LogRow).filter_by(case_id=case.id)
        [row] = [one for one in rows if one.header["name"] == "miss_instalment"]
    assert row.header["effective_at"].startswith("2026-10-01T16:00:00")  # midnight in Shanghai
    assert row.header["clock"] == "instalments"


@pytest.mark.slow
def test_where_the_rulebook_says_so_the_fee_runs_from_the_first_day_of_payment(desk: Desk) -> None:
    with desk.town.session() as session:
        set_key(session, "penalty.missed_instalment", value="payment_day")
        session.commit()
    number = penalty_to(desk.town, "instalment")
    desk.go(number, ("pay_instalment", "handler1"))
    desk.town.time.go_to(date(2026, 11, 1))
    desk.town.office.catch_up(desk.town.case(number).id)
    # Due on 16 September; the fee is never more than what was left of the fine.
    owed = payment(desk.town, "600.00")
    said = desk.refused(number, "record_payment", "handler1", owed, "sum_wrong")
    assert "应缴1200.00元" in said


@pytest.mark.slow
def test_what_was_paid_in_time_and_registered_late_takes_the_plan_up_again(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    assert _after(desk, number, date(2026, 10, 3)) == "overdue"
    late = payment(desk.town, "400.00", "L-1")
    desk.refused(number, "pay_instalment", "handler1", late, "instalment_missed")
    in_time = payment(desk.town, "400.00", "L-2", on="2026-10-01")
    answer = desk.take(number, "pay_instalment", "handler1", in_time)
    assert answer.json()["state"] == "instalment"
    # Nothing fell due, so the file must not go on saying so.
    file = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    [overdue] = [one for one in file["events"] if one["label"] == "逾期未缴纳罚没款"]
    assert "按期缴款" in overdue["ended"]
    assert _next_day(desk, number) == "2026-10-31"
    last = payment(desk.town, "600.00", "L-3")
    answer = desk.take(number, "pay_last_instalment", "handler1", last)
    assert answer.json()["state"] == "paid"
    late_without_plan = penalty_to(desk.town, "served")
    desk.town.time.go_to(desk.town.time.now().date() + timedelta(days=20))
    desk.town.office.catch_up(desk.town.case(late_without_plan).id)
    desk.refused(late_without_plan, "pay_instalment", "handler1", late, "no_instalment_due")
