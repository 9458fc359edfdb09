"""Doors that stood open where money is entered: nobody's word pays a fine, in cases of older
versions too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.models import CreditEvent
from casework.parts.proofs import door as proofs
from casework.rules.versions import VersionCache
from tests.support import licence_penalties
from tests.support.desk import Desk, payment
from tests.support.front import reasons_of
from tests.support.licence_penalties import CANCELLING
from tests.support.penalties import DECIDED, PUNISHED, SERVED, WARNED, inputs_of, penalty_to
from tests.support.signed import pdf


def _empty(desk: Desk, number: str, step: str, given: Mapping[str, Any]) -> Any:
    """The step by a handler who has no slip in hand."""
    desk.front.log_in_again()
    return desk.front.step("handler1", number, step, dict(given), empty=True)


def _slip(desk: Desk, number: str, said: str) -> Any:
    return desk.front.upload("handler1", number, "payment_slip", "回单.pdf", pdf(said))


def _put_right(desk: Desk, number: str, given: Mapping[str, Any]) -> Any:
    """A payment that is put right against the party: two, and what the bank said later."""
    return desk.take(number, "correct_payment", "handler1+handler2", dict(given))


def _debt(desk: Desk, number: str) -> Any:
    return desk.front.get("handler1", f"/cases/{number}").json()["debt"]


def _overdue(desk: Desk, number: str) -> bool:
    with desk.town.session() as session:
        found = session.query(CreditEvent).filter_by(
            case_id=desk.town.case(number).id, kind="fine_overdue"
        )
        return found.count() > 0


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("process", ["penalty", "simple_penalty"])
def test_no_fine_is_paid_on_the_handlers_word(desk: Desk, process: str, former: bool) -> None:
    number = desk.open(process, former=former)
    state = desk.go(number, *(SERVED if process == "penalty" else PUNISHED))
    paid = payment(desk.town, "100.00", "P-1")
    assert reasons_of(_empty(desk, number, "record_payment", paid)) == ["no_payment_slip"]
    case = desk.front.get("handler1", f"/cases/{number}").json()
    assert (case["state"], case["debt"]["paid"]) == (state, "0.00")
    assert _slip(desk, number, "P-1").status_code == 201
    assert _empty(desk, number, "record_payment", paid).status_code == 200
    # One slip is one payment, and the same scan once more is no other.
    assert _slip(desk, number, "P-1").status_code == 201
    again = payment(desk.town, "100.00", "P-2")
    assert reasons_of(_empty(desk, number, "record_payment", again)) == ["no_payment_slip"]


def test_the_slip_of_one_case_pays_no_other(desk: Desk) -> None:
    """What another case merely holds, put there by mistake, is still the right one's."""
    first, second = desk.open(), desk.open(place_name="南通云水浴场")
    for number in (first, second):
        desk.go(number, *SERVED)
    desk.front.log_in_again()
    for number in (first, second):
        assert _slip(desk, number, "一张回单").status_code == 201
    given = payment(desk.town, "1000.00", "P-3")
    assert _empty(desk, second, "record_payment", given).json()["state"] == "paid"
    own = {**given, "voucher": "P-4"}
    assert reasons_of(_empty(desk, first, "record_payment", own)) == ["no_payment_slip"]
    less = {**inputs_of(desk.town, second, "correct_payment", {}), "voucher": "P-3"}
    assert _put_right(desk, second, {**less, "amount": "900"}).status_code == 200
    assert reasons_of(_empty(desk, first, "record_payment", own)) == ["no_payment_slip"]
    assert _slip(desk, first, "本案的回单").status_code == 201
    assert _empty(desk, first, "record_payment", own).json()["state"] == "paid"


