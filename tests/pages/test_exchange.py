"""What the publicity officer sees of what is pushed, in a browser, wide and narrow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from demo.platform.platform_books import Books
from demo.platform.platform_server import PlatformServer, serving
from tests.pages.conftest import Desks
from tests.pages.test_accessibility import NARROW, RULES, WIDE
from tests.support.people import appoint
from tests.support.pushing import Exchange, served_penalty

pytestmark = pytest.mark.browser
LONG = "行政相对人名称与国家法人单位信息资源库登记的不一致，请核对统一社会信用代码后重新报送"


@pytest.fixture
def platform(desks: Desks) -> Iterator[PlatformServer]:
    appoint(desks.town, "credit", "publicity_officer")
    with serving(PlatformServer(Books(now=desks.town.time.now))) as served:
        yield served


def _looks_right(page: Page, name: str) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found = Axe().run(page, options=RULES).response["violations"]
        assert [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "too wide"
        if folder := os.environ.get("NUOXIN_SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


def test_the_officer_puts_right_what_was_refused(desks: Desks, platform: PlatformServer) -> None:
    """What was refused, what is there otherwise, a platform that is away; and sent again."""
    links, books = Exchange(desks.town), platform.books
    links.http("credit_china", platform)
    links.connect("city_credit", "/nowhere/that/is/mounted")
    for _ in range(3):
        served_penalty(desks.town)
    books.judged = lambda row: "" if row["CF_WSH"].endswith(("〕1号", "〕2号")) else LONG
    links.run()
    first, second = books.records.values()
    first["CF_NR"] = "警告；罚款人民币9000.00元（大写：玖仟元整）"
    second["CF_WSH"] = "崇川卫公罚〔2025〕77号"
    links.run(hours=1)
    page = desks.desk("credit")
    page.get_by_role("link", name="对外推送").first.click()
    platforms = page.get_by_role("region", name="对接平台")
    expect(platforms.get_by_role("row", name="城市信用信息平台")).to_contain_text(
        "共享可能没有挂载"
    )
    expect(platforms.get_by_role("row", name="国家卫生健康监督信息平台")).to_contain_text(
        "没有接通"
    )
    differences = page.get_by_role("region", name="信用中国（省平台）：对账不一致")
    for told in ("内容不一致", "平台没有", "只有平台有", "崇川卫公罚〔2025〕77号"):
        expect(differences).to_contain_text(told)
    _looks_right(page, "outbox")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.get_by_label("状态").select_option("refused")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("region", name="推送的事项")).to_contain_text(LONG)
    page.get_by_role("link", name="推送到信用中国（省平台）的详情").click()
    _looks_right(page, "push")
    page.get_by_label("处罚有效期").fill("一年")
    books.judged = lambda row: "" if row["CF_YXQ"] else LONG
    page.get_by_role("button", name="重新推送").click()
    expect(page.get_by_role("status").first).to_contain_text("已排入推送")
    links.run(hours=1)
    assert sorted(row.get("CF_YXQ", "") for row in books.records.values()) == ["", "", "一年"]
