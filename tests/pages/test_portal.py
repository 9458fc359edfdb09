"""The portal of a party on a phone: how little it takes, and what it never says."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import FilePayload, Page, Response, expect

from casework.common.timekeeping import ZONE
from tests.pages.conftest import Desks
from tests.pages.effort import Effort
from tests.pages.test_accessibility import _faults
from tests.pages.test_rights import informed
from tests.support.signed import pdf
from tests.support.town import answers

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
# As people name their files; which item of the list each is for is told by that.
NAMED = ("法人身份证.pdf", "店内平面图.pdf", "卫生检测报告.pdf", "卫生管理制度.pdf")


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


def _phone(desks: Desks, effort: Effort, *, scripts: bool = True) -> Page:
    """The phone of a party that has logged in; every page that it is shown is counted."""
    page = desks.desk("applicant", viewport=PHONE, java_script_enabled=scripts)

    def hear(answer: Response) -> None:
        if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
            effort.opened()

    page.on("response", hear)
    return page


def _files(*names: str) -> list[FilePayload]:
    return [{"name": one, "mimeType": "application/pdf", "buffer": pdf(one)} for one in names]


def _fits(page: Page, *, scripts: bool) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    if scripts:
        assert _faults(page) == []


def test_an_instant_licence_takes_seven_pages_on_a_phone(
    desks: Desks, effort: Effort, scripts: bool
) -> None:
    town = desks.town
    page = _phone(desks, effort, scripts=scripts)
    page.goto("/")
    _fits(page, scripts=scripts)
    page.locator("#new").get_by_role("link", name="宾馆", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("申请：")
    _fits(page, scripts=scripts)
    # What the kind of place was answered with, and what is known of the firm, is not asked.
    expect(page.locator("form dl.facts")).to_contain_text("宾馆")
    expect(page.locator("form dl.facts")).to_contain_text("陈志远")
    page.get_by_label("经营面积").fill("８６０.5")
    page.locator("#files").set_input_files(_files(*NAMED))
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("status")).to_have_text("已提交。")
    _fits(page, scripts=scripts)
    number = re.findall(r"CC-GC-[\d-]+", page.url)[0]
    assert town.case(number).state == "received"
    submitted = (effort.pages, effort.clicks, effort.filled)

    town.take(number, "accept", "window")
    town.take(number, "inform", "window")
    page.goto("/")
    expect(page.locator("#turn")).to_contain_text("签署承诺书")
    page.get_by_role("link", name="去办理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("签署告知承诺书")
    _fits(page, scripts=scripts)
    right = {q["question"]: q["choice"] for q in answers()["answers"]}
    for legend in page.locator("#quiz fieldset").all():
        name = legend.locator("input").first.get_attribute("name") or ""
        key = name.removeprefix("q.")
        legend.locator(f"input[value='{right[key]}']").check()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_role("status")).to_have_text("承诺书已签署。")
    _fits(page, scripts=scripts)
    said = town.case(number).data
    assert said["commit"]["signer"] == "陈志远"
    assert all(said["commit"][one] for one in ("knows_notice", "accepts_liability", "true_will"))
    assert len(said["study"]["answers"]) == 5

    town.take(number, "grant", "window")
    page.goto("/")
    card = page.locator("#licences article")
    expect(card).to_contain_text("有效期至 2030-08-31")
    _fits(page, scripts=scripts)
    assert submitted == (3, 2, 2)
    assert effort.pages <= 7
    assert effort.clicks <= 8
    assert effort.filled <= 12
    # The picture is the address of the public page, and the certificate is one tap away.
    code = town.relative(number, "licence").tracking_code
    expect(card.get_by_role("img", name="核验二维码")).to_have_attribute(
        "src", f"/verify/{code}/qr.svg"
    )
    with page.expect_download() as coming:
        card.get_by_role("link", name="电子证照").click()
    assert coming.value.suggested_filename.endswith(".pdf")


def test_what_is_wrong_stands_at_its_place_and_nothing_is_chosen_twice(desks: Desks) -> None:
    town = desks.town
    number = town.apply()
    page = desks.desk("applicant", viewport=PHONE, java_script_enabled=False)
    page.goto(f"/cases/{number}")
    broken: FilePayload = {"name": "不是文件.pdf", "mimeType": "text/html", "buffer": b"<html>"}
    page.locator("#files").set_input_files([*_files("平面图.pdf", "IMG_2031.pdf"), broken])
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("alert")).to_contain_text("“不是文件.pdf”")
    _fits(page, scripts=False)
    item = page.locator("#materials li")
    expect(item.filter(has_text="平面图")).to_contain_text("已选")
    # Which item the other is for can be said now; a third was chosen by mistake, and is deleted.
    page.locator("#files").set_input_files(_files("检测报告.pdf"))
    page.get_by_label("“IMG_2031.pdf”是哪项材料？").select_option("identity")
    page.get_by_role("button", name="只上传").click()
    expect(item.filter(has_text="身份证明")).to_contain_text("IMG_2031.pdf")
    page.get_by_role("button", name="删去 检测报告.pdf").click()
    expect(item.filter(has_text="公共场所卫生检测")).to_contain_text("还缺")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "还缺 2 项材料：公共场所卫生检测或者评价报告、"
    )
    assert town.case(number).state == "draft"
    # Nobody else sees what was not handed in.
    stranger = desks.desk("applicant2")
    stranger.goto(f"/cases/{number}")
    expect(stranger.locator("main")).not_to_contain_text("IMG_2031")
    page.get_by_role("button", name="缺的以后再补").click()
    expect(page.get_by_role("status")).to_have_text("已提交。")
    seen = page.locator("main")
    expect(seen).to_contain_text("您：交了 2 份材料")
    assert town.case(number).state == "received"


def test_a_wrong_answer_is_marked_where_it_was_given(desks: Desks) -> None:
    town = desks.town
    number = informed(town)
    page = desks.desk("applicant", viewport=PHONE)
    page.goto(f"/cases/{number}/turn")
    right = {q["question"]: q["choice"] for q in answers()["answers"]}
    asked = page.locator("#quiz fieldset")
    for at, legend in enumerate(asked.all()):
        key = (legend.locator("input").first.get_attribute("name") or "").removeprefix("q.")
        choice = right[key] if at else (right[key] + 1) % 2
        legend.locator(f"input[value='{choice}']").check()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_role("alert")).to_contain_text("还有 1 道题答错了")
    expect(asked.nth(0)).to_contain_text("答错了")
    expect(asked.nth(0)).to_contain_text("依据：")
    expect(asked.nth(1)).not_to_contain_text("答错了")
    expect(page.locator("#quiz input:checked")).to_have_count(5)
    expect(page.locator("form input[type=checkbox]:checked")).to_have_count(5)
    assert "study" not in town.case(number).data
    _fits(page, scripts=True)
    first = asked.nth(0)
    key = (first.locator("input").first.get_attribute("name") or "").removeprefix("q.")
    first.locator(f"input[value='{right[key]}']").check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_role("status")).to_have_text("承诺书已签署。")
    assert town.case(number).state == "committed"


def test_a_licence_is_renewed_with_two_taps_and_nothing_typed(desks: Desks, effort: Effort) -> None:
    town = desks.town
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    number = town.granted()
    town.time.instant = datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)
    town.office.catch_up(town.relative(number, "licence").id)
    page = _phone(desks, effort, scripts=False)
    page.get_by_role("link", name="续期：南通滨江宾馆").click()
    expect(page.locator("main")).to_contain_text("许可条件没有改变")
    assert town.relative(number, "licence").state == "expiring"
    _fits(page, scripts=False)
    page.get_by_role("button", name="许可条件没有改变，申请续期").click()
    expect(page.get_by_role("status")).to_contain_text("续期申请已提交")
    assert (effort.clicks, effort.filled) == (2, 0)
    renewal = town.case(town.newest("licence_renewal"))
    assert renewal.state == "received"
    said = renewal.data["application"]
    assert (said["place_name"], said["contact_phone"]) == ("南通滨江宾馆", "13800000001")
    assert said["conditions_kept"] is True


def test_a_message_is_unread_until_it_is_opened(desks: Desks) -> None:
    number = informed(desks.town)
    page = desks.desk("applicant", viewport=PHONE)
    page.get_by_role("link", name="3 条未读消息").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("消息")
    unread = page.locator("li").filter(has_text="未读")
    expect(unread).to_have_count(3)
    _fits(page, scripts=True)
    unread.first.get_by_role("link").first.click()
    expect(page.get_by_role("link", name=f"查看 {number}")).to_be_visible()
    _fits(page, scripts=True)
    page.goto("/notices")
    expect(unread).to_have_count(2)
    page.get_by_role("button", name="全部标为已读").click()
    expect(unread).to_have_count(0)
    # It is each person's own to have read.
    other = desks.desk("applicant2")
    assert other.goto("/notices/1").status == 404  # type: ignore[union-attr]


def test_anybody_with_the_code_alone_follows_a_case(desks: Desks) -> None:
    town = desks.town
    number = informed(town)
    code = town.case(number).tracking_code
    page = desks.visitor(viewport=PHONE)
    page.goto(f"/track?code={code}")
    seen = page.locator("main")
    expect(seen).to_contain_text("已经把许可条件和责任告诉您")
    expect(seen).not_to_contain_text("陈志远")
    _fits(page, scripts=True)
    assert page.goto(f"/track/{code}/qr.svg").status == 200  # type: ignore[union-attr]
    assert page.goto(f"/track?code={code}x").status == 404  # type: ignore[union-attr]
