"""What a grade brings about (信用约谈、预警、采集目录), over HTTP and on the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.html.site import SESSION_COOKIE
from casework.audit.proof import verify_case
from casework.models import Case, Notice
from casework.rules.versions import VersionCache
from tests.support.front import Front, refused
from tests.support.journeys import address, check_to, usual
from tests.support.town import workday_from

pytestmark = pytest.mark.slow

CODE = "91440300708461136T"


def page(front: Front, who: str | None, path: str) -> httpx.Response:
    headers = {}
    if who:
        token = front.identity(who)["Authorization"].removeprefix("Bearer ")
        headers = {"Cookie": f"{SESSION_COOKIE}={token}"}
    return front.client.get(path, headers=headers)


def told(front: Front) -> list[tuple[str, str]]:
    """Whom a change of rating was told, and under which heading, in order."""
    with front.town.session() as session:
        rows = session.scalars(select(Notice).where(Notice.kind == "rating").order_by(Notice.id))
        return [(row.to_role or "party", row.subject) for row in rows]


def rating(front: Front) -> dict[str, Any]:
    found: dict[str, Any] = front.get("applicant", f"/parties/{CODE}/credit").json()["rating"]
    return found


def took(front: Front, number: str, step: str, by: str, **changes: Any) -> None:
    answer = front.step(by, number, step, {**usual("credit_talk", step), **changes})
    assert answer.status_code == 200, answer.text


def reason(answer: httpx.Response) -> str:
    code: str = refused(answer, 409, "guard-refused")["reasons"][0]["code"]
    return code


def test_a_fall_to_c_is_warned_of_told_and_talked_about(front: Front) -> None:
    town = front.town
    # 80 and 10 for the promise kept: just A, and near to B.
    check_to(town, town.granted(), "closed")
    assert (rating(front)["grade"], rating(front)["warning"]) == ("A", "B")
    assert told(front) == [("party", "信用等级预警")]
    assert front.get("credit", "/credit/talks").json() == []
    assert (rating(front)["weight"], rating(front)["checks_most"]) == (1, 1)

    # 80 + 10 - 15 is B: told, but nothing to talk about.
    town.breached(town.granted(address=address(1)))
    front.log_in_again()
    assert (rating(front)["grade"], rating(front)["score"]) == ("B", 75)
    assert told(front)[-1] == ("party", "信用等级提醒")
    # Another firm is C at once: 80 - 15.
    town.breached(town.granted(address=address(2), by="applicant2"))
    front.log_in_again()
    due = front.get("credit", "/credit/talks").json()
    assert [one["grade"] for one in due] == ["C"]
    assert (due[0]["score"], due[0]["code"] == CODE) == (65, False)
    assert told(front)[-2:] == [
        ("party", "信用等级提醒"),
        ("credit_officer", f"应当约谈：{due[0]['party']}"),
    ]
    held = front.get("applicant2", f"/parties/{due[0]['code']}/credit").json()["rating"]
    assert (held["talk"], held["weight"], held["checks_least"], held["checks_most"]) == (
        True, 4, 2, None,
    )  # fmt: skip
    assert front.get("applicant", "/credit/talks").json() == []
    assert front.get("approver", "/credit/talks").json() == []

    # From the desk to the record, and what is too early on the way.
    body = {"process": "credit_talk", "data": {"reason": "降级"}, "party": due[0]["code"]}
    refused(front.post("window", "/cases", body), 403, "not-allowed")
    number = _planned_at_the_desk(front, due[0]["code"])
    assert front.get("credit", "/credit/talks").json() == []
    today = town.time.now().date()
    invitation = usual("credit_talk", "invite")
    soon = {**invitation, "day": today.isoformat()}
    assert reason(front.step("credit", number, "invite", soon)) == "talk_too_soon"
    day = workday_from(today + timedelta(days=3))
    at_night = {**invitation, "day": day.isoformat(), "time": "03:00"}
    assert reason(front.step("credit", number, "invite", at_night)) == "outside_office_hours"
    took(front, number, "invite", "credit", day=day.isoformat())
    talk = usual("credit_talk", "hold_talk")
    assert reason(front.step("credit", number, "hold_talk", talk)) == "talk_not_yet"
    refused(front.get("applicant", f"/cases/{number}"), 404, "not-found")
    town.time.go_to(day)
    front.log_in_again()
    took(front, number, "note_absence", "credit")
    assert town.case(number).state == "planned"
    saturday = day + timedelta(days=12 - day.weekday())
    given = {**invitation, "day": saturday.isoformat()}
    assert reason(front.step("credit", number, "invite", given)) == "called_on_a_rest_day"
    day = workday_from(saturday)
    took(front, number, "invite", "credit", day=day.isoformat())
    town.time.go_to(day)
    front.log_in_again()
    took(front, number, "hold_talk", "credit")
    seen = front.get("applicant2", f"/cases/{number}").json()
    assert [one["title"] for one in seen["documents"]] == [
        "信用约谈通知书", "信用约谈通知书", "信用约谈记录",
    ]  # fmt: skip
    took(front, number, "report_improvement", "applicant2")
    took(front, number, "settle", "credit")
    file = front.get("applicant2", f"/parties/{due[0]['code']}/credit").json()
    [kept] = [one for one in file["events"] if one["kind"] == "credit_talked"]
    assert (kept["standing"], kept["case"]) == ("neutral", number)
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert verify_case(session, case, VersionCache()) == []


def _planned_at_the_desk(front: Front, code: str) -> str:
    """Put the talk down on the credit officer's page; gives its number."""
    desk = page(front, "credit", "/credit/desk")
    assert f'value="{code}"' in desk.text
    found = re.search(r'name="_secret" value="(\w+)"', desk.text)
    assert found
    token = front.identity("credit")["Authorization"].removeprefix("Bearer ")
    for status in (303, 422):  # the second time nothing is due any more
        answer = front.client.post(
            "/credit/talks",
            data={"_secret": found[1], "party": code},
            headers={"Cookie": f"{SESSION_COOKIE}={token}"},
            follow_redirects=False,
        )
        assert answer.status_code == status, answer.text
    return front.town.newest("credit_talk")


