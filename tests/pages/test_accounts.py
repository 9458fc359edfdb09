"""Somebody registers, is let act for a firm, and applies; and the counter binds and corrects."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.models import Notice
from tests.pages.conftest import PASSWORD, Desks
from tests.support.signed import SMALL_PDF
from tests.support.town import Town

pytestmark = pytest.mark.browser
FIRM, CHOSEN = "91440300708461136T", "long enough"


def test_from_registering_to_an_application_for_the_firm(desks: Desks) -> None:
    page = desks.visitor()
    _register(page)
    expect(page.get_by_role("status")).to_contain_text("账号已注册")
    expect(page.get_by_text("您还没有可以代表的单位")).to_be_visible()
    page.get_by_label("统一社会信用代码").fill("91440300708461136")
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_role("alert")).to_contain_text("18位")
    expect(page.get_by_label("统一社会信用代码")).to_have_value("91440300708461136")
    page.get_by_label("统一社会信用代码").fill(FIRM)
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("138****0001")).to_be_visible()
    code = _message(desks.town)
    page.get_by_label("验证码", exact=True).fill(f"{(int(code) + 1) % 10**6:06d}")
    page.get_by_role("button", name="确认绑定").click()
    expect(page.get_by_role("alert")).to_contain_text("还可以再试4次")
    page.get_by_label("验证码", exact=True).fill(code)
    page.get_by_role("button", name="确认绑定").click()
    expect(page.get_by_role("status")).to_contain_text("单位已绑定")
    expect(page.get_by_text("陈**：法定代表人")).to_be_visible()
    page.get_by_role("link", name="为本单位提出申请").click()
    page.get_by_role("link", name="公共场所卫生许可（告知承诺）").click()
    expect(page.get_by_text("申请人：南通滨江宾馆有限公司")).to_be_visible()
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("单位（场所）名称").fill("南通滨江宾馆")
    page.get_by_label("经营项目").select_option("hotel")
    page.get_by_label("所在区").select_option("320613")
    page.get_by_label("经营场所地址").fill("崇川区人民中路88号")
    page.get_by_label("经营面积").fill("300")
    page.get_by_label("法定代表人或负责人").fill("陈志远")
    page.get_by_label("联系人").fill("周小琴")
    page.get_by_label("联系电话").fill("13912345678")
    page.get_by_role("button", name="先保存").click()
    page.wait_for_url("**/cases/CC-GC-*")
    page.goto("/firms")
    page.get_by_text("终止授权").click()
    page.get_by_label("终止原因：我，南通滨江宾馆有限公司").fill("不再代理")
    page.get_by_role("button", name="确认终止").click()
    expect(page.get_by_text("已终止", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("绑定要代表的单位")).to_be_visible()


def test_the_counter_binds_the_account_to_the_document_it_sees(desks: Desks) -> None:
    page = desks.visitor()
    _register(page)
    page.goto("/account")
    expect(page.get_by_text("未核验")).to_be_visible()
    page.get_by_role("button", name="获取绑定码").click()
    code = page.locator("#given").inner_text()
    window = desks.desk("window")
    window.goto(f"/counter/parties/{FIRM}")
    window.get_by_label("身份", exact=True).select_option("agent")
    window.get_by_label("姓名").fill("周小琴")
    window.get_by_label("证件号码").fill("11010519491231002X")
    window.get_by_label("代为申请、办理").check()
    window.get_by_label("授权止期").fill("2027-08-31")
    window.get_by_role("button", name="登记授权").click()
    window.get_by_text("绑定网上账号").last.click()
    window.get_by_label("账号：周小琴").fill("zhou.xq")
    window.get_by_label("绑定码：周小琴").fill(code)
    window.get_by_role("button", name="核对身份证件后绑定").last.click()
    expect(window.get_by_role("status")).to_contain_text("账号已绑定")
    page.goto("/account")
    expect(page.get_by_text("已核验")).to_be_visible()
    page.goto("/firms")
    expect(page.get_by_role("heading", name="南通滨江宾馆有限公司")).to_be_visible()


def test_the_counter_corrects_a_firm_and_keeps_what_stood_there(desks: Desks) -> None:
    window = desks.desk("window")
    window.goto(f"/counter/parties/{FIRM}")
    window.get_by_text("按变更后的证照更正").click()
    window.get_by_label("变更后的名称").fill("南通江海宾馆有限公司")
    window.get_by_label("变更原因").fill("营业执照变更登记")
    window.get_by_label("变更（核准）日期").fill("2026-08-20")
    window.get_by_label("注销登记（死亡）日期").fill("")
    window.get_by_label("变更后的证照、通知书（扫描件）", exact=True).set_input_files(
        {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": SMALL_PDF}
    )
    window.get_by_role("button", name="更正登记").click()
    expect(window.get_by_role("status")).to_contain_text("登记已更正")
    expect(window.get_by_role("heading", name="南通江海宾馆有限公司")).to_be_visible()
    window.get_by_text("变更记录（1）").click()
    expect(window.get_by_text("南通滨江宾馆有限公司 → 南通江海宾馆有限公司")).to_be_visible()


def test_one_changes_the_own_password(desks: Desks) -> None:
    page = desks.desk("window")
    page.get_by_role("link", name="甲window").click()
    for old, new, again, told in (
        (PASSWORD, CHOSEN, "another", "不一致"),
        ("wrong", CHOSEN, CHOSEN, "原密码：不正确"),
        (PASSWORD, "short", "short", "至少10个"),
    ):
        _change(page, old, new, again)
        expect(page.get_by_role("alert")).to_contain_text(told)
    _change(page, PASSWORD, CHOSEN, CHOSEN)
    expect(page.get_by_role("status")).to_contain_text("密码已修改")


def _change(page: Page, old: str, new: str, again: str) -> None:
    page.get_by_label("原密码").fill(old)
    page.get_by_label("新密码", exact=True).fill(new)
    page.get_by_label("再次输入新密码").fill(again)
    page.get_by_role("button", name="修改密码").click()


def _register(page: Page) -> None:
    page.goto("/login")
    page.get_by_role("link", name="注册账号").click()
    page.get_by_label("姓名").fill("周小琴")
    page.get_by_label("证件号码").fill("11010519491231002X")
    page.get_by_label("手机号码").fill("13912345678")
    page.get_by_label("账号").fill("window")
    for again in ("different one", CHOSEN):
        page.get_by_label("密码", exact=True).fill(CHOSEN)
        page.get_by_label("再次输入密码").fill(again)
        page.get_by_role("button", name="注册并登录").click()
        told = "已被使用" if again == CHOSEN else "不一致"
        expect(page.get_by_role("alert")).to_contain_text(told)
    page.get_by_label("账号").fill("zhou.xq")
    page.get_by_label("密码", exact=True).fill(CHOSEN)
    page.get_by_label("再次输入密码").fill(CHOSEN)
    page.get_by_role("button", name="注册并登录").click()
    page.wait_for_url("**/firms?said=account_made")


def _message(town: Town) -> str:
    with town.session() as session:
        sent = session.scalars(select(Notice.body).where(Notice.kind == "code")).one()
    found = re.search(r"验证码(\d{6})", sent)
    assert found is not None
    return found[1]
