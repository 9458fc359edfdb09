"""Penalties that move a licence (暂扣、吊销) over HTTP: taken, seen by the public, given back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import penalties
from tests.support.desk import Desk
from tests.support.journeys import usual
from tests.support.licence_penalties import (
    BACK,
    CANCELLING,
    QUASHED,
    SERVED,
    SUSPENDING,
    inputs,
    suspending,
    taking,
)
from tests.support.rules import add_penalty

pytestmark = pytest.mark.slow


def _licence(desk: Desk) -> str:
    return desk.town.relative(desk.town.granted(), "licence").number


def _penalised(desk: Desk, measure: dict[str, Any]) -> str:
    number = desk.open(violation="GC003")
    assert desk.go(number, *SERVED, **inputs(measure)) == "served"
    desk.go(number, ("record_performance", "handler1"))
    penalties.correct(desk.town, number)
    return number


def _verified(desk: Desk, licence: str) -> dict[str, Any]:
    """What the code on the certificate says, to anybody."""
    code = desk.town.case(licence).tracking_code
    found: dict[str, Any] = desk.front.get(None, f"/verify/{code}").json()
    return found


def test_a_licence_is_cancelled_the_case_closed_and_quashed_given_back(desk: Desk) -> None:
    licence, penalty = _licence(desk), _penalised(desk, CANCELLING)
    closing = penalties.INPUTS["close"]
    said = desk.refused(penalty, "close", "handler1", closing, "licence_not_taken")
    assert licence in said
    given = taking(desk.town, penalty)
    invented = {**given, "decision_number": "通卫公罚〔2026〕999号"}
    said = desk.refused(licence, "cancel", "approver", invented, "penalty_unknown")
    assert "通卫公罚〔2026〕999号" in said
    assert desk.take(licence, "cancel", "window", given).status_code == 403
    assert desk.take(licence, "cancel", "approver", given).json()["state"] == "cancelled"
    assert _verified(desk, licence)["state_label"] == "已吊销"
    assert desk.go(penalty, ("close", "handler1")) == "closed"
    desk.refused(licence, "give_back", "approver", BACK, "penalty_stands")
    desk.go(penalty, *QUASHED)  # what is closed may still be contested in time
    assert desk.town.case(licence).state == "valid"
    assert _verified(desk, licence)["stands"]


def test_a_decision_is_the_one_by_whichever_brackets_its_number_is_typed(desk: Desk) -> None:
    """Nor is it one of elsewhere, which this system does not know, by typing it otherwise."""
    licence, penalty = _licence(desk), _penalised(desk, CANCELLING)
    given = taking(desk.town, penalty)
    typed = given["decision_number"].replace("〔", " [").replace("〕", "］\u200b")
    assert typed != given["decision_number"]
    elsewhere = {
        **given,
        "decision_number": typed,
        "source": "其他机关作出",
        "issuer": "某机关",
        "served_on": given["decided_on"],
        "verified": "已核验",
    }
    desk.refused(licence, "cancel", "approver", elsewhere, "penalty_is_here")
    answer = desk.take(licence, "cancel", "approver", {**given, "decision_number": typed})
    assert answer.status_code == 200, answer.text
    assert desk.go(penalty, ("close", "handler1")) == "closed"
    desk.go(penalty, *QUASHED)
    assert desk.town.case(licence).state == "valid"


def test_a_licence_is_suspended_for_thirty_days(desk: Desk) -> None:
    with desk.town.session() as session:
        add_penalty(session, "gc003", "暂扣许可证件")
    licence, penalty = _licence(desk), _penalised(desk, SUSPENDING)
    closing = penalties.INPUTS["close"]
    desk.refused(penalty, "close", "handler1", closing, "licence_not_taken")
    given = suspending(desk.town, penalty)
    too_long = suspending(desk.town, penalty, days=60)
    desk.refused(licence, "suspend", "approver", too_long, "suspension_differs")
    assert desk.take(licence, "suspend", "approver", given).status_code == 200
    found = _verified(desk, licence)
    assert (found["state_label"], found["stands"]) == ("暂扣中", False)
    assert found["suspended_until"] == "2026-10-01"
    page = desk.front.client.get(f"/verify/{desk.town.case(licence).tracking_code}").text
    assert "暂扣至" in page
    assert desk.go(penalty, ("close", "handler1")) == "closed"
    desk.wait(licence, days=31)
    found = _verified(desk, licence)
    assert (found["state"], found["suspended_until"]) == ("valid", None)


def test_one_of_another_authority_is_named_in_full(desk: Desk) -> None:
    licence = _licence(desk)
    elsewhere = usual("licence", "cancel")
    unnamed = {name: value for name, value in elsewhere.items() if name != "issuer"}
    said = desk.refused(licence, "cancel", "approver", unnamed, "penalty_not_named")
    assert "作出处罚决定的机关" in said
    assert desk.take(licence, "cancel", "approver", elsewhere).json()["state"] == "cancelled"


@pytest.mark.parametrize("bad", [{"source": "听说"}, {"decided_on": "昨天"}, {"served_on": 5}])
def test_what_cannot_be_read_is_refused_and_leaves_nothing(desk: Desk, bad: dict[str, Any]) -> None:
    licence = _licence(desk)
    before = desk.town.case(licence).version
    given = {**usual("licence", "cancel"), **bad}
    assert desk.take(licence, "cancel", "approver", given).status_code == 422
    assert desk.town.case(licence).version == before
