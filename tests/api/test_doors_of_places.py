"""Doors that are shut: two licences for one place, a licence handed on, a verification or a
report put off; over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.models import Party
from casework.rules.addresses import plain
from tests.support.front import Front, reasons_of
from tests.support.journeys import PROMISING, address, change_of, joint_to, usual
from tests.support.town import START, Town, joint_application

HERE = "南通市崇川区人民中路1001号"
PERSON, HOLDER = "11010519491231002X", "陈志远"


@pytest.mark.parametrize(
    "where",
    [
        "江苏省南通市崇川区人民中路1001号",
        "中国江苏南通崇川人民中路 1001 号",
        "崇川区人民中路1001号",
        "人民中路1001号",
        "南通市崇川区人民中路一〇〇一号",
        "南通市崇川区人民中路壹仟零壹号",
    ],
)
def test_no_place_is_licensed_twice_by_another_spelling(
    front: Front, town: Town, where: str
) -> None:
    """细则22: one licence per premises, whoever applies for the second."""
    town.granted(address=HERE)
    for by in ("applicant", "applicant2"):
        number = town.apply(by=by, address=where)
        town.attach(number, by=by)
        assert reasons_of(front.step(by, number, "submit")) == ["place_licensed"]
    # Next door, and another floor of a house, is another place.
    for other in ("江苏省南通市崇川区人民中路1003号", f"{HERE}二楼"):
        number = town.apply(address=other)
        town.attach(number)
        assert front.step("applicant", number, "submit").status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("南通市崇川区崇川路12号", "崇川路12号", True),
        ("南通市崇川区南通大道12号", "南通大道12号", True),
        ("南通市崇川区人民路12号二楼", "南通市崇川区人民路十二号2楼", True),
        ("南通市崇川区人民路12号", "南通市崇川区人民路120号", False),
        ("南通市崇川区人民路2号", "南通市崇川区人民路12号", False),
    ],
)
def test_addresses_are_compared_as_people_write_them(one: str, other: str, *, same: bool) -> None:
    regions = ("江苏省", "南通市", "崇川区")
    assert (plain(one, regions) == plain(other, regions)) == same


def test_nobody_hands_a_licence_on_by_another_name_of_the_place(front: Front, town: Town) -> None:
    """许可法9: of a natural person it stays that person's, whatever the change is called."""
    granted = town.granted(address=address(1))
    town.take(granted, "deliver", "window", {"recipient": HOLDER})
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        natural = {"code_kind": "id", "code": PERSON, "name": HOLDER}
        session.execute(update(Party).where(Party.representative == HOLDER).values(name=HOLDER))
        session.execute(update(Party).where(Party.code.startswith("9144")).values(natural))
        session.commit()
    owner.dispose()
    asked = {"kind": "变更单位名称", "place_name": f"{HOLDER}宾馆", "reason": "更换招牌"}
    number = change_of(town, granted, **asked, representative="王买主")
    assert reasons_of(front.step("applicant", number, "submit")) == ["not_transferable"]
    number = change_of(town, granted, **asked)
    assert front.step("applicant", number, "submit").status_code == 200
    for step, by in (("accept", "window"), *PROMISING, ("grant", "window")):
        answer = front.step(by, number, step, usual("licence_change", step))
        assert answer.status_code == 200, answer.text


def test_a_firm_may_have_another_head_when_its_place_has_another_name(
    front: Front, town: Town
) -> None:
    granted = town.granted(address=address(1))
    town.take(granted, "deliver", "window", {"recipient": HOLDER})
    asked = {"kind": "变更单位名称", "place_name": "江海宾馆", "reason": "更换招牌"}
    number = change_of(town, granted, **asked, representative="王买主")
    answer = front.step("applicant", number, "submit")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("days", "code"), [(-1, 409), (0, 200), (3 * 365, 200), (3 * 366, 409)])
def test_no_verification_is_put_off_by_a_day_far_away(
    front: Front, town: Town, days: int, code: int
) -> None:
    on = (START.date() + timedelta(days=days)).isoformat()
    number = town.file("one_matter", joint_application(verify_by=on))
    answer = front.step("applicant", number, "submit")
    assert answer.status_code == code, answer.text
    if code == 409:
        assert reasons_of(answer) == ["verification_day_wrong"]


def test_nor_when_it_is_entered(front: Front, town: Town) -> None:
    number = joint_to(town, "delivered_together", address(3))
    licence = town.relative(number, "diagnosis_licence").number
    passed = {"result": "校验合格", "next_due": "2035-03-31"}
    assert reasons_of(front.step("window", licence, "pass_verification", passed)) == [
        "verification_day_wrong"
    ]
    passed = {**passed, "next_due": "2028-03-31"}
    assert front.step("window", licence, "pass_verification", passed).status_code == 200


def test_no_report_is_handed_in_for_years_to_come(front: Front, town: Town) -> None:
    """449号条例30: each year by 31 January, on the year before."""
    number = joint_to(town, "delivered_together", address(4))
    licence = town.relative(number, "safety_licence").number
    said = {"year": 2026, "summary": "运行正常"}
    for year in (2005, 2027):
        answer = front.step("applicant", licence, "report", {**said, "year": year})
        assert reasons_of(answer) == ["report_of_another_year"]
    assert front.step("applicant", licence, "report", said).status_code == 200
    for year in (2026, 2027):
        answer = front.step("applicant", licence, "report", {**said, "year": year})
        assert reasons_of(answer) == ["report_of_another_year"]
    assert town.case(licence).data["application"]["report_by"] == "2028-01-31"
