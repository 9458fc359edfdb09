"""The pages on which papers of an outage are entered afterwards (专项补录), read as served."""

from __future__ import annotations

import re
from datetime import date

import pytest
from fastapi import FastAPI

from tests.support.backfills import scan_of
from tests.support.penalties import FIRM, lead
from tests.support.town import Town
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow
HOME = "/backfills"
OUTAGE = {
    "kind": "outage",
    "first_day": "2026-09-15",
    "last_day": "2026-09-18",
    "reason": "机房停电，系统停运",
}


def _in(door: FastAPI, who: str) -> Visitor:
    found = Visitor(door)
    assert found.enter(who).status_code == 303
    return found


def _send(
    visitor: Visitor, path: str, page: str, files: dict[str, tuple[str, bytes]], **given: str
) -> str:
    answer = visitor.post(path, data={**given, "_secret": visitor.secret(page)}, files=files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).split("?")[0]


def _field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def test_a_grant_of_an_outage_on_the_pages_of_those_who_enter_it(door: FastAPI, town: Town) -> None:
    town.time.go_to(date(2026, 9, 14))
    number = town.committed()
    town.time.go_to(date(2026, 9, 21))
    supervisor, approver = _in(door, "supervisor"), _in(door, "approver")
    assert "专项补录" in supervisor.get("/").text

    # Numbers are set aside; without a scan nothing is opened, and what was typed stays.
    for document in ("grant_decision", "certificate"):
        given = {"document": document, "count": "2", "reason": "停运", "field": "公共场所"}
        assert supervisor.submit(f"{HOME}/numbers", HOME, **given).status_code == 303
    answer = supervisor.submit(f"{HOME}/numbers", HOME, **{**given, "count": "x"})
    assert answer.status_code == 422
    assert "一次可以预留" in answer.text
    assert "已为下一次停运预留" in supervisor.get(HOME).text
    answer = supervisor.submit(HOME, HOME, **OUTAGE)
    assert answer.status_code == 422
    assert "请选择签名的停运记录" in answer.text
    assert 'value="机房停电，系统停运"' in answer.text
    one = _send(supervisor, HOME, HOME, {"file": ("停运记录.pdf", scan_of("停"))}, **OUTAGE)
    assert "等待第二人确认" in supervisor.get(one).text
    assert "情况属实，确认" not in supervisor.get(one).text
    assert approver.submit(f"{one}/confirmation", one).status_code == 303
    assert "可以录入" in approver.get(one).text

    # The officer chooses it, with day, paper and numbers; what is missing is said.
    step = f"/cases/{number}/steps/grant"
    assert "专项补录（当时在纸上办理的）" in approver.get(step).text
    window = _in(door, "window")
    files = {"file.backfilled_paper": ("决定书.pdf", scan_of("决定书"))}
    _send(window, f"/cases/{number}/attachments", f"/cases/{number}", files)
    page = approver.get(step).text
    key = one.rpartition("/")[2]
    paper = re.search(r'<option value="(\d+)">决定书.pdf</option>', page)
    assert paper
    kept = re.findall(r'<option value="([^"]+号|[^"]+-\d+号?)"></option>', page)
    assert len(kept) == 4
    said = {"_version": _field(page, "_version"), "_key": _field(page, "_key"), "_backfill": key}
    answer = approver.submit(step, step, **said)
    assert answer.status_code == 422
    assert "纸质文书上的日期" in answer.text
    said |= {"_paper_on": "2026-09-16", "_paper": paper[1]}
    answer = approver.submit(step, step, **said)
    assert answer.status_code == 409
    assert "请填写纸质" in answer.text
    numbers = {"grant_decision": kept[0], "certificate": kept[2]}
    said |= {f"_number.{name}": text for name, text in numbers.items()}
    asked = approver.submit(step, step, **said)
    assert "2026-09-16" in asked.text
    assert f'name="_backfill" value="{key}"' in asked.text
    done = approver.submit(step, step, **said, _confirmed="1")
    assert done.status_code == 303, done.text
    assert "backfill_entered" in done.headers["location"]
    assert "您已签名" in approver.get(step).text

    # The second person sees paper and numbers, and confirms.
    assert step in supervisor.get(one).text
    page = supervisor.get(step).text
    assert "第二人复核补录的" in page
    assert kept[0] in page
    answer = supervisor.submit(f"{step}/signature", step, _version=said["_version"], _key="k")
    assert answer.status_code == 303
    page = supervisor.get(f"/cases/{number}").text
    assert "项按纸质文书录入" in page
    assert f"补录：2026年9月21日按纸质文书录入（第{key}号专项补录）" in page
    assert "项是当时在纸上办理、后来补记的" in _in(door, "applicant").get(f"/cases/{number}").text

    # And it is closed.
    answer = supervisor.submit(f"{one}/end", one, reason=" ")
    assert answer.status_code == 422
    assert supervisor.submit(f"{one}/end", one, reason="全部录入").status_code == 303
    assert "作废" in supervisor.get(one).text
    assert "专项补录（当时在纸上办理的）" not in window.get(f"/cases/{number}/steps/deliver").text


