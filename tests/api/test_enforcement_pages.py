"""The pages of enforcement, read as they are served: catalogue, lists, import, leads, ledger."""

from __future__ import annotations

import re

import httpx
import pytest

from api.html.site import SESSION_COOKIE
from tests.support.exemptions import FIRM, lead
from tests.support.front import Front
from tests.support.journeys import exemption_to
from tests.support.penalties import SERVED, go, open_lead

pytestmark = pytest.mark.slow


def page(front: Front, who: str, path: str) -> httpx.Response:
    token = front.identity(who)["Authorization"].removeprefix("Bearer ")
    return front.client.get(path, headers={"Cookie": f"{SESSION_COOKIE}={token}"})


def post(front: Front, who: str, path: str, data: dict[str, str]) -> httpx.Response:
    token = front.identity(who)["Authorization"].removeprefix("Bearer ")
    found = re.search(r'name="_secret" value="(\w+)"', page(front, who, path).text)
    assert found
    return front.client.post(
        path,
        data={"_secret": found[1], **data},
        headers={"Cookie": f"{SESSION_COOKIE}={token}"},
        follow_redirects=False,
    )


@pytest.mark.parametrize(
    ("path", "who", "words"),
    [
        ("/violations", "handler1", ("GC001", "500元以上5,000元以下", "共 83 条")),
        ("/violations?q=没有这回事", "handler1", ("没有找到",)),
        ("/violations/GC003", "handler1", ("从轻", "2,000元以下", "已核对法律条文", "经营者")),
        ("/leniency", "handler1", ("不予处罚（13 项）", "从轻处罚（6 项）", "减轻处罚（1 项）")),
        ("/violations/import", "admin", ("依据文件", "只校验")),
        ("/leads/new", "inspector1", ("涉嫌案由", "当事人证件号码")),
        ("/exemptions?since=2020-01-01&until=2020-12-31", "credit", ("没有不予处罚的案件",)),
    ],
)
def test_says_what_it_should(quiet: Front, path: str, who: str, words: tuple[str, ...]) -> None:
    answer = page(quiet, who, path)
    assert answer.status_code == 200
    for word in words:
        assert word in answer.text


@pytest.mark.parametrize(
    ("path", "who"),
    [("/violations/import", "handler1"), ("/leads/new", "window"), ("/exemptions", "window")],
)
def test_is_not_for_others(quiet: Front, path: str, who: str) -> None:
    assert page(quiet, who, path).status_code == 403


def test_the_party_s_other_cases_are_shown_and_told_apart(front: Front) -> None:
    day = front.town.time.now().date().isoformat()
    act = {"found_on": day, "act_on": day, "address": "南通市崇川区人民中路88号"}
    fined, number = (open_lead(front.town, **act) for _ in range(2))
    go(front.town, fined, *SERVED)
    shown = page(front, "handler1", f"/cases/{number}").text
    assert "当事人的其他案件" in shown
    assert "同一行为已经罚款，不得再罚款" in shown
    asked = page(front, "handler1", f"/cases/{number}/steps/file").text
    assert "当事人的其他案件（1）" in asked
    path = f"/cases/{number}/differences"
    assert f"/cases/{number}/differences?case={fined}" in shown
    given = {"case": fined, "differs_in": "地点", "statement": "短"}
    assert post(front, "handler1", path, given).status_code == 422
    given["statement"] = "先前案件为一号楼客房，本案为二号楼浴场"
    unknown = post(front, "handler1", path, {**given, "case": "CC-CF-2026-999999"})
    assert unknown.status_code in (409, 422)
    told = post(front, "handler1", path, given)
    assert told.status_code == 303, told.text
    assert "已说明区别：先前案件为一号楼客房" in page(front, "handler1", f"/cases/{number}").text
    assert page(front, "applicant", f"/cases/{fined}").status_code == 200
    assert page(front, "applicant", f"/cases/{fined}/differences").status_code == 404


def test_a_lead_is_registered_and_every_form_of_its_case_opens(front: Front) -> None:
    given = {name: str(value) for name, value in lead().items()}
    opened = post(front, "handler1", "/leads/new", {"_party": FIRM, **given})
    assert opened.status_code == 303, opened.text
    wrong = post(front, "handler1", "/leads/new", {"_party": "123", **given})
    assert wrong.status_code == 422
    assert "没有代码为“123”的当事人" in wrong.text
    for state, who, steps in (
        ("lead", "handler1", ("file", "correct_on_the_spot")),
        ("filed", "approver", ("approve_filing",)),
        ("corrected", "handler1", ("check_minor", "check_first", "convert")),
        ("exemption_review", "approver", ("exempt",)),
        ("educated", "handler1", ("serve",)),
    ):
        number = exemption_to(front.town, state)
        assert page(front, who, f"/cases/{number}").status_code == 200
        for step in steps:
            answer = page(front, who, f"/cases/{number}/steps/{step}")
            assert answer.status_code == 200, (state, step)
    assert "1000.00" in page(front, "credit", "/exemptions").text
