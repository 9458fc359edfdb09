"""Doors that stood open where money is entered: nobody's word pays a fine, in cases of older
versions too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from casework.parts.proofs import door as proofs
from tests.support import licence_penalties
from tests.support.desk import Desk, payment
from tests.support.front import reasons_of
from tests.support.licence_penalties import CANCELLING
from tests.support.penalties import PUNISHED, SERVED, WARNED, inputs_of, penalty_to
from tests.support.signed import pdf


def _empty(desk: Desk, number: str, step: str, given: Mapping[str, Any]) -> Any:
    """The step by a handler who has no slip in hand."""
    desk.front.log_in_again()
    return desk.front.step("handler1", number, step, dict(given), empty=True)


def _slip(desk: Desk, number: str, said: str) -> Any:
    return desk.front.upload("handler1", number, "payment_slip", "回单.pdf", pdf(said))


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
    assert _empty(desk, second, "correct_payment", {**less, "amount": "900"}).status_code == 200
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
    assert _empty(desk, wrong, "correct_payment", {**nothing, "amount": "0"}).status_code == 200
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
    # A sum that was mistyped is put right by the slip that it was read from.
    right = {**inputs_of(desk.town, number, "correct_payment", {}), "voucher": "Q-2"}
    right |= {"amount": "90.00"}
    assert _empty(desk, number, "correct_payment", right).status_code == 200
    assert reasons_of(_empty(desk, number, "record_payment", more)) == ["no_payment_slip"]


def test_nor_is_it_put_right_given_back_or_recovered_on_a_word(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    with monkeypatch.context() as before_the_door:
        before_the_door.setattr(proofs, "refusals", lambda act: [])
        paid = payment(desk.town, "1000.00", "A-1")
        assert _empty(desk, number, "record_payment", paid).status_code == 200
    right = inputs_of(desk.town, number, "correct_payment", {})
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
