"""A walk-in who is served in one sitting: what it costs the clerk, counted, and what goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from tests.pages.conftest import PASSWORD, Desks
from tests.pages.effort import Effort
from tests.pages.test_counter import answer_questions
from tests.pages.test_story import PDF
from tests.support.town import answers, promise

pytestmark = pytest.mark.browser
FIRM, CODE, AGENT = "南通万寿宫浴室有限公司", "91350100M000100Y43", "11010519491231002X"
QR = f"https://zzapp.gsxt.gov.cn/license/?uniscid={CODE}&from=scan"
NEW = {
    "name": FIRM,
    "representative": "陆安",
    "address": "南通市崇川区和平桥1号",
    "phone": "0513-81234567",
}
PAPERS = ("授权委托书", "法定代表人身份证", "平面图", "检测报告", "卫生管理制度")


def pile(*names: str) -> list[dict[str, Any]]:
    """Scans as a clerk chooses them, all at once."""
    return [
        {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": PDF["buffer"]}
        for name in names
    ]


# Pages that are loaded: one that grows, or one for each stage where no scripts run.
@pytest.mark.parametrize(("scripts", "width", "pages"), [(True, 1280, 1), (False, 390, 6)])
def test_a_walk_in_with_an_agent_is_served_in_one_sitting(
    desks: Desks, effort: Effort, scripts: bool, width: int, pages: int
) -> None:
    window = desks.desk(
        "window", java_script_enabled=scripts, viewport={"width": width, "height": 800}
    )
    window.on("load", lambda _page: effort.opened())
    window.get_by_role("link", name="窗口办件").click()
    window.get_by_label("扫描营业执照二维码").fill(QR)
    window.keyboard.press("Enter")
    expect(window.get_by_label("代码（号码）")).to_have_value(CODE)
    for name, value in NEW.items():
        window.locator(f"[name='party.{name}']").fill(value)
    window.get_by_label("姓名").fill("周小琴")
    window.get_by_label("证件号码").fill(AGENT)
    window.get_by_label("授权止期").fill("2027-08-31")
    window.get_by_label("经营项目").select_option("bathhouse")
    window.get_by_label("经营面积").fill("300")
    window.get_by_label("一次选好全部文件").set_input_files(pile(*PAPERS))
    window.get_by_role("button", name="提交申请、受理、告知许可条件和责任").click()
    answer_questions(window)
    window.get_by_label("当面逐项确认").check()
    expect(window.get_by_label("签署人姓名")).to_have_value("周小琴")
    window.get_by_role("button", name="学习准入前诚信教育、签署承诺书").click()
    expect(window.get_by_text("请先扫描上传已签名（盖章）的承诺书")).to_be_visible()
    with window.expect_download() as promise:
        window.get_by_role("link", name="公共场所卫生许可承诺书", exact=True).click()
    assert FIRM in _printed(promise.value.path())
    window.get_by_label("补充的文件").set_input_files(pile("已签名的承诺书"))
    window.get_by_role("button", name="准予许可").click()
    expect(window.get_by_role("link", name="卫生许可证（正本）", exact=True)).to_be_visible()
    window.get_by_role("button", name="送达证书").click()
    expect(window.get_by_role("status")).to_contain_text("全部办结")
    with window.expect_download() as certificate:
        window.get_by_role("link", name="卫生许可证（正本）", exact=True).click()
    assert FIRM in _printed(certificate.value.path())
    assert effort.pages == pages, effort
    assert effort.clicks <= 10, effort
    assert effort.filled <= 18, effort
    assert desks.complaints == []


def test_an_application_from_home_costs_the_clerk_a_page_for_each_of_her_turns(
    desks: Desks, effort: Effort
) -> None:
    town = desks.town
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    window = desks.desk("window")
    window.on("load", lambda _page: effort.opened())
    effort.clicks = 0
    window.get_by_role("row").filter(has_text=number).get_by_role("link", name="受理").click()
    window.get_by_role("button", name="受理、告知许可条件和责任").click()
    expect(window.get_by_role("heading", name="学习准入前诚信教育")).to_be_visible()
    assert (effort.pages, effort.clicks) == (1, 2)
    town.take(number, "study", "applicant", answers())
    town.take(number, "commit", "applicant", promise())
    window.goto("/")
    window.get_by_role("row").filter(has_text=number).get_by_role("link", name="准予许可").click()
    window.get_by_role("button", name="准予许可").click()
    window.get_by_role("button", name="送达证书").click()
    expect(window.get_by_role("status")).to_contain_text("全部办结")
    assert town.case(number).state == "delivered"
    # From the list twice: once to accept, once to grant and hand over.
    assert (effort.pages, effort.clicks) == (3, 5)


def test_what_is_typed_outlives_the_window_and_the_network(desks: Desks) -> None:
    window = desks.desk("window")
    window.goto(f"/counter/sitting?q={CODE}")
    for name, value in NEW.items():
        window.locator(f"[name='party.{name}']").fill(value)
    expect(window.get_by_text("草稿已保存")).to_be_visible()
    elsewhere = desks.desk("window")
    elsewhere.goto(f"/counter/sitting?q={CODE}")
    expect(elsewhere.get_by_text("已恢复")).to_be_visible()
    expect(elsewhere.locator("[name='party.address']")).to_have_value(NEW["address"])
    for label, value in (("姓名", "周小琴"), ("证件号码", AGENT), ("经营面积", "300")):
        elsewhere.get_by_label(label).fill(value)
    elsewhere.get_by_label("授权止期").fill("2027-08-31")
    elsewhere.get_by_label("经营项目").select_option("bathhouse")
    elsewhere.get_by_label("一次选好全部文件").set_input_files(pile(*PAPERS))
    button = elsewhere.get_by_role("button", name="提交申请、受理")
    elsewhere.context.set_offline(True)
    button.click()
    expect(elsewhere.get_by_text("网络已断开，可能没有提交")).to_be_visible()
    elsewhere.context.set_offline(False)
    button.click()
    expect(elsewhere.get_by_role("heading", name="学习准入前诚信教育")).to_be_visible()
    # What the browser and htmx say of a network that was away on purpose.
    about = ("ERR_INTERNET_DISCONNECTED", "htmx:")
    desks.complaints = [one for one in desks.complaints if not any(a in one for a in about)]
    assert desks.complaints == []


def test_a_log_in_that_ended_takes_nothing_from_the_screen(desks: Desks) -> None:
    window = desks.desk("window")
    window.goto(f"/counter/sitting?q={CODE}")
    for name, value in NEW.items():
        window.locator(f"[name='party.{name}']").fill(value)
    window.get_by_role("button", name="暂存").click()
    expect(window.get_by_text("草稿已保存")).to_be_visible()
    expect(window.locator("[name='party.address']")).to_have_value(NEW["address"])
    for label, value in (("姓名", "周小琴"), ("证件号码", AGENT), ("经营面积", "300")):
        window.get_by_label(label).fill(value)
    window.get_by_label("授权止期").fill("2027-08-31")
    window.get_by_label("经营项目").select_option("bathhouse")
    window.context.clear_cookies()
    window.get_by_role("button", name="提交申请、受理").click()
    expect(window.locator("#username")).to_be_visible()
    window.fill("#username", "window")
    window.fill("#password", PASSWORD)
    window.click("main button")
    expect(window.get_by_text("刚才的内容没有提交")).to_be_visible()
    expect(window.get_by_label("姓名")).to_have_value("周小琴")


def _printed(path: Path) -> str:
    pages = PdfDocument(path.read_bytes())
    return "".join("".join(one.get_textpage().get_text_range() for one in pages).split())
