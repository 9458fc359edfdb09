"""A walk-in at the window: from nothing to the printed certificate, by the clerk alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from casework.rules.rendering import printed_text
from tests.pages.conftest import Desks
from tests.pages.effort import Effort
from tests.pages.test_story import PDF
from tests.support.town import MATERIALS, answers

pytestmark = pytest.mark.browser
FIRM, AGENT = "南通万寿宫浴室有限公司", "11010519491231002X"


def test_a_walk_in_with_an_agent_leaves_with_the_certificate(desks: Desks, effort: Effort) -> None:
    window = desks.desk("window")
    window.on("framenavigated", lambda _frame: effort.opened())
    _register(window)
    window.get_by_role("link", name="代办：公共场所卫生许可（告知承诺）").click()
    expect(window.get_by_text("到场人员：周小琴")).to_be_visible()
    number = _apply(window)
    _scan(window, *MATERIALS["instant_licence"])
    window.locator("#counter").get_by_role("button", name="提交申请").click()
    # Each step leads on to the next, as long as it is the clerk's or the agent's who is present.
    window.get_by_role("button", name="提交：受理").click()
    window.get_by_role("button", name="提交：告知许可条件和责任").click()
    answer_questions(window)
    window.get_by_role("button", name="提交：学习准入前诚信教育").click()
    window.wait_for_load_state()
    for box in window.locator("form input[type=checkbox]").all():
        box.check()
    expect(window.get_by_label("签署人姓名")).to_have_value("周小琴")
    window.get_by_role("button", name="提交：签署承诺书").click()
    expect(window.locator(".states [aria-current]")).to_have_text("已承诺")
    expect(window.get_by_text("请先扫描上传已签名（盖章）的承诺书")).to_be_visible()
    _scan(window, "signed_promise")
    window.locator("#actions").get_by_role("link", name="准予许可").click()
    for _ in ("准予许可", "送达证书"):
        window.get_by_role("button", name="下一步").click()
        window.get_by_role("button", name="确认").click()
    expect(window.locator(".states [aria-current]")).to_have_text("已送达")
    window.get_by_role("link", name="卫生许可证（正本）", exact=True).click()
    expect(window.locator(".letter")).to_contain_text(FIRM)
    with window.expect_download() as printed:
        window.get_by_role("link", name="下载 Word 文书").click()
    assert FIRM in "".join(printed_text(printed.value.path().read_bytes()).split())
    assert desks.town.case(number).state == "delivered"
    # A clerk with a queue has no time for more.
    assert effort.pages <= 19, effort
    assert effort.clicks + effort.ticks <= 27, effort
    assert (effort.choices, effort.fields, effort.files) == (7, 9, 6)
    assert desks.complaints == []


def test_the_counter_says_what_is_wrong_and_loses_nothing(desks: Desks) -> None:
    window = desks.desk("window")
    _register(window)
    window.get_by_label("姓名").fill("周小虎")
    window.get_by_label("身份", exact=True).select_option("agent")
    window.get_by_label("证件号码").fill("320602201501010012")
    window.get_by_label("代为申请、办理").check()
    window.get_by_role("button", name="登记授权").click()
    alert = window.get_by_role("alert")
    expect(alert).to_contain_text("校验码不符")
    expect(window.get_by_label("姓名")).to_have_value("周小虎")
    window.get_by_label("校验码不符而保留的理由").fill("证件原件如此")
    window.get_by_role("button", name="登记授权").click()
    expect(alert).to_contain_text("未满十八周岁")
    window.get_by_label("身份证件").select_option("passport")
    window.get_by_label("证件号码").fill("E12345678")
    window.get_by_role("button", name="登记授权").click()
    expect(alert).to_contain_text("授权委托书应当载明期限")
    window.get_by_text("终止授权").click()
    window.get_by_label("终止原因：周小琴").fill("解除委托")
    window.get_by_role("button", name="确认终止").click()
    expect(window.get_by_role("status")).to_have_text("授权已终止。")
    expect(window.get_by_role("link", name="代办：公共场所卫生许可（告知承诺）")).to_have_count(0)


def _register(page: Page) -> None:
    page.get_by_role("link", name="窗口登记").click()
    page.get_by_label("当事人的名称").fill(FIRM)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("status")).to_contain_text("没有找到")
    page.get_by_label("统一社会信用代码（身份号码）").fill("91350100M000100Y43")
    expect(page.get_by_label("名称（姓名）")).to_have_value(FIRM)
    page.get_by_label("法定代表人或负责人").fill("陆安")
    page.get_by_label("住所").fill("南通市崇川区和平桥1号")
    page.get_by_label("联系电话").fill("0513-81234567")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_label("身份", exact=True).select_option("agent")
    page.get_by_label("姓名").fill("周小琴")
    page.get_by_label("证件号码").fill(AGENT)
    for act in ("代为申请、办理", "代为签署承诺书"):
        page.get_by_label(act).check()
    page.get_by_label("授权止期").fill("2027-08-31")
    page.get_by_label("授权委托书（扫描件").set_input_files([PDF])
    page.get_by_role("button", name="登记授权").click()
    expect(page.get_by_role("status")).to_contain_text("授权已登记")


def _apply(page: Page) -> str:
    for label, known in (
        ("单位（场所）名称", FIRM),
        ("所在区", "320613"),
        ("经营场所地址", "南通市崇川区和平桥1号"),
        ("法定代表人或负责人", "陆安"),
        ("联系人", "周小琴"),
        ("联系电话", "0513-81234567"),
    ):
        expect(page.get_by_label(label)).to_have_value(known)
    page.get_by_label("经营项目").select_option("bathhouse")
    page.get_by_label("经营面积").fill("300")
    page.get_by_role("button", name="保存为草稿").click()
    page.wait_for_url("**/cases/CC-GC-*")
    return page.url.split("/")[-1].split("?")[0]


def _scan(page: Page, *materials: str) -> None:
    for material in materials:
        page.locator(f"input[name='file.{material}']").set_input_files([PDF])
    page.get_by_role("button", name="收下所选的材料").click()
    expect(page.get_by_role("status")).to_have_text("材料已上传。")


def answer_questions(page: Page) -> None:
    """Choose the right answer to each question of the pre-licence education."""
    right = {q["question"]: q["choice"] for q in answers()["answers"]}
    expect(page.get_by_role("heading", name="学习准入前诚信教育")).to_be_visible()
    for row in range(5):
        key = page.locator(f"[name='answers.{row}.question']").input_value()
        page.locator(f"[name='answers.{row}.choice']").select_option(str(right[key]))
