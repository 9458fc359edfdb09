"""Doors that are shut: things in custody (登记保存、查封、扣押), over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.models import Document
from tests.support.desk import Desk
from tests.support.front import reasons_of
from tests.support.journeys import (
    OFFICERS,
    SEIZURE,
    TAKING,
    address,
    check_to,
    custody_of,
    usual,
)
from tests.support.penalties import (
    DECIDED,
    HANDLERS,
    INPUTS,
    WARNING,
    decision,
    reconsidered,
    register,
    sentence,
)
from tests.support.rules import add_penalty

BOTTLES = {"name": "消毒液", "spec": "500毫升", "quantity": "12瓶"}
MACHINE = {"name": "洗衣机", "spec": "", "quantity": "1台"}
_BACK = usual("evidence_custody", "give_back")
_FILED = (("file", "handler1"), ("approve_filing", "approver"))


@pytest.fixture
def check(desk: Desk) -> str:
    """A check that found something."""
    return check_to(desk.town, desk.town.granted(address=address(1)), "inspected")


def _seized(desk: Desk, case: str, *things: Mapping[str, str], by: str = OFFICERS) -> str:
    """These things, seized for a case; the number of their custody."""
    asked = {**SEIZURE, "things": things}
    desk.go(case, ("request_custody", by), request_custody=asked)
    number = custody_of(desk.town, case)
    taken = {**TAKING, "things": things}
    desk.go(
        number, ("approve", "approver"), ("seize", by), approve={"opinion": "同意"}, seize=taken
    )
    return number


def _approved(desk: Desk, case: str, thing: Mapping[str, str], by: str = OFFICERS) -> str:
    """A seizure of it that was approved; the number of the custody."""
    asked = {**SEIZURE, "things": [thing]}
    desk.go(case, ("request_custody", by), request_custody=asked)
    number = custody_of(desk.town, case)
    desk.go(number, ("approve", "approver"), approve={"opinion": "同意"})
    return number


def _given_back(desk: Desk, number: str, *things: Mapping[str, str]) -> Any:
    return desk.take(number, "give_back", OFFICERS, {**_BACK, "things": things})


def _kept(answer: Any) -> list[str]:
    assert "第二十八条" in answer.json()["reasons"][0]["law"]
    return reasons_of(answer)


def test_what_was_taken_is_given_back_whole(desk: Desk, check: str) -> None:
    number = _seized(desk, check, BOTTLES, MACHINE)
    lifted = {"ground": "当事人没有违法行为"}
    desk.go(number, ("lift", "approver"), lift=lifted)
    one, ten = ({**BOTTLES, "quantity": quantity} for quantity in ("1瓶", "10瓶"))
    for less in ((BOTTLES,), (MACHINE,), (one, MACHINE)):
        assert _kept(_given_back(desk, number, *less)) == ["kept_back"]
    # Two were lost, and made good for: that is on file.
    lost = {**ten, "condition": "2瓶灭失，见赔偿协议书"}
    assert _kept(_given_back(desk, number, lost, MACHINE)) == ["kept_back"]
    register(desk.town, number, "赔偿协议书")
    assert _given_back(desk, number, lost, MACHINE).status_code == 200
    assert desk.state(number) == "returned"


def test_what_a_test_used_up_is_not_given_back(desk: Desk, check: str) -> None:
    number = _seized(desk, check, BOTTLES, MACHINE)
    tested = {**usual("evidence_custody", "send_for_test"), "what": "消毒液，检测有效氯含量"}
    desk.go(number, ("send_for_test", "inspector1"), send_for_test=tested)
    desk.go(number, ("lift", "approver"), lift={"ground": "当事人没有违法行为"})
    assert _kept(_given_back(desk, number, BOTTLES)) == ["kept_back"]
    assert _given_back(desk, number, MACHINE).status_code == 200


def _taking(desk: Desk, detail: str) -> str:
    """A penalty that was decided and takes goods of that description; its number."""
    goods = {"kind": "没收非法财物", "amount": "300.00", "days": 0, "detail": detail}
    with desk.town.session() as session:
        add_penalty(session, "gc004", "没收非法财物")
    penalty = desk.open()
    desk.go(
        penalty,
        *DECIDED,
        propose={**INPUTS["propose"], **sentence(WARNING, goods)},
        notify=sentence(WARNING, goods),
        reconsider=reconsidered(WARNING, goods),
        decide=decision(WARNING, goods, publicity="general"),
    )
    return penalty


def test_a_decision_takes_what_it_names_once_it_was_served(desk: Desk, check: str) -> None:
    number = _seized(desk, check, BOTTLES, MACHINE)
    penalty = _taking(desk, "消毒液12瓶")
    with desk.town.session() as session:
        of = Document.case_id == desk.town.case(penalty).id
        [paper] = session.scalars(select(Document).where(of, Document.key == "penalty_decision"))
    by = {"decision_number": paper.number, "decided_on": paper.issued_on.isoformat()}
    assert reasons_of(desk.take(number, "confiscate", "approver", by)) == [
        "decision_not_served",
        "confiscated_beyond_decision",
    ]
    desk.go(penalty, ("serve", "handler1"))
    assert reasons_of(desk.take(number, "confiscate", "approver", by)) == [
        "confiscated_beyond_decision"
    ]
    # The rest goes back, and what the decision took does not.
    decided = {"ground": "对违法行为已经作出处理决定，不再需要查封、扣押"}
    desk.go(number, ("lift", "approver"), lift=decided)
    assert _kept(_given_back(desk, number, BOTTLES)) == ["kept_back"]
    assert _given_back(desk, number, MACHINE).status_code == 200


def test_nothing_is_kept_back_for_a_decision_that_nobody_has(desk: Desk, check: str) -> None:
    number = _seized(desk, check, BOTTLES, MACHINE)
    penalty = _taking(desk, "消毒液12瓶")
    lifted = {"ground": "对违法行为已经作出处理决定，不再需要查封、扣押"}
    desk.go(number, ("lift", "approver"), lift=lifted)
    assert _kept(_given_back(desk, number, MACHINE)) == ["kept_back"]
    desk.go(penalty, ("serve", "handler1"))
    assert _given_back(desk, number, MACHINE).status_code == 200


def _run_out(desk: Desk, number: str) -> None:
    desk.town.time.go_to(date(2026, 10, 2))
    assert desk.wait(number) == "released"


@pytest.mark.parametrize(
    "changed", [{"spec": ""}, {"spec": "500毫升，瓶装"}, {"name": "消毒液（瓶装）"}]
)
def test_nothing_is_taken_again_in_other_words(
    desk: Desk, check: str, changed: dict[str, str]
) -> None:
    _run_out(desk, _seized(desk, check, BOTTLES))
    thing = {**BOTTLES, **changed}
    again = _approved(desk, check, thing)
    answer = desk.take(again, "seize", OFFICERS, {**TAKING, "things": [thing]})
    assert reasons_of(answer) == ["taken_before"]


def test_nor_in_another_case(desk: Desk, check: str) -> None:
    first = _seized(desk, check, BOTTLES)
    _run_out(desk, first)
    penalty = desk.open()
    desk.go(penalty, *_FILED)
    again = _approved(desk, penalty, BOTTLES, HANDLERS)
    taken = {**TAKING, "things": [BOTTLES]}
    assert reasons_of(desk.take(again, "seize", HANDLERS, taken)) == ["taken_before"]
    # What was given back, and is found at another act, is another matter.
    assert _given_back(desk, first, BOTTLES).status_code == 200
    assert desk.take(again, "seize", HANDLERS, taken).status_code == 200


def test_nor_in_another_case_about_the_same_act(desk: Desk) -> None:
    act = {"found_on": "2026-08-20", "act_on": "2026-08-20"}
    one, other = (desk.open(**act) for _ in range(2))
    desk.go(one, *_FILED)
    desk.go(other, *_FILED)
    first = _seized(desk, one, BOTTLES, by=HANDLERS)
    _run_out(desk, first)
    back = {**_BACK, "things": [BOTTLES]}
    assert desk.take(first, "give_back", HANDLERS, back).status_code == 200
    again = _approved(desk, other, BOTTLES, HANDLERS)
    answer = desk.take(again, "seize", HANDLERS, {**TAKING, "things": [BOTTLES]})
    assert reasons_of(answer) == ["taken_before"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"basis": "《中华人民共和国行政处罚法》第五十六条"}, "custody_without_power"),
        ({"basis": "《中华人民共和国行政强制法》第十八条"}, "custody_without_power"),
        ({"basis": "《公共场所卫生管理条例实施细则》第三十五条"}, "custody_without_power"),
        (
            {"measure": "先行登记保存", "basis": "《中华人民共和国行政强制法》第十八条"},
            "custody_basis_wrong",
        ),
        ({"things": [{"name": "洗消间", "quantity": "1处"}]}, "place_is_not_detained"),
        ({"things": [{"name": "经营场所（整栋）", "quantity": "1处"}]}, "place_is_not_detained"),
    ],
)
def test_nothing_is_taken_by_a_law_that_does_not_allow_it(
    desk: Desk, check: str, changed: dict[str, Any], code: str
) -> None:
    asked = {**SEIZURE, **changed}
    assert reasons_of(desk.take(check, "request_custody", OFFICERS, asked)) == [code]
    desk.go(check, ("request_custody", OFFICERS), request_custody=SEIZURE)
