"""The reviewer's desk (法制审核): the draft beside the one before it, the checklist, the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Desks
from tests.support.penalties import penalty_to
from tests.support.small_penalty import proposal, published, reconsidered
from tests.support.town import Town, hearing

pytestmark = pytest.mark.browser
ABOUT = {
    "place_name": "滨江泳馆",
    "place_kind": "swimming_pool",
    "region": "320613",
    "address": "南通市崇川区濠南路1号",
    "what": "水质不合格",
}


def _before_review(town: Town) -> str:
    published(town)
    number = town.office.open_case("small_penalty", ABOUT, town.people["applicant"]).number
    town.take(number, "investigate", "inspector1+inspector2", proposal())
    town.take(number, "notify", "inspector1", proposal())
    town.take(number, "waive_defence", "applicant")
    town.take(number, "waive_hearing", "applicant")
    town.take(number, "reconsider", "inspector1", reconsidered("55000.00"))
    town.take(number, "submit_review", "inspector1", {"defence_considered": "从轻处罚"})
    return number


def test_the_reviewer_sees_what_changed_and_answers_the_checklist(desks: Desks) -> None:
    number = _before_review(desks.town)
    page = desks.desk("legal", viewport={"width": 390, "height": 800})
    page.goto(f"/cases/{number}/steps/pass_review")  # both answers are on one page
    page.wait_for_url(f"**/cases/{number}/review")
    changed = page.get_by_role("region", name="与上一稿的不同")
    expect(changed.get_by_role("heading", level=3)).to_have_count(1)
    expect(changed.locator("del").first).to_have_text("60000.00")
    expect(changed.locator("ins").first).to_have_text("55000.00")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows = page.locator(".form-row")
    expect(rows).to_have_count(8)
    for row in rows.all()[:-1]:
        row.get_by_label("是", exact=True).check()
    rows.last.get_by_label("否", exact=True).check()
    page.get_by_label("审核意见").fill("量罚适当")
    # A pass binds the decision: it says so before.
    passed = page.get_by_label("审核通过")
    expect(page.get_by_text("法制审核的内容就此固定")).to_be_visible()
    passed.check()
    page.get_by_role("button", name="提交审核意见").click()
    expect(page.get_by_role("alert").first).to_contain_text("审核为不符合，不能通过")
    expect(page.get_by_label("审核意见")).to_have_value("量罚适当")
    expect(passed).to_be_checked()
    rows.last.get_by_label("是", exact=True).check()
    page.get_by_role("button", name="提交审核意见").click()
    page.wait_for_url("**/done/*")
    expect(page.get_by_role("link", name="法制审核意见书", exact=True)).to_be_visible()
    assert desks.town.case(number).state == "panel_discussion"


def test_a_draft_goes_back_from_the_same_page(desks: Desks) -> None:
    number = penalty_to(desks.town, "legal_review")
    page = desks.desk("legal")
    page.goto(f"/cases/{number}/review")
    letter = page.get_by_role("region", name="拟出具：行政处罚决定书")
    expect(letter).to_contain_text("罚款人民币1000.00元")
    expect(page.get_by_role("region", name="证据")).to_contain_text("现场笔录")
    expect(page.get_by_role("region", name="送达")).to_contain_text("行政处罚事先告知书")
    for row in page.locator(".form-row").all():
        row.get_by_label("是", exact=True).check()
    page.get_by_label("审核意见").fill("请补充检测报告")
    page.get_by_role("button", name="暂存").click()
    expect(page.get_by_text("已恢复")).to_be_visible()
    expect(page.get_by_label("审核意见")).to_have_value("请补充检测报告")
    page.get_by_role("button", name="提交审核意见").click()
    assert page.evaluate("document.activeElement.name") == "outcome"  # one must be chosen
    page.get_by_label("退回：退回补充证据").check()
    page.get_by_role("button", name="提交审核意见").click()
    page.wait_for_url("**/done/*")
    case = desks.town.case(number)
    assert case.state == "review_returned"
    assert case.data["return_review"]["kind"] == "退回补充证据"


def test_the_party_does_not_see_the_draft(desks: Desks) -> None:
    number = _before_review(desks.town)
    page = desks.desk("applicant")
    page.goto(f"/cases/{number}/steps/pass_review")
    expect(page.locator("main")).not_to_contain_text("上一稿")


def test_a_hearing_is_arranged_with_a_chair_from_the_list(desks: Desks) -> None:
    town = desks.town
    published(town)
    number = town.office.open_case("small_penalty", ABOUT, town.people["applicant"]).number
    town.take(number, "investigate", "inspector1+inspector2", proposal())
    town.take(number, "notify", "inspector1", proposal())
    town.take(number, "request_hearing", "applicant", {"reasons": "有异议"})
    page = desks.desk("inspector1")
    page.goto(f"/cases/{number}/steps/schedule_hearing")
    said = hearing()
    page.get_by_label("听证日期").fill("2026-09-02")
    page.get_by_label("听证时间").fill(said["time"])
    page.get_by_label("听证地点").fill(said["room"])
    page.get_by_label("听证主持人").select_option("chair")
    page.get_by_label("记录人").fill(said["recorder"])
    page.get_by_role("button", name="提交：通知听证").click()
    expect(page.get_by_role("alert").first).to_contain_text("请另定日期")
    page.get_by_label("听证日期").fill("2026-09-11")
    page.get_by_role("button", name="提交：通知听证").click()
    expect(page.locator(".states [aria-current]")).to_have_text("已通知听证")
