"""Grading of places (量化分级), over HTTP: from the look to the placard, and what stands beside."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.html.site import SESSION_COOKIE
from casework.audit.proof import verify_case
from casework.models import Document
from casework.rules.versions import VersionCache
from tests.support.front import Front, refused
from tests.support.journeys import address, usual
from tests.support.town import INSPECTORS, sheet

pytestmark = pytest.mark.slow

CODE = "91440300708461136T"


def page(front: Front, who: str | None, path: str) -> httpx.Response:
    headers = {}
    if who:
        token = front.identity(who)["Authorization"].removeprefix("Bearer ")
        headers = {"Cookie": f"{SESSION_COOKIE}={token}"}
    return front.client.get(path, headers=headers)


def plan(front: Front, licence: str, by: str = "supervisor") -> httpx.Response:
    body = {"process": "place_grading", "data": {"licence": licence}}
    return front.post(by, "/cases", body)


def took(front: Front, number: str, step: str, by: str, given: Any = None) -> None:
    answer = front.step(by, number, step, given or usual("place_grading", step))
    assert answer.is_success, answer.text


def scored(front: Front, licence: str, given: dict[str, Any]) -> str:
    """A grading whose sheet two officers have signed; its number."""
    opened = plan(front, licence)
    assert opened.status_code == 201, opened.text
    number: str = opened.json()["number"]
    took(front, number, "assign", "supervisor", INSPECTORS)
    took(front, number, "score", "inspector1", given)
    assert front.sign("inspector2", number, "score").status_code == 200
    return number


def reasons(answer: httpx.Response) -> list[str]:
    return [one["code"] for one in refused(answer, 409, "guard-refused")["reasons"]]


def test_a_grade_holds_until_the_next_one_and_is_public(front: Front) -> None:
    town = front.town
    granted = town.granted()
    licence = town.licence_of(granted)["number"]
    code = town.relative(granted, "licence").tracking_code
    before = front.get("applicant", f"/parties/{CODE}/credit").json()
    assert before["grades"] == []
    assert front.get(None, f"/verify/{code}").json()["grade"] is None
    assert "还没有评定过等级" in page(front, None, "/grades").text

    # 113 of 126 points: 89, B.
    number = scored(front, licence, sheet(air=0, files=1))
    assert reasons(front.step("approver", number, "leave_unrated", {"opinion": "不予评级"})) == [
        "grade_reached"
    ]
    took(front, number, "award", "approver")
    held = front.get(None, f"/verify/{code}").json()["grade"]
    assert (held["grade"], held["label"], held["score"]) == ("B", "卫生状况良好", 89)
    assert held["visit_by"] == "2027-09-01"  # a year on, by the key's default for B
    lines = {one["key"]: one for one in held["lines"]}
    assert (lines["air"]["points"], lines["air"]["most"]) == (0, 8)
    assert sum(one["points"] for one in held["lines"]) == held["got"] == 113
    with town.session() as session:
        of_case = session.query(Document.key).filter_by(case_id=town.case(number).id)
        papers = of_case.order_by(Document.id).all()
        assert [key for (key,) in papers] == ["grading_sheet", "grading_result", "grading_placard"]
        assert verify_case(session, town.case(number), VersionCache()) == []

    # It stands beside the credit file and changes nothing in it.
    after = front.get("applicant", f"/parties/{CODE}/credit").json()
    assert [one["grade"] for one in after["grades"]] == ["B"]
    assert (after["rating"], after["events"]) == (before["rating"], before["events"])
    assert "对场所的量化分级评定，不计入信用等级" in page(front, "applicant", "/credit").text
    for path in ("/grades", f"/grades?q={held['place_name']}", f"/verify/{code}"):
        assert "B级" in page(front, None, path).text
    assert "没有符合条件的场所" in page(front, None, "/grades?q=别处").text
    assert len(front.get(None, "/grades", q="人民中路").json()["found"]) == 1

    # A vital item fails the next time: the grade is gone, whatever the points.
    number = scored(front, licence, sheet(cups_disinfected=0))
    assert reasons(front.step("approver", number, "award", {"opinion": "同意"})) == [
        "no_grade_reached"
    ]
    took(front, number, "leave_unrated", "approver")
    held = front.get(None, f"/verify/{code}").json()["grade"]
    assert (held["grade"], held["score"]) == ("", 92)
    assert held["vetoes"] == ["杯具、拖鞋等公共用品用具一客一消毒，消毒后保洁存放"]
    assert held["visit_by"] == "2026-12-01"
    assert "不予评级" in page(front, None, f"/verify/{code}").text

    # It hangs beside a licence that stands, and goes with it.
    front.step("approver", town.relative(granted, "licence").number, "cancel", usual("", "cancel"))
    assert front.get(None, f"/verify/{code}").json()["grade"] is None
    assert front.get(None, "/grades").json()["found"] == []


def test_what_a_grading_is_refused_for(front: Front) -> None:
    town = front.town
    granted = town.granted(address=address(1))
    licence = town.licence_of(granted)["number"]
    refused(plan(front, "苏卫公证字〔2026〕第320613-999999号"), 422, "bad-input")
    refused(plan(front, licence, by="window"), 403, "not-allowed")
    refused(plan(front, licence, by="supervisor_b"), 403, "not-allowed")  # another district's
    number = plan(front, licence).json()["number"]
    assert town.case(number).place_id == town.relative(granted, "licence").place_id
    alone = {"inspectors": ["inspector1", "inspector1"]}
    refused(front.step("supervisor", number, "assign", alone), 422, "bad-input")
    took(front, number, "assign", "supervisor", {"inspectors": ["inspector1", "inspector2"]})
    bad = sheet(cups_disinfected=5, air=9, central_air=None)
    problem = refused(front.step("inspector1", number, "score", bad), 409, "guard-refused")
    [reason] = problem["reasons"]
    assert reason["code"] == "sheet_incomplete"
    text = reason["text"]
    assert "只能评0分或者10分" in text
    assert "应为0至8分，填写的是9分" in text
    assert "central_air" not in text
    assert "集中空调" not in text  # which a place may well not have
    missing = sheet()
    del missing["marks"][0]
    problem = refused(front.step("inspector1", number, "score", missing), 409, "guard-refused")
    assert "没有评分" in problem["reasons"][0]["text"]
    refused(front.step("inspector1", number, "score", {**sheet(), "marks": []}), 422, "bad-input")
    took(front, number, "score", "inspector1", sheet())
    refused(front.sign("inspector1", number, "score"), 409, "second-signature")
    assert front.sign("inspector2", number, "score").status_code == 200
    # Sent back, it is scored anew; a licence that ended meanwhile is graded no more.
    took(front, number, "send_back", "approver")
    front.step("approver", town.relative(granted, "licence").number, "cancel", usual("", "cancel"))
    assert reasons(front.step("inspector1", number, "score", sheet())) == ["place_not_licensed"]
    took(front, number, "call_off", "supervisor")


@pytest.mark.parametrize("who", ["inspector1", "supervisor"])
def test_officers_begin_a_grading_from_the_page_of_the_licence(front: Front, who: str) -> None:
    town = front.town
    licence = town.relative(town.granted(), "licence").number
    assert "登记量化分级评定" in page(front, who, f"/cases/{licence}").text
    assert "登记量化分级评定" not in page(front, "window", f"/cases/{licence}").text
    assert "登记量化分级评定" not in page(front, "applicant", f"/cases/{licence}").text


def test_the_sheet_of_the_page_lists_the_items_of_the_kind(front: Front) -> None:
    town = front.town
    number = plan(front, town.licence_of(town.granted())["number"]).json()["number"]
    took(front, number, "assign", "supervisor", INSPECTORS)
    shown = page(front, "inspector1", f"/cases/{number}/steps/score").text
    assert "※床上用品一客一换" in shown
    assert "染发" not in shown
    took(front, number, "score", "inspector1", sheet())
    front.sign("inspector2", number, "score")
    assert "※床上用品一客一换" in page(front, "approver", f"/cases/{number}").text