def test_an_old_case_is_opened_on_the_page_of_leads(door: FastAPI, town: Town) -> None:

    supervisor, approver, handler = (
        _in(door, who) for who in ("supervisor", "approver", "handler1")
    )
    given = {**OUTAGE, "kind": "paper", "first_day": "2026-06-01", "last_day": "2026-06-30"}
    one = _send(supervisor, HOME, HOME, {"file": ("案卷.pdf", scan_of("案卷"))}, **given)
    assert approver.submit(f"{one}/confirmation", one).status_code == 303
    path = "/leads/new?process=penalty"
    page = handler.get(path).text
    assert "不是旧案，现在登记" in page
    data = {name: str(value) for name, value in lead().items() if isinstance(value, str)}
    data |= {"found_on": "2026-06-01", "act_on": "2026-06-01"}
    data.pop("filed_on", None)
    said = {"_party": FIRM, "_on": "2026-06-01", "_backfill": one.rpartition("/")[2]}
    answer = handler.submit(path, path, **data, **said)
    assert answer.status_code == 303, answer.text
    page = approver.get(one).text
    assert FIRM in page
    assert "内容属实，复核立案" in page
    answer = approver.submit(f"{one}/opening/return", one, reason=" ")
    assert answer.status_code == 422
    answer = approver.submit(f"{one}/opening/confirmation", one)
    assert answer.status_code == 303, answer.text
    number, _, row = answer.headers["location"].partition("/done/")
    assert number.startswith("/cases/CC-")
    assert row == "1"
    assert "号专项补录" in approver.get(answer.headers["location"]).text
    assert "按纸质文书录入" in handler.get(number).text


def test_the_pages_are_for_staff_and_each_action_for_its_role(door: FastAPI, town: Town) -> None:
    town.time.go_to(date(2026, 9, 21))
    supervisor, window = _in(door, "supervisor"), _in(door, "window")
    one = _send(supervisor, HOME, HOME, {"file": ("停运记录.pdf", scan_of("停"))}, **OUTAGE)
    page = window.get(HOME).text
    assert "开立专项补录" not in page
    secret = window.secret("/counter")
    for path in (HOME, f"{HOME}/numbers", f"{one}/confirmation", f"{one}/end"):
        files = {"file": ("停.pdf", scan_of("停"))}
        answer = window.post(path, data={**OUTAGE, "_secret": secret}, files=files)
        assert answer.status_code == 403, path
        answer = supervisor.post(path, data={"_secret": "forged"})
        assert answer.status_code in (303, 403), path
    assert _in(door, "applicant").get(HOME).status_code == 403
    assert _in(door, "supervisor_b").get(one).status_code == 404
    assert "等待第二人确认" in supervisor.get(one).text
    assert supervisor.get(f"{one}/scan").content.startswith(b"%PDF")
