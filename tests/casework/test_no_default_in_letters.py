"""A letter says what the file says, and nothing in its stead: what is not known is left blank, or
refused by the name of template and field."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from casework.common.problems import DocumentProblem
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, Document, Evidence
from casework.rules.rendering import printed_text
from tests.support.journeys import place_for, usual
from tests.support.town import INSPECTORS, Town, look


def latest(town: Town, number: str, key: str) -> str:
    """The text of the newest document of that kind."""
    with town.session() as session:
        case = select(Case.id).where(Case.number == number).scalar_subquery()
        wanted = select(Document.content).where(Document.case_id == case, Document.key == key)
        content = session.scalars(wanted.order_by(Document.id.desc()).limit(1)).one()
    return printed_text(content)


def without(town: Town, number: str, field: str) -> None:
    """Take a field out of an application, as if its form had never asked for it."""
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        kept = {name: said for name, said in case.data["application"].items() if name != field}
        case.data = {**case.data, "application": kept}


@pytest.mark.parametrize(
    ("field", "printed"),
    [("place_kind", "kind"), ("place_name", "name"), ("address", "address")],
)
def test_premises_of_an_unknown_kind_are_no_clinic(town: Town, field: str, printed: str) -> None:
    # Two reasons why it is another authority's, of which either does.
    number = town.apply(place_kind="cafe", address=place_for("not_accepted", 1))
    town.take(number, "submit", "applicant")
    without(town, number, field)
    refused = usual("instant_licence", "not_accept")
    with pytest.raises(DocumentProblem, match=f"《non_acceptance》的字段 place.{printed} 没有提供"):
        town.take(number, "not_accept", "window", refused)


def test_a_certificate_is_delivered_at_no_place_that_nobody_told_of(town: Town) -> None:
    number = town.granted()
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    lines = latest(town, number, "service_receipt").splitlines()
    assert lines[lines.index("送达地点") + 1] == ""


def test_an_application_that_nobody_completed_ends_for_that_reason_alone(town: Town) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    asked = {"items": [{"material": "plans", "what": "请补充平面图"}]}
    town.take(number, "request_supplement", "window", asked)
    town.time.pass_(days=60)
    fire_due_clocks(town.office)
    text = latest(town, number, "termination_notice")
    assert "申请人未在规定期限内补正申请材料。" in text
    assert "有效期" not in text


@pytest.mark.parametrize(
    ("mode", "place"), [("现场核查", "南通市崇川区人民中路88号"), ("视频核查", "视频核查")]
)
def test_what_was_seen_by_video_was_not_seen_at_the_premises(
    town: Town, mode: str, place: str
) -> None:
    number = town.granted()
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    check = town.relative(number, "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    seen: dict[str, Any] = {**look(met=True), "mode": mode}
    town.take(check, "inspect", "inspector1+inspector2", seen)
    with town.session() as session:
        said = session.scalars(select(Evidence.said)).all()
    assert [one["place"] for one in said] == [place]
