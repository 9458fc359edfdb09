"""A holder's licences in a browser: what is possible, and many renewals at once."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from casework.timekeeping import ZONE
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
    expect(page.get_by_role("checkbox", name="延续 滨江宾馆0店")).to_be_checked()
    expect(page.locator("tr").filter(has_text="滨江宾馆新店")).to_contain_text("尚未进入到期提醒期")
    page.get_by_role("checkbox", name="延续 滨江宾馆1店").uncheck()
    page.get_by_label("联系人").fill("李敏")
    page.get_by_label("联系电话").fill("13800000001")
    page.get_by_label("勾选的各场所许可条件没有改变").check()
    page.get_by_role("button", name="提交延续申请").click()
    expect(page.get_by_role("status")).to_have_text("共 1 份，已提出 1 份。")
    expect(page.locator("main")).to_contain_text("滨江宾馆0店")
    page.get_by_role("link", name="许可证", exact=True).first.click()
    expect(page.locator("tr").filter(has_text="滨江宾馆0店")).to_contain_text(
        "已有正在办理的延续申请"
    )


def test_who_holds_nothing_is_told_where_to_begin(desks: Desks) -> None:
    page = desks.desk("applicant2")
    page.goto("/licences")
    expect(page.locator("main")).to_contain_text("还没有许可证")
