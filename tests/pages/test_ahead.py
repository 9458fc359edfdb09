"""What is about to be issued, beside its form as it is filled in, and without scripts by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.support.town import Town

pytestmark = pytest.mark.browser


def _received(town: Town) -> str:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _sheet(page: Page) -> str:
    """The picture of the first page that stands beside the form."""
    return page.locator("#preview img.sheet").first.get_attribute("src") or ""


def test_the_letter_stands_beside_its_form_and_follows_what_is_typed(desks: Desks) -> None:
    town = desks.town
    number = _received(town)
    clerk = desks.desk("window")
    clerk.goto(f"/cases/{number}/steps/request_supplement")
    ahead = clerk.locator("#preview")
    expect(ahead).to_contain_text("按现在填写的内容还不能办理")
    version = town.case(number).version
    clerk.get_by_role("checkbox").first.check()
    clerk.get_by_label("需要补正的内容").first.fill("标明消毒间")
    clerk.get_by_label("需要补正的内容").first.blur()
    expect(ahead.locator("img.sheet").first).to_be_visible()
    first = _sheet(clerk)
    assert clerk.evaluate("document.querySelector('#preview img').naturalWidth") > 300
    clerk.get_by_label("需要补正的内容").first.fill("标明消毒间和布草间的位置")
    clerk.get_by_label("需要补正的内容").first.blur()
    expect(ahead.locator("img.sheet").first).not_to_have_attribute("src", first)
    ahead.get_by_text("文字内容：").first.click()
    expect(ahead).to_contain_text("标明消毒间和布草间的位置")
    expect(clerk.get_by_label("需要补正的内容").first).to_have_value("标明消毒间和布草间的位置")
    assert (town.case(number).state, town.case(number).version) == ("received", version)


def test_without_scripts_the_letter_is_a_link_away(desks: Desks) -> None:
    number = _received(desks.town)
    clerk = desks.desk("window", java_script_enabled=False)
    clerk.goto(f"/cases/{number}/steps/accept")
    clerk.get_by_role("link", name="查看将出具的文书和随后的期限").click()
    expect(clerk.get_by_role("heading", name="预演：受理")).to_be_visible()
    expect(clerk.locator("#preview img.sheet").first).to_be_visible()
    expect(clerk.locator("#preview")).to_contain_text("许可决定期限")
    clerk.get_by_role("link", name="返回填写").click()
    expect(clerk.get_by_role("button", name="提交：受理")).to_be_visible()
    assert desks.town.case(number).state == "received"
