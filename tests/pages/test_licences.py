"""A holder's licences in a browser: what is possible, and many renewals at once."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from casework.common.timekeeping import ZONE
from tests.pages.conftest import Desks
from tests.support.journeys import address

pytestmark = pytest.mark.browser


def test_a_chain_renews_its_licences_with_a_result_per_place(desks: Desks) -> None:
    town = desks.town
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    old = [town.granted(address=address(n), place_name=f"滨江宾馆{n}店") for n in range(2)]
    town.time.instant = datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)
    town.granted(address=address(5), place_name="滨江宾馆新店")
    for number in old:
        town.office.catch_up(town.relative(number, "licence").id)
    page = desks.desk("applicant")
    page.get_by_role("link", name="许可证", exact=True).click()
    first, second = (
        page.get_by_role("checkbox", name=f"延续 滨江宾馆{n}店", exact=True) for n in range(2)
    )
    for box in (first, second):
        expect(box).not_to_be_checked()
    expect(page.locator("tr").filter(has_text="滨江宾馆新店")).to_contain_text("尚未进入到期提醒期")
    # The day that matters is the last one to apply, not the one of expiry.
    row = page.locator("tr").filter(has_text="滨江宾馆0店")
    expect(row).to_contain_text("最迟 2026-09-19 申请延续（有效期至 2026-10-19）")
    expect(row.locator(".due-soon")).to_have_text("还剩 18 天")
    page.get_by_label("联系人").fill("李敏")
    page.get_by_role("button", name="全选").click()
    for box in (first, second):
        expect(box).to_be_checked()
    expect(page.get_by_label("联系人")).to_have_value("李敏")
    second.uncheck()
    page.get_by_label("联系电话").fill("13800000001")
    page.get_by_label("勾选的各场所许可条件没有改变").check()
    page.get_by_role("button", name="下一步：核对后提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("确认一并申请延续（1项）")
    page.get_by_role("button", name="返回修改").click()
    expect(first).to_be_checked()
    expect(second).not_to_be_checked()
    expect(page.get_by_label("联系电话")).to_have_value("13800000001")
    page.get_by_role("button", name="下一步：核对后提交").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_role("status")).to_have_text("共 1 份，已提出 1 份。")
    expect(page.locator("main")).to_contain_text("滨江宾馆0店")
    page.get_by_role("link", name="许可证", exact=True).first.click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载电子证照：滨江宾馆0店").click()
    assert coming.value.suggested_filename.startswith("卫生许可证（正本）-")
    expect(page.locator("tr").filter(has_text="滨江宾馆0店")).to_contain_text(
        "已有正在办理的延续申请"
    )


def test_who_holds_nothing_is_told_where_to_begin(desks: Desks) -> None:
    page = desks.desk("applicant2")
    page.goto("/licences")
    expect(page.locator("main")).to_contain_text("还没有许可证")
