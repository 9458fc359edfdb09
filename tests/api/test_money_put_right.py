"""Money that is entered wrongly, comes at an odd time, or comes only in part, over HTTP: a slip is
put right by a row of its own, any sum is taken, and no debt is filed away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.rules.versions import VersionCache
from tests.support.desk import Desk, payment
from tests.support.front import refused
from tests.support.penalties import (
    DECIDED,
    INPUTS,
    SERVED,
    WAYS,
    go,
    penalty_to,
)

_LAW = "《行政强制法》第四十条"


def _debt(desk: Desk, number: str) -> Any:
    desk.front.log_in_again()
    return desk.front.get("handler1", f"/cases/{number}").json()["debt"]


def _paid(desk: Desk, number: str, amount: str, voucher: str, **changes: Any) -> str:
    given = payment(desk.town, amount, voucher, **changes)
    answer = desk.take(number, "record_payment", "handler1", given)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def _right(desk: Desk, voucher: str, amount: str, **changes: Any) -> dict[str, Any]:
    today = desk.town.time.now().date().isoformat()
    reason = {"reason": "银行回单载明的金额与登记不一致"}
    return {"voucher": voucher, "amount": amount, "on": today, **reason, **changes}


def _whole(desk: Desk, number: str) -> bool:
    with desk.town.session() as session:
        return verify_case(session, desk.town.case(number), VersionCache()) == []


@pytest.mark.parametrize("former", [False, True])
def test_a_mistyped_payment_is_put_right_by_a_row_of_its_own(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED)
    assert _paid(desk, number, "1000.00", "A-1") == "paid"
    # It was a hundred.
    given = _right(desk, "A-1", "100.00")
    desk.refused(
        number, "correct_payment", "handler1+handler2", {**given, "voucher": "B"}, "no_such_payment"
    )
    same = {**given, "amount": "1000.00"}
    desk.refused(number, "correct_payment", "handler1+handler2", same, "nothing_to_correct")
    tomorrow = (desk.town.time.now().date() + timedelta(days=1)).isoformat()
    late = {**given, "on": tomorrow}
    desk.refused(number, "correct_payment", "handler1+handler2", late, "payment_day_wrong")
    assert desk.take(number, "correct_payment", "handler1+handler2", given).status_code == 200
    assert desk.state(number) == "served"
    debt = _debt(desk, number)
    assert (debt["paid"], debt["left"]) == ("100.00", "900.00")
    assert _paid(desk, number, "900.00", "A-2") == "paid"
    # Both rows stay in the log.
    lines = desk.front.get("handler1", f"/cases/{number}/log").json()
    names = [line["name"] for line in lines]
    assert names.count("record_payment") == 2
    assert names.count("correct_payment") == 1
    assert _whole(desk, number)


def test_a_payment_of_another_case_is_taken_back_and_entered_there(desk: Desk) -> None:
    wrong, right = desk.open(), desk.open()
    for number in (wrong, right):
        desk.go(number, *SERVED)
    assert _paid(desk, wrong, "1000.00", "C-1") == "paid"
    again = payment(desk.town, "1000.00", "C-1")
    desk.refused(right, "record_payment", "handler1", again, "voucher_used")
    nothing = _right(desk, "C-1", "0")
    assert desk.take(wrong, "correct_payment", "handler1+handler2", nothing).status_code == 200
    assert desk.state(wrong) == "served"
    assert _debt(desk, wrong)["left"] == "1000.00"
    assert _paid(desk, right, "1000.00", "C-1") == "paid"


def test_a_mistyped_voucher_is_free_again_and_the_right_one_is_not(desk: Desk) -> None:
    first, second = desk.open(), desk.open()
    for number in (first, second):
        desk.go(number, *SERVED)
    _paid(desk, first, "400.00", "D-1")
    given = _right(desk, "D-1", "400.00", right_voucher="D-2")
    assert desk.take(first, "correct_payment", "handler1+handler2", given).status_code == 200
    taken = payment(desk.town, "400.00", "D-2")
    desk.refused(second, "record_payment", "handler1", taken, "voucher_used")
    _paid(desk, second, "400.00", "D-1")
    given = _right(desk, "D-1", "500.00", right_voucher="D-2")
    desk.refused(second, "correct_payment", "handler1+handler2", given, "voucher_used")


def test_who_pays_before_the_decision_is_served_has_paid(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *DECIDED)
    assert _paid(desk, number, "1000.00", "E-1") == "decided"
    desk.go(number, ("serve", "handler1"))
    assert _debt(desk, number)["left"] == "0.00"
    assert desk.go(number, ("record_performance", "handler1")) == "paid"


def test_who_pays_after_the_file_was_put_away_has_paid(desk: Desk) -> None:
    """Execution ended for want of means, and then there is money after all."""
    number = penalty_to(desk.town, "served")
    go(desk.town, number, ("end_execution", "approver"), ("look_again", "handler1+handler2"))
    go(desk.town, number, ("close", "handler1"), ("archive", "handler1"))
    assert _paid(desk, number, "300.00", "F-1") == "archived"
    given = _right(desk, "F-1", "200.00")
    assert desk.take(number, "correct_payment", "handler1+handler2", given).status_code == 200
    assert _whole(desk, number)


def test_what_the_court_recovered_in_part_is_not_closed(desk: Desk) -> None:
    town = desk.town
    now = town.time.instant
    town.time.instant = now - timedelta(days=400)
    number = penalty_to(town, "court_applied")
    given = {**INPUTS["record_execution"], "amount": "900.00"}
    given["on"] = town.time.now().date().isoformat()
    assert desk.go(number, ("record_execution", "handler1"), record_execution=given) == "executed"
    go(town, number, ("look_again", "handler1+handler2"))
    problem = refused(desk.take(number, "close", "handler1", INPUTS["close"]), 409, "guard-refused")
    [reason] = problem["reasons"]
    assert reason["code"] == "still_owed_after_execution"
    assert _LAW in reason["law"]
    # There are two ways on: the court goes on, or it ends by law, on a proof.
    more = {**given, "amount": "1.00", "ruling": "（2026）苏0613行审2号"}
    assert desk.go(number, ("record_execution", "handler1"), record_execution=more) == "executed"
    end = INPUTS["end_execution"]
    text = desk.refused(number, "end_execution", "approver", end, "end_not_proved")
    assert "登记为证据" in text
    assert desk.go(number, ("end_execution", "approver")) == "exec_ended"
    assert desk.go(number, ("close", "handler1")) == "closed"


def test_of_what_a_court_recovered_the_last_sum_is_put_right(desk: Desk) -> None:
    """All that is recovered under a ruling bears its number."""
    town = desk.town
    town.time.instant -= timedelta(days=400)
    number = penalty_to(town, "court_applied")
    given = {**INPUTS["record_execution"], "on": town.time.now().date().isoformat()}
    for amount in ("900.00", "100.00"):
        said = {**given, "amount": amount}
        desk.go(number, ("record_execution", "handler1"), record_execution=said)
    ruling = given["ruling"]
    same = _right(desk, ruling, "100.00")
    desk.refused(number, "correct_payment", "handler1+handler2", same, "nothing_to_correct")
    right = _right(desk, ruling, "80.00")
    assert desk.take(number, "correct_payment", "handler1+handler2", right).status_code == 200
    assert _debt(desk, number)["paid"] == "980.00"
    # With a number of its own for the last, the one before it can be put right.
    own = _right(desk, ruling, "80.00", right_voucher="法院第二次划款")
    assert desk.take(number, "correct_payment", "handler1+handler2", own).status_code == 200
    right = _right(desk, ruling, "800.00")
    assert desk.take(number, "correct_payment", "handler1+handler2", right).status_code == 200
    assert _debt(desk, number)["paid"] == "880.00"
    assert _whole(desk, number)


@pytest.mark.parametrize("former", [False, True])
def test_execution_against_a_firm_that_lives_ends_on_a_proof_of_its_ground(
    desk: Desk, former: bool
) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED)
    for ground in (
        "法人或者其他组织终止，无财产可供执行，又无义务承受人",
        "执行标的灭失",
        "行政机关或者人民法院认为需要终结执行的其他情形",
    ):
        given = {"ground": ground, "evidence": "领导同意"}
        desk.refused(number, "end_execution", "approver", given, "end_not_proved")
    desk.register(number, "注销登记证明")
    scrap = {**INPUTS["end_execution"], "evidence": "证明"}
    desk.refused(number, "end_execution", "approver", scrap, "end_not_proved")
    assert WAYS["exec_ended"][-1] == ("end_execution", "approver")
    assert desk.go(number, ("end_execution", "approver")) == "exec_ended"
