"""分期缴纳: the law's own timer, instalment by instalment, over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from casework.audit.proof import verify_case
from casework.models import LogRow
from casework.rules.versions import VersionCache
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


def _pay(desk: Desk, number: str, amount: str) -> None:
    voucher = f"{number}/{desk.town.case(number).version}"
    paid = payment(desk.town, amount, voucher)
    assert desk.take(number, "record_payment", "handler1", paid).status_code == 200


def _owed(desk: Desk, number: str) -> str:
    desk.front.log_in_again()
    return str(desk.front.get("handler1", f"/cases/{number}").json()["debt"]["left"])


def _after(desk: Desk, number: str, day: date) -> str:
    """The state on the morning of a day."""
    desk.town.time.go_to(day, hour=0)
    desk.town.office.catch_up(desk.town.case(number).id)
    return desk.state(number)


@pytest.mark.slow
def test_each_instalment_has_its_day_and_the_plan_ends_with_the_first_that_is_missed(
    desk: Desk,
) -> None:
    first_missed, second_missed = (penalty_to(desk.town, "instalment") for _ in range(2))
    # Granted on 1 September: due after thirty days, in the National Day holidays, and after sixty,
    # on a Saturday.
    assert _next_day(desk, first_missed) == "2026-10-08"
    _pay(desk, second_missed, "400.00")
    assert _next_day(desk, second_missed) == "2026-11-02"
    desk.town.time.go_to(date(2026, 10, 8), hour=23)
    for number in (first_missed, second_missed):
        desk.town.office.catch_up(desk.town.case(number).id)
        assert desk.state(number) == "instalment"
    assert _after(desk, first_missed, date(2026, 10, 9)) == "overdue"
    assert _after(desk, second_missed, date(2026, 11, 2)) == "instalment"
    assert _after(desk, second_missed, date(2026, 11, 3)) == "overdue"
    # Late from the day that was missed: three per cent of the 600 yuan left, for one day.
    assert _owed(desk, second_missed) == "618.00"
    with desk.town.session() as session:
        for number in (first_missed, second_missed):
            assert verify_case(session, desk.town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_a_late_sweep_misses_it_on_the_same_day(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    assert desk.wait(number, days=90) == "overdue"
    with desk.town.session() as session:
        case = desk.town.case(number)
        rows = session.query(LogRow).filter_by(case_id=case.id)
        [row] = [one for one in rows if one.header["name"] == "miss_instalment"]
    assert row.header["effective_at"].startswith("2026-10-08T16:00:00")  # midnight in Shanghai
    assert row.header["clock"] == "instalments"


@pytest.mark.slow
def test_where_the_rulebook_says_so_the_fee_runs_from_the_first_day_of_payment(desk: Desk) -> None:
    with desk.town.session() as session:
        set_key(session, "penalty.missed_instalment", value="payment_day")
        session.commit()
    number = penalty_to(desk.town, "instalment")
    _pay(desk, number, "400.00")
    assert _after(desk, number, date(2026, 11, 3)) == "overdue"
    # Due on 16 September: forty-eight days of three per cent of the 600 yuan left.
    assert _owed(desk, number) == "1464.00"


def _granted(desk: Desk, number: str, *parts: tuple[str, str]) -> None:
    """Whoever is late asks for time, and is granted parts."""
    given = {"parts": [{"due": due, "amount": amount} for due, amount in parts]}
    plan = {**given, "until": parts[-1][0]}
    asked = ("ask_for_time", "applicant")
    state = desk.go(number, asked, ("grant_instalments", "approver"), grant_instalments=plan)
    assert state == "instalment"


@pytest.mark.slow
def test_only_a_plan_that_was_missed_is_as_if_it_had_not_been_granted(desk: Desk) -> None:
    with desk.town.session() as session:
        set_key(session, "penalty.missed_instalment", value="payment_day")
    deferred, twice = penalty_to(desk.town, "deferred"), penalty_to(desk.town, "instalment")
    # The first of two plans is missed: twenty-three days since 16 September.
    assert _after(desk, twice, date(2026, 10, 9)) == "overdue"
    assert _owed(desk, twice) == "1690.00"
    # The second one is kept; the day of its grant is free.
    _granted(desk, twice, ("2026-10-20", "400.00"), ("2026-11-10", "600.00"))
    assert _after(desk, twice, date(2026, 10, 20)) == "instalment"
    assert _owed(desk, twice) == "1660.00"
    assert _next_day(desk, twice) == "2026-10-20"
    # Now both are missed, and the fee has reached the fine.
    assert _after(desk, twice, date(2026, 10, 21)) == "overdue"
    assert _owed(desk, twice) == "2000.00"
    # What was put off until 2 November stays so, whatever becomes of the parts after it.
    assert _after(desk, deferred, date(2026, 11, 3)) == "overdue"
    assert _owed(desk, deferred) == "1030.00"
    _granted(desk, deferred, ("2026-11-20", "400.00"), ("2026-12-10", "600.00"))
    assert _after(desk, deferred, date(2026, 11, 21)) == "overdue"
    assert _owed(desk, deferred) == "1570.00"


@pytest.mark.slow
def test_what_was_paid_in_time_and_registered_late_takes_the_plan_up_again(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    assert _after(desk, number, date(2026, 10, 10)) == "overdue"
    in_time = payment(desk.town, "400.00", "L-2", on="2026-10-08")
    answer = desk.take(number, "record_payment", "handler1", in_time)
    assert answer.json()["state"] == "instalment"
    # Nothing fell due, so the file must not go on saying so.
    file = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    [overdue] = [one for one in file["events"] if one["label"] == "逾期未缴纳罚没款"]
    assert "按期缴款" in overdue["ended"]
    assert _next_day(desk, number) == "2026-11-02"
    _pay(desk, number, "600.00")
    assert desk.state(number) == "paid"


@pytest.mark.slow
def test_a_part_that_was_missed_is_late_alone(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    assert _after(desk, number, date(2026, 10, 12)) == "overdue"
    # Four days of three per cent of the 400 yuan that were due on the 8th.
    assert _owed(desk, number) == "1048.00"
    _pay(desk, number, "300.00")
    assert desk.state(number) == "overdue"
    _pay(desk, number, "100.00")
    # What is not due yet is as it was granted, and the record of the delay stays.
    assert desk.state(number) == "instalment"
    assert _next_day(desk, number) == "2026-11-02"
    file = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    [overdue] = [one for one in file["events"] if one["label"] == "逾期未缴纳罚没款"]
    assert not overdue["ended"]
    _pay(desk, number, "600.00")
    # All of the plan is paid, and what ran of a fee is late.
    assert (desk.state(number), _owed(desk, number)) == ("overdue", "48.00")
    _pay(desk, number, "48.00")
    assert desk.state(number) == "paid"
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []
