"""A handler's penalty on the pages (行政处罚): what is known already need not be typed again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.support.exemptions import FIRM
from tests.support.penalties import DECIDED, NOTIFIED, SERVED, correct, go, open_lead
from tests.support.town import Town

pytestmark = pytest.mark.browser


def _state(page: Page) -> str:
    return page.locator(".states [aria-current]").inner_text()


def _submit(page: Page, label: str = "") -> None:
    """Hand a form in; without a label it is the first of two signatures."""
    page.get_by_role("button", name=f"提交：{label}" if label else "签名提交").click()


def _sign(desks: Desks, number: str, step: str) -> None:
    town = desks.town
    version = town.case(number).version
    town.office.sign(number, step, town.people["handler2"], version=version)


def test_a_lead_is_put_down_for_the_ordinary_procedure(desks: Desks) -> None:
    page = desks.desk("handler1", viewport={"width": 390, "height": 800})
    page.goto("/leads/new")
    page.get_by_role("navigation", name="办案程序").get_by_role("link", name="普通程序").click()
    page.get_by_label("当事人证件号码").fill(FIRM)
    page.get_by_label("线索来源").select_option("监督检查")
    page.get_by_label("涉嫌案由").select_option("GC004")
    page.get_by_label("线索内容").fill("毛巾未按规定清洗消毒")
    page.get_by_role("button", name="登记线索").click()
    expect(page.locator(".states [aria-current]")).to_have_text("线索")
    page.get_by_role("link", name="报批立案").click()
    expect(page.get_by_label("案情摘要")).to_have_value("毛巾未按规定清洗消毒")
    page.wait_for_load_state()
    for one in page.get_by_role("group", name="承办人").get_by_role("checkbox").all()[:2]:
        one.check()
    _submit(page, "报批立案")
    expect(page.locator(".states [aria-current]")).to_have_text("立案（待批准）")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _investigated(town: Town) -> str:
    number = open_lead(town)
    go(town, number, ("file", "handler1"), ("approve_filing", "approver"))
    go(town, number, ("record_scene", "handler1+handler2"))
    go(town, number, ("investigate", "handler1+handler2"), ("order_correction", "handler1"))
    return number


def test_what_was_found_is_carried_from_form_to_form(desks: Desks) -> None:
    number = _investigated(desks.town)
    page = desks.desk("handler1")
    page.goto(f"/cases/{number}/steps/close_investigation")
    expect(page.get_by_label("查明的违法事实")).not_to_be_empty()
    expect(page.get_by_label("证据", exact=True).first).to_have_value("现场笔录")
    page.get_by_label("处理建议").fill("建议给予警告、罚款一千元")
    _submit(page)
    _sign(desks, number, "close_investigation")

    page.goto(f"/cases/{number}/steps/propose")
    expect(page.locator("main")).to_contain_text("裁量幅度")
    page.get_by_label("金额（元）").nth(1).fill("100000")
    page.get_by_label("裁量理由").fill("初次查处，情节一般")
    page.get_by_label("合议经过和意见").fill("意见一致")
    _submit(page)
    expect(page.get_by_role("alert").first).to_contain_text("法定幅度")
    page.get_by_label("金额（元）").nth(1).fill("1000")
    _submit(page)
    _sign(desks, number, "propose")

    page.goto(f"/cases/{number}/steps/notify")
    expect(page.get_by_label("金额（元）").nth(1)).to_have_value("1000")
    _submit(page, "行政处罚事先告知")
    expect(page.locator(".states [aria-current]")).to_have_text("事先告知书待送达")
    # The party has said what it had to say, and wants no more time for it.
    said = (("waive_defence", "applicant"), ("state_defence", "applicant"))
    go(desks.town, number, ("serve_notice", "handler1"), *said)

    page.goto(f"/cases/{number}/steps/reconsider")
    expect(page.get_by_label("陈述申辩、听证情况及采纳意见")).to_have_value(
        "当事人陈述申辩称：已安排整改，请求从宽"
    )
    _submit(page, "复核")
    expect(page.locator(".states [aria-current]")).to_have_text("复核")
    go(desks.town, number, ("forgo_review", "handler1"), ("forgo_panel", "approver"))

    page = desks.desk("approver")
    page.goto(f"/cases/{number}/steps/decide")
    expect(page.get_by_label("失信信息类别")).to_have_value("minor")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator(".states [aria-current]")).to_have_text("处罚决定")
    expect(page.get_by_role("link", name="行政处罚决定书", exact=True)).to_be_visible()


def test_what_was_varied_is_filled_in_from_what_stood(desks: Desks) -> None:
    number = open_lead(desks.town)
    go(desks.town, number, *SERVED, ("file_reconsideration", "legal"))
    desks.town.attach(number, "remedy_paper", by="legal")
    page = desks.desk("legal")
    page.goto(f"/cases/{number}/steps/vary_by_reconsideration")
    expect(page.get_by_label("金额（元）").nth(1)).to_have_value("1000.00")
    page.get_by_label("金额（元）").nth(1).fill("400.00")
    page.get_by_label("文书名称和文号").fill("〔2026〕崇行复21号")
    page.get_by_label("结果", exact=True).select_option("变更")
    page.get_by_label("变更的内容和理由").fill("处罚明显不当")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认").click()
    page.get_by_role("link", name="查看案件").click()
    debt = page.get_by_role("region", name="应缴罚没款")
    expect(debt).to_contain_text("400.00 元")
    expect(debt).to_contain_text(
        "南通市崇川区人民政府〔2026〕崇行复21号行政复议决定变更后的处罚决定"
    )


def test_the_party_sees_what_it_owes_and_not_who_told_of_it(desks: Desks) -> None:
    town = desks.town
    number = open_lead(town, source="投诉举报", reference="12320-0087")
    go(town, number, *SERVED)
    page = desks.desk("applicant", viewport={"width": 390, "height": 800})
    page.goto(f"/cases/{number}")
    debt = page.get_by_role("region", name="应缴罚没款")
    expect(debt).to_contain_text("今日尚欠")
    expect(debt).to_contain_text("1000.00 元")
    expect(page.locator("main")).not_to_contain_text("12320-0087")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    town.time.pass_(days=20)
    town.office.catch_up(town.case(number).id)
    page = desks.desk("handler1")
    page.goto(f"/cases/{number}")
    expect(page.get_by_role("region", name="应缴罚没款")).to_contain_text("加处罚款")
    expect(page.locator("#actions")).to_contain_text("请先上传本次的凭证")
    town.attach(number, "payment_slip", by="handler1")
    page.reload()
    page.get_by_role("link", name="登记缴款").click()
    owed = page.get_by_label("缴款金额（元）").input_value()
    assert float(owed) > 1000
    page.get_by_label("缴款方式").select_option("到指定银行缴纳")
    page.get_by_label("缴款凭证（票据）号").fill("P-2026-77")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator(".states [aria-current]")).to_have_text("已缴")
    expect(page.get_by_role("region", name="应缴罚没款")).to_have_count(0)


def test_the_next_lawful_act_is_told_with_what_it_lacks(desks: Desks) -> None:
    town = desks.town
    number = open_lead(town)
    go(town, number, *NOTIFIED)
    page = desks.desk("handler1")
    page.goto(f"/cases/{number}")
    actions = page.locator("#actions")
    expect(actions).to_contain_text("暂不能办理")
    expect(actions).to_contain_text("陈述申辩期限")
    page.goto("/")
    expect(page.get_by_role("link", name=number)).to_be_visible()


def test_an_order_to_correct_is_rechecked_item_by_item(desks: Desks) -> None:
    town = desks.town
    number = open_lead(town)
    go(town, number, *DECIDED)
    order = town.relative(number, "correction").number
    page = desks.desk("handler1")
    page.goto(f"/cases/{order}/steps/recheck")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".form-row").count() >= 1
    correct(town, number)
    page.goto(f"/cases/{order}")
    assert _state(page) == "已改正"
