"""The work lists in a browser: what is late and whose, filters that stay, exports, hand-over."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from casework.models import Party
from tests.pages.conftest import Desks, open_door, serve
from tests.pages.test_accessibility import _meets_the_rules
from tests.support.penalties import go, open_lead
from tests.support.town import INSPECTORS, Town

pytestmark = pytest.mark.browser
_LONG = "南通经济技术开发区滨江国际会展中心大酒店有限责任公司第一分公司（筹）"


@dataclass
class Hall:
    """The desks of a town in which a hundred cases wait; two of the window's and a check are
    late."""

    desks: Desks
    late: list[str]
    check: str
    penalty: str

    @property
    def town(self) -> Town:
        """The town."""
        return self.desks.town


@pytest.fixture(scope="module")
def hall(module_town: Town, browser: Browser) -> Iterator[Hall]:
    town = module_town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    late = [_waiting(town, f"逾期路{house}号") for house in (1, 2)]
    town.time.go_to(date(2026, 10, 13))
    penalty = open_lead(town)
    go(town, penalty, ("file", "handler1"), ("approve_filing", "approver"))
    for house in range(90):
        _waiting(town, f"候办路{house}号")
    with town.session() as session:
        session.scalars(select(Party).order_by(Party.id).limit(1)).one().name = _LONG
    with serve(town, open_door(town), browser) as desks:
        yield Hall(desks, late, check, penalty)


def _waiting(town: Town, address: str) -> str:
    number = town.apply(address=address)
    town.take(number, "submit", "applicant")
    return number


def _shown(page: Page) -> list[str]:
    """The numbers of the cases of a list."""
    return page.locator("table.work th[scope=row] a").all_inner_texts()


def test_a_supervisor_sees_with_one_click_what_is_late_and_whose(hall: Hall) -> None:
    page = hall.desks.desk("supervisor")
    page.get_by_role("link", name="件案件逾期").click()
    assert set(hall.late) | {hall.check} <= set(_shown(page))
    row = page.get_by_role("row").filter(has_text=hall.check)
    expect(row).to_contain_text("核查承诺履行情况")
    expect(row).to_contain_text("甲inspector1、甲inspector2")
    row = page.get_by_role("row").filter(has_text=hall.late[0])
    expect(row).to_contain_text("受理")
    expect(row).to_contain_text("窗口人员")
    _meets_the_rules(page)


def test_every_number_of_the_overview_opens_just_these_cases(hall: Hall) -> None:
    page = hall.desks.desk("supervisor")
    page.goto("/overview")
    _meets_the_rules(page)
    found = page.locator("a[href^='/cases?']")
    links = [(one.inner_text(), one.get_attribute("href")) for one in found.all()]
    assert len(links) > 8, links
    for said, address in links:
        page.goto(address)
        number = int("".join(filter(str.isdigit, said.split(" ")[-2] if " " in said else said)))
        expect(page.get_by_text(f"共 {number} 件")).to_be_visible()
        assert len(_shown(page)) == min(number, 20), (said, address)


def test_filters_stay_when_one_comes_back_from_a_case(hall: Hall) -> None:
    page = hall.desks.desk("window")
    page.get_by_label("编号、当事人").fill("候办路8")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="全部待办").click()
    left, address = _shown(page), page.url
    assert 0 < len(left) <= 20
    page.get_by_role("link", name=left[0]).click()
    page.get_by_role("link", name="返回列表").click()
    assert page.url == address
    assert _shown(page) == left


def test_nobody_comes_back_to_the_list_of_another(hall: Hall) -> None:
    page = hall.desks.desk("window")
    page.goto("/cases?q=候办路8")
    page.goto(f"/cases/{hall.late[0]}")
    expect(page.get_by_role("link", name="返回列表")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    page.goto("/login")
    page.fill("#username", "supervisor")
    page.fill("#password", "demo")
    page.click("main button")
    page.wait_for_url(hall.desks.url + "/")
    page.goto(f"/cases/{hall.late[0]}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "候办路" not in page.content()


def test_the_list_is_taken_along_as_a_workbook(hall: Hall) -> None:
    page = hall.desks.desk("supervisor")
    page.goto("/cases?due=late")
    shown = _shown(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "案件列表20261013.xlsx"
    with zipfile.ZipFile(download.value.path()) as book:
        assert book.testzip() is None
        assert not [name for name in book.namelist() if "externalLink" in name]
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    cells = re.findall(r"<t[^>]*>([^<]*)</t>", sheet)
    assert cells[0] == "案件编号"
    assert [cell for cell in cells if cell in shown] == shown
    assert _LONG in cells


def test_a_hundred_rows_long_names_and_an_empty_list_meet_the_rules(hall: Hall) -> None:
    for who, path in (("window", "/"), ("legal", "/"), ("approver", "/cases?sort=party")):
        page = hall.desks.desk(who)
        page.goto(path)
        _meets_the_rules(page)
    page = hall.desks.desk("window")
    expect(page.get_by_text(_LONG).first).to_be_visible()
    expect(page.get_by_role("link", name="全部待办 93")).to_be_visible()


def test_from_the_list_to_the_form_and_done_with_the_keyboard_alone(hall: Hall) -> None:
    number = hall.town.relative(hall.town.granted(address="键盘路1号"), "check").number
    page = hall.desks.desk("supervisor")
    page.goto(f"/?q={number}")
    page.get_by_role("link", name="跳到案件列表").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=number, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="指派执法人员")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/assign")
    for officer in ("inspector1", "inspector2"):
        page.get_by_role("checkbox", name=officer).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="提交：指派执法人员").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}/done/*")
    page.get_by_role("link", name="返回列表").press("Enter")
    expect(page.get_by_text("没有符合条件的案件").or_(page.get_by_text(number))).to_be_visible()


def test_several_cases_are_handed_over_and_each_says_what_became_of_it(hall: Hall) -> None:
    page = hall.desks.desk("supervisor")
    page.goto("/cases?officer=inspector1&queue=open")
    page.get_by_role("checkbox", name=hall.check).check()
    page.get_by_role("button", name="移交勾选的案件").click()
    page.goto(page.url + f"&case={hall.penalty}&case={hall.late[0]}")
    _meets_the_rules(page)
    page.get_by_role("checkbox", name="甲handler1").check()
    page.get_by_role("checkbox", name="甲handler2").check()
    page.get_by_label("移交理由").fill("原承办人休假")
    page.get_by_role("button", name="下一步").click()
    _meets_the_rules(page)
    page.get_by_role("button", name="确认").click()
    _meets_the_rules(page)
    expect(page.get_by_role("row").filter(has_text=hall.penalty)).to_contain_text("已移交")
    for number, why in ((hall.check, "handler1"), (hall.late[0], "没有步骤")):
        row = page.get_by_role("row").filter(has_text=number)
        expect(row).to_contain_text("没有移交")
        expect(row).to_contain_text(why)
    assert hall.town.case(hall.penalty).data["hand_over"]["reason"] == "原承办人休假"
    assert "hand_over" not in hall.town.case(hall.check).data