def test_nobody_is_called_in_whose_grade_asks_for_no_talk(front: Front) -> None:
    number = front.town.plan_talk(CODE)
    given = {**usual("credit_talk", "invite"), "day": "2026-12-01"}
    assert reason(front.step("credit", number, "invite", given)) == "no_talk_due"
    took(front, number, "call_off", "credit")
    assert front.town.case(number).state == "called_off"


@pytest.mark.parametrize("who", [None, "applicant", "credit"])
def test_the_catalogue_and_the_table_are_there_for_everybody(quiet: Front, who: str | None) -> None:
    told = quiet.get(who, "/credit/catalogue").json()
    terms = {one["label"]: (one["months"], one["seen_by"]) for one in told["items"]}
    assert terms["未履行告知承诺"] == (36, "shared")
    assert terms["接受信用约谈"] == (12, "own")
    assert [(one["grade"], one["least"], one["weight"]) for one in told["table"]["grades"]] == [
        ("A", 90, 1), ("B", 70, 2), ("C", 60, 4), ("D", 0, 8),
    ]  # fmt: skip
    table = quiet.get(who, "/credit/catalogue.csv").text
    assert table.startswith("\ufeff代码,信息项,性质")
    assert "promise_broken,未履行告知承诺,失信,告知承诺事后核查,36个月,政务共享" in table
    shown = page(quiet, who, "/credit/catalogue")
    assert shown.status_code == 200
    assert "未履行告知承诺" in shown.text
    assert "每年不多于1次" in shown.text
    assert page(quiet, who, "/credit/catalogue.csv").text == table
