"""The approver's pages when a penalty takes a licence (暂扣、吊销): the decision is at hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Desks
from tests.support.licence_penalties import (
    CANCELLING,
    SUSPENDING,
    decision_number,
    penalised,
)
from tests.support.rules import add_penalty

pytestmark = pytest.mark.browser


def test_the_decision_that_cancels_is_filled_in(desks: Desks) -> None:
    town = desks.town
    licence = town.relative(town.granted(), "licence").number
    page = desks.desk("approver", viewport={"width": 390, "height": 800})
    page.goto(f"/cases/{licence}/steps/cancel")
    expect(page.locator("main")).to_contain_text("没有查到本机关对本证持证人作出并已送达")
    number = decision_number(town, penalised(town, CANCELLING))
    page.reload()
    expect(page.get_by_label("处罚决定书文号")).to_have_value(number)
    expect(page.get_by_label("处罚决定日期")).to_have_value("2026-09-01")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.locator(".states [aria-current]")).to_have_text("已吊销")
    assert town.case(licence).state == "cancelled"
    assert desks.complaints == []


def test_the_days_of_a_suspension_are_counted(desks: Desks) -> None:
    town = desks.town
    with town.session() as session:
        add_penalty(session, "gc003", "暂扣许可证件")
    licence = town.relative(town.granted(), "licence")
    penalised(town, SUSPENDING)
    page = desks.desk("approver")
    page.goto(f"/cases/{licence.number}/steps/suspend")
    expect(page.get_by_label("暂扣期限（日）")).to_have_value("30")
    expect(page.get_by_label("暂扣至")).to_have_value("2026-10-01")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.locator("main")).to_contain_text("暂扣中")
    assert town.case(licence.number).tracks == {"suspension": "suspended"}
    anybody = desks.visitor()
    anybody.goto(f"/verify/{licence.tracking_code}")
    expect(anybody.get_by_role("status")).to_contain_text("暂扣中")
    expect(anybody.get_by_role("status")).to_contain_text("暂扣至 2026-10-01")
    assert desks.complaints == []
