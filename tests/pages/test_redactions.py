"""The page on which personal data are taken away (删除个人信息), read as served."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from casework.acts.redactions import MARK
from tests.support.front import Front
from tests.support.journeys import usual
from tests.support.redactions import REQUEST, ended, redact
from tests.support.town import Town
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow


def _in(door: FastAPI, who: str) -> Visitor:
    found = Visitor(door)
    assert found.enter(who).status_code == 303
    return found


def test_it_is_proposed_and_confirmed_on_the_page(door: FastAPI, town: Town) -> None:
    number = town.granted()
    page = f"/cases/{number}/redaction"
    supervisor, approver, window = (_in(door, who) for who in ("supervisor", "approver", "window"))
    assert "尚未办结" in supervisor.get(page).text
    assert 'type="checkbox"' not in supervisor.get(page).text
    town.take(number, "deliver", "window", {"recipient": "陈志远"})

    assert page in supervisor.get(f"/cases/{number}").text
    assert page not in window.get(f"/cases/{number}").text
    assert window.get(page).status_code == 403
    shown = supervisor.get(page).text
    row = re.search(r'value="([^"]+)"[^>]*> <label[^>]*>联系电话', shown)
    assert row
    given = {
        "basis": "request", "document": "删除申请书", "reason": "核对了身份证件", "chosen": row[1]
    }  # fmt: skip
    # Without a scan nothing is proposed, and what was typed stays.
    answer = supervisor.submit(page, page, **given)
    assert answer.status_code == 422
    assert "请选择申请书或者裁判文书的扫描件" in answer.text
    assert 'value="核对了身份证件"' in answer.text
    files = {"file": ("删除申请书.pdf", REQUEST)}
    secret = {"_secret": supervisor.secret(page)}
    answer = supervisor.post(page, data={**given, **secret}, files=files)
    assert answer.status_code == 303, answer.text
    assert "（您提出的，由另一人确认）" in supervisor.get(page).text
    assert "确认删除" not in supervisor.get(page).text
    told = approver.get("/notices").text
    assert f"删除个人信息待确认（{number}）" in told
    assert "13800000001" not in told
    assert "第1条" in approver.get(f"/cases/{number}").text  # as the page names what goes

    # The head is asked first what cannot be taken back.
    waiting = re.search(r'name="proposal" value="(\d+)"', approver.get(page).text)
    assert waiting
    named = {"proposal": waiting[1]}
    answer = approver.submit(f"{page}/confirmation", page)
    assert answer.status_code == 409, "nobody confirms what did not stand on the page"
    answer = approver.submit(f"{page}/confirmation", page, **named)
    assert answer.status_code == 200
    assert "任何人都不能恢复" in answer.text
    assert "13800000001" in answer.text
    answer = approver.submit(f"{page}/confirmation", page, **named, _confirmed="1")
    assert answer.status_code == 303, answer.text
    shown = approver.get(page).text
    assert "13800000001" not in shown
    assert "已经删除" in shown
    assert "13800000001" not in window.get(f"/cases/{number}").text
    assert "联系电话已依法删除" in window.get(f"/cases/{number}").text


def test_a_check_does_not_begin_with_the_mark_of_what_was_taken_away(
    door: FastAPI, town: Town
) -> None:
    front = Front(town)
    number = ended(front)
    check = town.relative(number, "check").number
    town.take(check, "assign", "supervisor", usual("commitment_check", "assign"))
    page = f"/cases/{check}/steps/inspect"
    inspector = _in(door, "inspector1")
    assert 'value="李敏"' in inspector.get(page).text
    redact(front, number, "联系人")
    shown = inspector.get(page).text
    assert "现场联系人" in shown
    assert MARK not in shown
