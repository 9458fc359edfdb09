"""Finding the right matter in a browser, by somebody without an account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Desks

pytestmark = pytest.mark.browser


def test_a_stranger_finds_what_a_guest_house_needs(desks: Desks) -> None:
    page = desks.visitor()
    page.goto("/login")
    page.get_by_role("link", name="办什么").click()
    page.get_by_role("textbox", name="场所").fill("民宿")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".list-group-item")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("需要取得公共场所卫生许可")
    page.get_by_role("link", name="材料和合规指导清单：旅店").click()
    expect(page.locator("main")).to_contain_text("公共场所卫生检测或者评价报告")
    expect(page.locator("main")).to_contain_text("一客一换")
    with page.expect_download() as taken:
        page.get_by_role("link", name="授权委托书").click()
    assert taken.value.suggested_filename == "授权委托书.docx"
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="去办理")).to_be_hidden()
    page.goto("/guide?q=火箭发射场")
    expect(page.get_by_role("status")).to_contain_text("没有找到")
