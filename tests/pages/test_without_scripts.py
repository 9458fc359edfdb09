"""The clerk's path and forms with rows, in a browser that runs no scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from casework.common.timekeeping import ZONE
from tests.pages.conftest import Desks
from tests.support.penalties import penalty_to

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk(desks: Desks) -> Page:
    """The window clerk's desk, without scripts."""
    return desks.desk("window", java_script_enabled=False)


def test_the_clerk_asks_once_for_everything_that_is_missing(desks: Desks, clerk: Page) -> None:
    town = desks.town
    number = town.apply()
    town.attach(number, "application_form")
    town.take(number, "submit", "applicant")
    clerk.goto(f"/cases/{number}")
    clerk.get_by_role("link", name="一次性告知补正").click()
    row = clerk.locator(".form-row").filter(has_text="平面图")
    row.get_by_role("checkbox").check()
    clerk.get_by_role("button", name="再加一行").click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    own = clerk.locator(".form-row").last
    own.get_by_label("材料").fill("公共场所卫生管理制度")
    own.get_by_label("需要补正的内容").fill("近三个月")
    clerk.get_by_role("button", name="提交：一次性告知补正").click()
    # What to put right was not said for the first: the form comes back with all that was typed.
    expect(clerk.get_by_role("alert")).to_contain_text("需要补正的内容")
    expect(own.get_by_label("材料")).to_have_value("公共场所卫生管理制度")
    row.get_by_label("需要补正的内容").fill("标明消毒间")
    clerk.get_by_role("button", name="预览文书").click()
    clerk.get_by_text("将出具：").click()
    expect(clerk.locator(".letter")).to_contain_text("卫生设施平面布局图")
    assert town.case(number).state == "received"
    clerk.get_by_role("button", name="确认办理").click()
    expect(clerk.locator(".states [aria-current]")).to_have_text("待补正")
    assert town.case(number).data["request_supplement"]["items"] == [
        {"material": "plans", "what": "标明消毒间"},
        {"material": "公共场所卫生管理制度", "what": "近三个月"},
    ]


def test_the_clerk_takes_an_application_to_its_delivery(desks: Desks, clerk: Page) -> None:
    number = desks.town.committed()
    clerk.goto("/")
    clerk.get_by_role("link", name=number).click()
    for step in ("准予许可", "送达证书"):
        clerk.locator("#actions").get_by_role("link", name=step).click()
        clerk.get_by_role("button", name="下一步").click()
        clerk.get_by_role("button", name="确认办理").click()
    assert desks.town.case(number).state == "delivered"


def test_a_confirmation_can_be_left_to_mend_what_was_typed(desks: Desks, clerk: Page) -> None:
    number = desks.town.granted()
    clerk.goto(f"/cases/{number}/steps/deliver")
    clerk.get_by_label("受送达人").fill("李敏")
    clerk.get_by_role("button", name="下一步").click()
    clerk.get_by_role("button", name="返回修改").click()
    expect(clerk.get_by_label("受送达人")).to_have_value("李敏")
    assert desks.town.case(number).state == "granted"


def test_whoever_comes_second_sees_what_happened_and_keeps_what_was_typed(
    desks: Desks, clerk: Page
) -> None:
    town = desks.town
    number = town.committed()
    town.attach(number, "ending_proof", by="window")
    clerk.goto(f"/cases/{number}/steps/terminate")
    clerk.get_by_label("终止原因").select_option("申请人依法终止")
    clerk.get_by_label("依据的材料").fill("注销登记通知书")
    town.take(number, "withdraw_commitment", "applicant", {"reason": "暂不符合"})
    clerk.get_by_role("button", name="下一步").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("案件已有新的办理情况")
    expect(clerk.locator("main")).to_contain_text("撤回承诺")
    clerk.get_by_role("button", name="带着已填内容继续").click()
    expect(clerk.get_by_label("依据的材料")).to_have_value("注销登记通知书")
    clerk.get_by_role("button", name="下一步").click()
    clerk.get_by_role("button", name="确认办理").click()
    assert town.case(number).state == "terminated"


def test_a_step_of_another_day_bears_that_day(desks: Desks) -> None:
    town = desks.town
    number = penalty_to(town, "served")
    town.time.pass_(days=2)
    town.attach(number, "payment_slip", by="handler1")
    page = desks.desk("handler1", java_script_enabled=False)
    page.goto(f"/cases/{number}/steps/record_payment")
    page.get_by_label("缴款方式").select_option("到指定银行缴纳")
    page.get_by_label("缴款凭证（票据）号").fill("P-2026-78")
    page.get_by_label("缴款日期").fill("2026-09-02")
    page.get_by_label("办理日期").fill("2026-08-31")
    page.get_by_role("button", name="下一步：核对后确认").click()
    expect(page.get_by_role("alert")).to_contain_text("办理日期不能早于")
    page.get_by_label("办理日期").fill("2026-09-02")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator(".states [aria-current]")).to_have_text("已缴")
    assert town.case(number).effective_at.astimezone(ZONE).date().isoformat() == "2026-09-02"
