"""A decision put right in a browser: corrected and served, or undone by three at their desks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.support.journeys import UNDOING, check_to

pytestmark = pytest.mark.browser


def test_an_officer_corrects_a_slip_and_serves_it(desks: Desks) -> None:
    number = check_to(desks.town, desks.town.granted(), "revocation_served")
    page = desks.desk("inspector1")
    page.goto(f"/cases/{number}")
    page.get_by_role("link", name="补正文书笔误").click()
    # Chosen by what they are called; nothing of substance is on the list.
    expect(page.get_by_label("补正的文书")).to_have_value("revocation_decision")
    field = page.get_by_label("补正的项目").first
    expect(field.get_by_role("option", name="查明的事实")).to_have_count(0)
    field.select_option("当事人地址")
    page.get_by_label("误写为").first.fill("没有这几个字")
    page.get_by_label("应为").first.fill("人民东路")
    page.get_by_label("补正原因").fill("录入有误")
    _pictures(page, "correct")
    page.get_by_role("button", name="提交：补正文书笔误").click()
    expect(page.get_by_role("alert").first).to_contain_text("原文书该处没有")
    page.get_by_label("误写为").first.fill("人民中路")
    page.get_by_role("button", name="提交：补正文书笔误").click()
    expect(page.locator("main")).to_contain_text("补正文书待送达")
    page.get_by_role("link", name="登记送达（补正文书）").click()
    # Both papers wait, and only they.
    ticked = page.get_by_role("checkbox", name="补正", checked=True)
    expect(ticked).to_have_count(2)
    signed = page.get_by_role("group", name="签收人已在送达回证上签名或者盖章")
    signed.get_by_label("是", exact=True).check()
    page.get_by_role("button", name="提交：登记送达（补正文书）").click()
    expect(page.locator("main")).to_contain_text("补正文书已送达")
    _pictures(page, "corrected")


def test_a_revocation_is_undone_by_three_persons(desks: Desks) -> None:
    number = check_to(desks.town, desks.town.granted(), "revocation_served")
    officer = desks.desk("inspector1")
    officer.goto(f"/cases/{number}/steps/propose_undoing")
    officer.get_by_label("原决定的问题（事实）").fill(UNDOING["facts"])
    officer.get_by_label("依据").fill(UNDOING["basis"])
    officer.get_by_label("理由").fill(UNDOING["reasons"])
    officer.get_by_label("撤销、变更后的处理").fill(UNDOING["instead"])
    officer.get_by_role("button", name="提交：拟撤销、变更决定").click()
    reviewer = desks.desk("legal")
    reviewer.goto(f"/cases/{number}/steps/review_undoing")
    draft = reviewer.get_by_role("region", name="拟作出的决定")
    expect(draft).to_contain_text(UNDOING["facts"])
    reviewer.wait_for_load_state()
    for row in reviewer.locator(".form-row").all():
        row.get_by_label("是", exact=True).check()
    _pictures(reviewer, "review")
    reviewer.get_by_role("button", name="下一步：核对后确认").click()
    reviewer.get_by_role("button", name="确认办理").click()
    head = desks.desk("approver")
    head.goto(f"/cases/{number}/steps/undo_decision")
    # What was reviewed is filled in; the head only says so.
    expect(head.get_by_label("撤销、变更后的处理")).to_have_value(UNDOING["instead"])
    _pictures(head, "undo")
    head.get_by_role("button", name="下一步：核对后确认").click()
    head.locator("main form button").first.click()
    expect(head.locator("main")).to_contain_text("决定已撤销、变更")
    expect(head.get_by_role("link", name="撤销（变更）决定书", exact=True)).to_be_visible()
    _pictures(head, "undone")


def _pictures(page: Page, name: str) -> None:
    """To look at, when a folder is named."""
    if folder := os.environ.get("NUOXIN_PICTURES"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"right-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
