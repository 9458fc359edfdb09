"""What may cost somebody a right, in a browser, with scripts and without: one tap takes nothing,
and a form that was left when the log-in ended is there again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.support.signed import SMALL_PDF
from tests.support.town import ACCEPTED, Town, look
from tests.support.visitor import PASSWORD

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


def informed(town: Town) -> str:
    """The number of an application whose party was told of the conditions."""
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.take(number, "accept", "window", ACCEPTED)
    town.take(number, "inform", "window")
    return number


def _log_in(page: Page, username: str) -> None:
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_one_tap_gives_up_no_promise(desks: Desks, scripts: bool) -> None:
    town = desks.town
    number = informed(town)
    page = desks.desk("applicant", viewport=PHONE, java_script_enabled=scripts)
    page.goto(f"/cases/{number}")
    page.get_by_role("button", name="不作承诺，按一般程序办理…").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有办理。确认后不能撤回")
    follows = page.get_by_role("region", name="确认后")
    expect(follows).to_contain_text("您将失去“签署承诺书”的机会")
    expect(follows).to_contain_text("最迟到 2026-09-29")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Enter does not confirm: the page begins at its heading, to be read.
    page.keyboard.press("Enter")
    assert town.case(number).state == "informed"
    page.get_by_role("link", name="返回案件", exact=True).click()
    expect(page.locator("#actions")).to_contain_text("签署承诺书")
    page.get_by_role("button", name="不作承诺，按一般程序办理…").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办理")
    page.goto(f"/cases/{number}")
    expect(page.locator("#now")).to_contain_text("会派两名工作人员核查现场")
    assert town.case(number).state == "ordinary_review"


def test_the_second_officer_reads_what_the_signature_does(desks: Desks) -> None:
    town = desks.town
    check = town.relative(town.granted(), "check").number
    inspectors = {"inspectors": ["inspector1", "inspector2"]}
    town.take(check, "assign", "supervisor", inspectors)
    town.take(check, "inspect", "inspector1", look(met=False))
    page = desks.desk("inspector2")
    page.goto(f"/cases/{check}/steps/inspect")
    expect(page.get_by_role("region", name="确认后")).to_contain_text("核查期限到此结束")
    page.get_by_role("button", name="内容属实，确认签名").click()
    expect(page.locator(".states [aria-current]")).to_have_text("已核查")


def test_a_form_that_was_left_is_there_again_after_logging_in(desks: Desks, scripts: bool) -> None:
    town = desks.town
    page = desks.desk("applicant", java_script_enabled=scripts)
    page.goto("/apply/instant_licence")
    page.get_by_label("经营项目").select_option("hotel")
    page.get_by_label("经营面积").fill("８６０.5")
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("单位（场所）名称").fill("滨江<宾馆>&𠮷")
    page.get_by_label("经营场所地址").fill("崇川区人民中路66号")
    page.get_by_label("联系人").fill("李敏")
    town.time.pass_(hours=3)
    page.get_by_role("button", name="先保存").click()
    expect(page.get_by_role("status")).to_contain_text("没有提交，但已为您保留")
    expect(page.locator("body")).not_to_contain_text("李敏")
    _log_in(page, "applicant")
    expect(page.get_by_role("status")).to_contain_text("填写的内容已恢复")
    expect(page.get_by_label("单位（场所）名称")).to_have_value("滨江<宾馆>&𠮷")
    expect(page.get_by_label("经营项目")).to_have_value("hotel")
    expect(page.get_by_label("经营面积")).to_have_value("８６０.5")
    page.get_by_role("button", name="先保存").click()
    page.wait_for_url(re.compile(r"/cases/CC-GC-"))
    expect(page.get_by_role("heading", level=1)).to_have_text("滨江<宾馆>&𠮷")


def test_rows_of_a_list_are_there_again_too(desks: Desks) -> None:
    town = desks.town
    number = town.apply()
    town.take(number, "submit", "applicant")
    page = desks.desk("window")
    page.goto(f"/cases/{number}/steps/request_supplement")
    # What officers keep is none of it.
    expect(page.locator(".form-row").filter(has_text="核查（踏勘）照片")).to_have_count(0)
    expect(page.locator(".form-row").filter(has_text="送达回证")).to_have_count(0)
    row = page.locator(".form-row").filter(has_text="平面图")
    row.get_by_role("checkbox").check()
    row.get_by_label("需要补正的内容").fill("标明消毒间")
    page.get_by_role("button", name="再加一行").click()
    own = page.locator(".form-row").last
    # A row of one's own names what is on the list, and nothing beyond it (许可法30、31).
    own.get_by_label("材料").fill("公共场所卫生管理制度")
    own.get_by_label("需要补正的内容").fill("附近三个月的消毒记录")
    town.time.pass_(hours=3)
    page.get_by_role("button", name="提交：一次性告知补正").click()
    _log_in(page, "window")
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(row.get_by_label("需要补正的内容")).to_have_value("标明消毒间")
    expect(own.get_by_label("材料")).to_have_value("公共场所卫生管理制度")
    assert town.case(number).state == "received"
    page.get_by_role("button", name="提交：一次性告知补正").click()
    expect(page.locator(".states [aria-current]")).to_have_text("待补正")


def test_a_file_is_named_that_must_be_chosen_again(desks: Desks, tmp_path: Path) -> None:
    town = desks.town
    number = town.apply()
    file = tmp_path / "平面图（二楼）.pdf"
    file.write_bytes(SMALL_PDF)
    page = desks.desk("applicant")
    page.goto(f"/cases/{number}")
    page.locator("#files").set_input_files(file)
    town.time.pass_(hours=3)
    page.get_by_role("button", name="只上传").click()
    _log_in(page, "applicant")
    expect(page.get_by_role("status")).to_contain_text("请重新选择：平面图（二楼）.pdf")
    expect(page.get_by_role("heading", level=1)).to_have_text("南通滨江宾馆")


def test_the_next_person_at_the_desk_is_shown_nothing(desks: Desks) -> None:
    town = desks.town
    page = desks.desk("applicant")
    page.goto("/apply/instant_licence")
    page.get_by_label("经营项目").select_option("hotel")
    page.get_by_label("经营面积").fill("300")
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("单位（场所）名称").fill("滨江宾馆")
    page.get_by_label("联系人").fill("李敏")
    town.time.pass_(hours=3)
    page.get_by_role("button", name="先保存").click()
    _log_in(page, "applicant2")
    expect(page.get_by_role("status")).to_contain_text("现已清除")
    page.goto("/apply/instant_licence")
    expect(page.get_by_label("单位（场所）名称")).not_to_have_value("滨江宾馆")
    assert "李敏" not in page.content()
