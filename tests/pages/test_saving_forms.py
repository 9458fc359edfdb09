"""Forms that save themselves, in a browser: nothing typed is lost, and nothing is done twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.support.journeys import address, check_to
from tests.support.signed import png
from tests.support.town import Town

pytestmark = pytest.mark.browser
APPLY = "/apply/instant_licence"


def _received(town: Town) -> str:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _saved(page: Page) -> None:
    expect(page.locator("#draft-line")).to_contain_text("草稿已保存")


def test_what_was_typed_opens_on_another_device(desks: Desks) -> None:
    page = desks.desk("applicant")
    page.goto(APPLY)
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("联系人").fill("李敏")
    _saved(page)
    # A choice is saved as well as what is typed.
    with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        page.get_by_label("经营项目").select_option("hotel")
    page.context.close()
    other = desks.desk("applicant")
    other.get_by_role("link", name="草稿 1").click()
    other.get_by_role("link", name="新申请：").click()
    expect(other.get_by_role("status")).to_contain_text("已恢复")
    expect(other.get_by_label("联系人")).to_have_value("李敏")
    expect(other.get_by_label("经营项目")).to_have_value("hotel")
    other.get_by_role("button", name="清除草稿，重新填写").click()
    expect(other.get_by_label("联系人")).to_have_value("陈志远")


def test_without_scripts_a_button_saves(desks: Desks) -> None:
    number = _received(desks.town)
    page = desks.desk("window", java_script_enabled=False)
    page.goto(f"/cases/{number}/steps/request_supplement")
    page.get_by_role("button", name="再加一行").click()
    page.locator(".form-row").last.get_by_label("材料").fill("公共场所卫生管理制度")
    page.get_by_role("button", name="暂存").click()
    expect(page.get_by_role("status").first).to_contain_text("草稿已保存")
    page.goto("/")
    page.goto(f"/cases/{number}/steps/request_supplement")
    expect(page.locator(".form-row").last.get_by_label("材料")).to_have_value(
        "公共场所卫生管理制度"
    )
    assert desks.town.case(number).state == "received"


def test_of_two_windows_the_later_wins_and_the_first_is_told(desks: Desks) -> None:
    number = _received(desks.town)
    first = desks.desk("window")
    path = f"/cases/{number}/steps/accept"
    first.goto(path)
    second = first.context.new_page()
    second.goto(path)
    label = "名称与营业执照不一致的说明"
    first.get_by_label(label).fill("一")
    _saved(first)
    second.get_by_label(label).fill("二")
    expect(second.locator("#draft-line")).to_contain_text("在另一个窗口保存过")
    first.get_by_label(label).fill("一一")
    expect(first.locator("#draft-line")).to_contain_text("在另一个窗口保存过")
    second.get_by_role("button", name="提交：受理").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("“受理”已办理")
    version = desks.town.case(number).version
    first.get_by_label(label).fill("一一一")
    expect(first.locator("#draft-line")).to_contain_text("没有保存为草稿")
    first.get_by_role("button", name="提交：受理").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("案件已有新的办理情况")
    assert desks.town.case(number).version == version
    assert desks.town.case(number).data["accept"]["name_difference"] == "二"
    # Back to the form that was sent: it cannot be sent a second time.
    second.go_back()
    expect(second.get_by_role("heading", level=1)).to_have_text("现在不能办理“受理”")


def test_a_file_is_named_but_not_kept(desks: Desks) -> None:
    town = desks.town
    number = check_to(town, town.granted(address=address(1)), "inspected")
    page = desks.desk("inspector1")
    path = f"/cases/{number}/evidence/add"
    page.goto(path)
    page.set_input_files("#file", {"name": "照片.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_label("证据名称").fill("洗消间现场照片")
    _saved(page)
    page.goto("/drafts")
    page.get_by_role("link", name="登记证据").click()
    expect(page.get_by_role("status")).to_contain_text("请重新选择：照片.png")
    expect(page.get_by_label("证据名称")).to_have_value("洗消间现场照片")


def test_enter_sends_no_half_form_and_loses_none(desks: Desks) -> None:
    page = desks.desk("applicant")
    page.goto(APPLY)
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("联系人").fill("李敏")
    page.get_by_label("联系人").press("Enter")
    expect(page).to_have_url(desks.url + APPLY)  # the browser asks for what is missing
    _saved(page)
    page.reload()
    expect(page.get_by_label("联系人")).to_have_value("李敏")


def test_a_log_in_that_ends_while_somebody_types_loses_nothing(desks: Desks) -> None:
    page = desks.desk("applicant")
    page.goto(APPLY)
    desks.town.time.pass_(hours=3)
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("联系人").fill("李敏")
    expect(page.locator("#draft-line")).to_contain_text("登录已失效")
    page.get_by_role("link", name="重新登录").click()
    page.get_by_label("账号").fill("applicant")
    page.get_by_label("密码").fill("demo")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("联系人")).to_have_value("李敏")


def test_without_the_network_it_says_so_and_saves_once_it_is_back(desks: Desks) -> None:
    page = desks.desk("applicant")
    page.goto(APPLY)
    page.get_by_text("有不对的，修改").click()
    page.context.set_offline(True)
    page.get_by_label("联系人").fill("李敏")
    expect(page.locator("#draft-line")).to_have_text("未能保存，联网后自动再试")
    page.context.set_offline(False)
    _saved(page)
    page.reload()
    expect(page.get_by_label("联系人")).to_have_value("李敏")
    # That there was no network is said on the console too, by the browser and by htmx.
    about = ("ERR_INTERNET_DISCONNECTED", "htmx:")
    ours = [text for text in desks.complaints if not any(one in text for one in about)]
    desks.complaints[:] = ours
