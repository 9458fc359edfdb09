"""A food standard on a phone: filed by the firm, commented on by anybody, answered, all online."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.pages.test_accessibility import NARROW, RULES
from tests.support.journeys import address, follow
from tests.support.processes.food_standard import APPLICATION, COMMENT, standard

pytestmark = pytest.mark.browser


def _fits(page: Page) -> None:
    """Nothing is wider than the phone, and the page meets the rules."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, page.url
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [node["html"][:120] for one in found for node in one["nodes"]]


def test_a_firm_files_its_standard_on_a_phone(desks: Desks) -> None:
    page = desks.desk("applicant", viewport=NARROW)
    page.goto("/apply/food_standard")
    _fits(page)
    page.get_by_text("有不对的，修改").click()
    for name, value in APPLICATION.items():
        if isinstance(value, str) and name not in ("stricter_than", "region"):
            page.fill(f"[name='{name}']", value)
    page.select_option("[name='stricter_than']", APPLICATION["stricter_than"])
    page.select_option("[name='region']", APPLICATION["region"])
    for name, value in APPLICATION["stricter"][0].items():
        page.fill(f"[name='stricter.0.{name}']", value)
    expect(page.locator("[name='valid_until']")).to_have_count(0)
    page.get_by_role("button", name="先保存").click()
    page.wait_for_url("**/cases/*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _fits(page)


def test_anybody_comments_on_a_phone_and_the_firm_answers(desks: Desks) -> None:
    town = desks.town
    number = standard(town, address(0))
    follow(town, number, ("submit", "applicant"), ("open_notice", "window"))
    public = desks.visitor(viewport=NARROW)
    public.goto("/consultations")
    _fits(public)
    public.get_by_role("link", name=APPLICATION["title"]).click()
    _fits(public)
    with public.expect_download() as download:
        public.get_by_role("link", name="下载公开文本").click()
    assert download.value.suggested_filename.endswith(".pdf")
    public.get_by_role("button", name="提交意见").click()  # nothing was written
    public.fill("[name='text']", COMMENT)
    public.get_by_role("button", name="提交意见").click()
    expect(public.get_by_role("status")).to_contain_text("意见已收到")
    firm = desks.desk("applicant", viewport=NARROW)
    for path in ("/consultations", f"/consultations/{number}"):  # also for whoever has logged in
        firm.goto(path)
        _fits(firm)
    firm.goto(f"/cases/{number}/steps/answer_comments")
    expect(firm.get_by_text(COMMENT)).to_be_visible()
    _fits(firm)
    firm.fill("[name='answers.0.answer']", "予以采纳")
    firm.get_by_role("button", name="提交：答复公示意见").click()
    firm.wait_for_url("**/done/*")
    firm.goto(f"/cases/{number}/steps/answer_comments")
    expect(firm.get_by_text("目前没有等待答复的意见")).to_be_visible()
