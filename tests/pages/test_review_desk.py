"""The reviewer's desk (法制审核): the draft beside the one before it, the checklist, the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Desks
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
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="审核通过").click()
    draft = page.get_by_role("region", name="拟作出的决定")
    changed = draft.get_by_role("row").filter(has_text="有变化")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("罚款人民币55000.00元")
    expect(changed).to_contain_text("罚款人民币60000.00元")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows = page.locator(".form-row")
    expect(rows).to_have_count(8)
    for row in rows.all()[:-1]:
        row.get_by_label("是", exact=True).check()
    rows.last.get_by_label("否", exact=True).check()
    page.get_by_role("button", name="下一步：核对后确认").click()
    expect(page.get_by_role("alert").first).to_contain_text("审核为不符合，不能通过")
    rows.last.get_by_label("是", exact=True).check()
    page.get_by_role("button", name="下一步：核对后确认").click()
    # A pass binds the decision: it is asked about, and says so.
    expect(page.get_by_role("alert")).to_contain_text("法制审核的内容就此固定")
    expect(page.get_by_role("region", name="确认后")).to_contain_text("出具《法制审核意见书》")
    assert desks.town.case(number).state == "legal_review"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="确认办理").click()
    expect(page.locator(".states [aria-current]")).to_have_text("集体讨论")
    expect(page.get_by_role("link", name="法制审核意见书", exact=True)).to_be_visible()


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