def test_a_slip_that_was_entered_in_the_wrong_case_pays_the_right_one(desk: Desk) -> None:
    wrong, right = desk.open(), desk.open(place_name="南通云水浴场")
    for number in (wrong, right):
        desk.go(number, *SERVED)
    desk.front.log_in_again()
    given = payment(desk.town, "1000.00", "R-1")
    for number in (wrong, right):
        assert _slip(desk, number, "一张回单").status_code == 201
    assert _empty(desk, wrong, "record_payment", given).status_code == 200
    nothing = {**inputs_of(desk.town, wrong, "correct_payment", {}), "voucher": "R-1"}
    assert _put_right(desk, wrong, {**nothing, "amount": "0"}).status_code == 200
    assert _empty(desk, right, "record_payment", given).json()["state"] == "paid"
    # In the wrong case it proves nothing once more.
    again = {**given, "voucher": "R-2"}
    assert reasons_of(_empty(desk, wrong, "record_payment", again)) == ["no_payment_slip"]


def test_slips_that_come_together_prove_an_entry_each(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    desk.front.log_in_again()
    for said in ("第一张", "第二张"):
        assert _slip(desk, number, said).status_code == 201
    for voucher in ("Q-1", "Q-2"):
        given = payment(desk.town, "100.00", voucher)
        assert _empty(desk, number, "record_payment", given).status_code == 200
    more = payment(desk.town, "100.00", "Q-3")
    assert reasons_of(_empty(desk, number, "record_payment", more)) == ["no_payment_slip"]
    # A sum that was mistyped is put right for the party by the slip that it was read from.
    right = {**inputs_of(desk.town, number, "correct_payment", {}), "voucher": "Q-2"}
    right |= {"amount": "110.00"}
    assert _empty(desk, number, "correct_payment", right).status_code == 202
    assert desk.front.sign("handler2", number, "correct_payment").status_code == 200
    assert reasons_of(_empty(desk, number, "record_payment", more)) == ["no_payment_slip"]


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("process", ["penalty", "simple_penalty"])
def test_no_payment_is_taken_back_by_the_slip_that_proved_it(
    desk: Desk, process: str, former: bool
) -> None:
    """What is put right against the party: by what the bank said later, by two, and with time to
    pay before anything comes of it."""
    number = desk.open(process, former=former)
    owed = desk.go(number, *(SERVED if process == "penalty" else PUNISHED))
    desk.front.log_in_again()
    sum_ = desk.front.get("handler1", f"/cases/{number}").json()["debt"]["left"]
    for said in ("回单", "当日的另一张回单"):
        assert _slip(desk, number, said).status_code == 201
    assert _empty(desk, number, "record_payment", payment(desk.town, sum_, "Z-1")).is_success
    desk.wait(number, days=40)
    day = desk.town.time.now().date()
    for changes in ({"amount": "0"}, {"amount": sum_, "on": (day - timedelta(days=1)).isoformat()}):
        right = {**inputs_of(desk.town, number, "correct_payment", {}), "voucher": "Z-1", **changes}
        refused = _empty(desk, number, "correct_payment", right)
        assert reasons_of(refused) == ["no_later_slip"]
    assert _slip(desk, number, "银行对账单").status_code == 201
    right = {**right, "amount": "0", "on": day.isoformat()}
    assert _empty(desk, number, "correct_payment", right).status_code == 202
    own = desk.front.sign("handler1", number, "correct_payment")
    assert own.status_code == 409
    assert desk.front.sign("handler2", number, "correct_payment").is_success
    assert desk.state(number) == owed
    # Nothing is late of it before the party had its time anew.
    assert desk.wait(number, days=14) == owed
    assert _debt(desk, number)["late_fee"] == "0.00"
    assert not _overdue(desk, number)
    assert desk.wait(number, days=10) == "overdue"
    assert _overdue(desk, number)
    assert Decimal(_debt(desk, number)["late_fee"]) < Decimal(sum_) / 2
    # The paper that took it back is used up.
    again = payment(desk.town, sum_, "Z-2")
    assert _empty(desk, number, "record_payment", again).is_success
    more = payment(desk.town, "10.00", "Z-3")
    assert reasons_of(_empty(desk, number, "record_payment", more)) == ["no_payment_slip"]
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


def test_nor_is_it_put_right_given_back_or_recovered_on_a_word(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    with monkeypatch.context() as before_the_door:
        before_the_door.setattr(proofs, "refusals", lambda act: [])
        paid = payment(desk.town, "1000.00", "A-1")
        assert _empty(desk, number, "record_payment", paid).status_code == 200
    right = {**inputs_of(desk.town, number, "correct_payment", {}), "amount": "1200.00"}
    assert reasons_of(_empty(desk, number, "correct_payment", right)) == ["no_payment_slip"]
    more = payment(desk.town, "50.00", "P-5")
    desk.go(number, ("record_payment", "handler1"), record_payment=more)
    back = inputs_of(desk.town, number, "record_refund", {})
    assert reasons_of(_empty(desk, number, "record_refund", back)) == ["no_payment_slip"]
    applied = penalty_to(desk.town, "court_applied")
    recovered = inputs_of(desk.town, applied, "record_execution", {})
    assert reasons_of(_empty(desk, applied, "record_execution", recovered)) == ["no_payment_slip"]


def test_a_slip_comes_in_after_the_case_has_ended(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, ("record_payment", "handler1"))
    order = desk.town.relative(number, "correction").number
    desk.go(order, ("recheck", "handler1+handler2"))
    assert desk.go(number, ("close", "handler1"), ("archive", "handler1")) == "archived"
    more = payment(desk.town, "50.00", "P-6")
    assert reasons_of(_empty(desk, number, "record_payment", more)) == ["no_payment_slip"]
    assert _slip(desk, number, "又缴").status_code == 201
    assert _empty(desk, number, "record_payment", more).status_code == 200


def test_nothing_is_performed_on_the_handlers_word(desk: Desk) -> None:
    """A cancelled licence "handed in", by a sentence of the handler; a warning is performed by
    being told."""
    number = desk.open(violation="GC003")
    desk.go(number, *licence_penalties.SERVED, **licence_penalties.inputs(CANCELLING))
    said = {"proof": "许可证已收缴"}
    assert reasons_of(_empty(desk, number, "record_performance", said)) == ["no_performance_record"]
    # What pays a fine shows nothing of a licence.
    assert _slip(desk, number, "P-1").status_code == 201
    assert reasons_of(_empty(desk, number, "record_performance", said)) == ["no_performance_record"]
    record = ("performance_record", "收缴回执.pdf", pdf("许可证收缴回执"))
    assert desk.front.upload("handler1", number, *record).status_code == 201
    assert _empty(desk, number, "record_performance", said).json()["state"] == "paid"
    warned = desk.open(place_name="南通云水浴场")
    desk.go(warned, *SERVED, **WARNED)
    told = _empty(desk, warned, "record_performance", {"proof": "警告决定已送达"})
    assert told.json()["state"] == "paid"


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("way", ["直接送达", "邮寄送达"])
def test_what_is_entered_as_served_months_ago_is_not_overdue_at_once(
    desk: Desk, way: str, former: bool
) -> None:
    """A supervisor lets it be entered: the party's time to pay, and the late fee, count from then,
    since nobody could know of it before."""
    number = desk.open(former=former)
    desk.go(number, *DECIDED)
    day = desk.town.time.now().date()
    desk.wait(number, days=60)
    desk.front.log_in_again()
    today = desk.town.time.now().date()
    body = {"step": "serve", "on": day.isoformat(), "reason": "回证遗失后找回"}
    permitted = desk.front.post("supervisor", f"/cases/{number}/late-entries", body)
    assert permitted.status_code == 204, permitted.text
    given = {**inputs_of(desk.town, number, "serve", {}), "way": way, "on": day.isoformat()}
    if way == "邮寄送达":
        given |= {"mailing_number": "1234567890123"}
        assert desk.front.upload(
            "handler1", number, "return_slip", "回执.pdf", pdf("回执")
        ).is_success
    served = desk.take(number, "serve", "handler1", given)
    assert served.status_code == 200, served.text
    assert desk.town.case(number).data["service"]["decision"]["served_on"] == day.isoformat()
    assert desk.wait(number, days=14) == "served"
    assert not _overdue(desk, number)
    assert desk.wait(number, days=10) == "overdue"
    assert _overdue(desk, number)
    late = (desk.town.time.now().date() - today).days - 15
    fee = Decimal(_debt(desk, number)["late_fee"])
    assert fee <= Decimal("1000.00") * 3 / 100 * late
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []
