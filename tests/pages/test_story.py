"""The story as people live it in their browsers: from an application to a licence on the wall."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from casework.rules.rendering import printed_text
from tests.pages.conftest import Desks
from tests.support.journeys import check_to
from tests.support.serving import RECEIPT
from tests.support.signed import SMALL_PDF, pdf
from tests.support.town import MATERIALS, NOTICE, answers

pytestmark = pytest.mark.browser
PDF = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": SMALL_PDF}


def pdf_for(material: str) -> FilePayload:
    """A file whose name does not tell for what it is."""
    return {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": pdf(material)}


def apply(page: Page) -> str:
    """Fill in an application; gives its number."""
    page.get_by_role("link", name="新申请").first.click()
    page.get_by_role("link", name="公共场所卫生许可（告知承诺）").click()
    page.get_by_label("经营项目").select_option("hotel")
    page.get_by_label("经营面积").fill("８６０.5")  # as an input method types it
    # What is known of the firm stands there, and may be another for this place.
    expect(page.get_by_label("法定代表人或负责人")).to_have_value("陈志远")
    page.get_by_text("有不对的，修改").click()
    page.get_by_label("单位（场所）名称").fill("滨江<宾馆>&𠮷")
    page.get_by_label("经营场所地址").fill("崇川区人民中路66号")
    page.get_by_label("联系人").fill("李敏")
    page.get_by_role("button", name="先保存").click()
    page.wait_for_url(re.compile(r"/cases/CC-GC-"))
    return page.url.split("/")[-1].split("?")[0]


def upload(page: Page, material: str) -> None:
    """Hand in a file for an item of the list."""
    page.locator(f"[name='file.{material}']").set_input_files([pdf_for(material)])
    page.get_by_role("button", name="只上传").click()
    expect(page.get_by_role("status")).to_have_text("材料已上传。")


def taken(page: Page, label: str) -> None:
    """See the page that tells of a step what it did."""
    expect(page.get_by_role("heading", level=1)).to_have_text(f"“{label}”已办理")


def hand_in(page: Page, name: str) -> None:
    """Hand in what was uploaded, and see that it was."""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status")).to_have_text("已提交。")


def press(page: Page, name: str) -> None:
    """Take a step that asks for nothing, and see that it was taken."""
    page.get_by_role("button", name=name, exact=True).click()
    taken(page, name)


def promise(page: Page) -> None:
    """Read, answer, state and sign."""
    right = {q["question"]: q["choice"] for q in answers()["answers"]}
    page.get_by_role("link", name="签署承诺书").click()
    expect(page.locator(".letter")).to_contain_text("告知")
    for question in page.locator("#quiz fieldset").all():
        name = question.locator("input").first.get_attribute("name") or ""
        question.locator(f"input[value='{right[name.removeprefix('q.')]}']").check()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    expect(page.get_by_label("签署人姓名")).to_have_value("陈志远")
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_role("status")).to_have_text("承诺书已签署。")


@pytest.mark.everyday
def test_from_application_to_the_licence_on_the_wall(desks: Desks) -> None:
    applicant, window = desks.desk("applicant"), desks.desk("window")
    number = apply(applicant)
    expect(applicant.get_by_role("heading", level=1)).to_have_text("滨江<宾馆>&𠮷")
    for material in MATERIALS["instant_licence"]:
        upload(applicant, material)
    hand_in(applicant, "提交申请")

    window.goto("/")
    window.get_by_role("link", name=number).click()
    window.locator("#actions").get_by_role("link", name="受理…", exact=True).click()
    window.get_by_label("名称与营业执照不一致的说明").fill("招牌名称")
    window.get_by_role("button", name="提交：受理").click()
    press(window, "告知许可条件和责任")

    applicant.goto(f"/cases/{number}")
    promise(applicant)
    assert desks.town.case(number).state == "committed"
    expect(applicant.locator("#now")).to_contain_text("已经收到承诺书")

    window.goto("/")
    window.get_by_role("link", name=number).click()
    for step, button in (("准予许可", "下一步"), ("送达证书", "下一步")):
        window.locator("#actions").get_by_role("link", name=step).click()
        window.get_by_role("button", name=button).click()
        expect(window.get_by_role("alert")).to_contain_text("不能撤回")
        if step == "准予许可":
            window.get_by_text("将出具：卫生许可证（正本）").click()
            expect(window.locator(".letter").nth(1)).to_contain_text("滨江<宾馆>&𠮷")
        window.get_by_role("button", name="确认办理").click()
        taken(window, step)
    expect(window.locator(".states [aria-current]")).to_have_text("已送达")

    window.get_by_role("link", name="查看案件").click()
    with window.expect_download() as coming:
        window.get_by_role("link", name="下载 Word：卫生许可证（正本）").click()
    certificate = printed_text(Path(coming.value.path()).read_bytes())
    assert "滨江<宾馆>&𠮷" in certificate
    code = desks.town.relative(number, "licence").tracking_code
    public = desks.visitor()
    public.goto(f"/verify/{code}")
    expect(public.get_by_role("status")).to_contain_text("有效")
    expect(public.locator("main")).to_contain_text("滨江<宾馆>&𠮷")
    expect(public.locator("main")).not_to_contain_text("陈志远")

    public.goto("/track")
    public.get_by_label("受理编号").fill(number)
    public.get_by_label("查询码").fill(desks.town.case(number).tracking_code)
    public.get_by_role("button", name="查询").click()
    expect(public.locator("main")).to_contain_text("证书已经交给您")


def test_two_officers_check_and_the_second_confirms_what_the_first_wrote(desks: Desks) -> None:
    check = desks.town.relative(desks.town.granted(), "check").number
    supervisor = desks.desk("supervisor")
    supervisor.get_by_role("link", name=check).click()
    supervisor.get_by_role("link", name="指派执法人员").click()
    supervisor.wait_for_load_state()
    for box in supervisor.locator("form input[type=checkbox]").all():
        box.check()
    supervisor.get_by_role("button", name="提交：指派执法人员").click()
    expect(supervisor.locator(".states [aria-current]")).to_have_text("已派")

    first = desks.desk("inspector1")
    first.get_by_role("link", name=check).click()
    first.get_by_role("link", name="核查承诺履行情况").click()
    rows = first.locator(".form-row")
    # One row per condition that is for a hotel: the pool's water is not.
    expect(rows.filter(has_text="室内空气质量")).to_have_count(1)
    expect(rows.filter(has_text="游泳场")).to_have_count(0)
    for number in range(rows.count()):
        rows.nth(number).get_by_label("否" if number == 0 else "是", exact=True).check()
        rows.nth(number).get_by_label("核查情况").fill(f"看了第{number}项")
    first.get_by_label("核查结论").fill("一项不符")
    first.get_by_role("button", name="签名提交").click()
    expect(first.get_by_role("status")).to_contain_text("等待第二名执法人员")
    expect(first.locator("#actions")).to_contain_text("您已签名")
    assert desks.town.case(check).state == "assigned"

    second = desks.desk("inspector2")
    second.get_by_role("link", name=check).click()
    second.get_by_role("link", name="确认签名：核查承诺履行情况").click()
    expect(second.locator("main")).to_contain_text("看了第0项")
    second.get_by_text("内容有误，退回重填").click()
    second.get_by_label("原因").fill("第0项的情况没有写清楚")
    second.get_by_role("button", name="退回").click()
    taken(second, "退回重填：核查承诺履行情况")
    second.get_by_role("link", name="查看案件").click()
    expect(second.locator("main")).to_contain_text("第0项的情况没有写清楚")

    first.reload()
    first.get_by_role("link", name="核查承诺履行情况").click()
    first.wait_for_load_state()
    for number in range(rows.count()):
        rows.nth(number).get_by_label("否" if number == 0 else "是", exact=True).check()
        rows.nth(number).get_by_label("核查情况").fill(f"看了第{number}项，已拍照")
    first.get_by_label("核查结论").fill("一项不符")
    first.get_by_role("button", name="签名提交").click()
    expect(first.get_by_role("status")).to_contain_text("等待第二名执法人员")
    second.reload()
    second.get_by_role("link", name="确认签名：核查承诺履行情况").click()
    expect(second.locator("main")).to_contain_text("看了第0项，已拍照")
    second.get_by_role("button", name="确认签名").click()
    expect(second.locator(".states [aria-current]")).to_have_text("已核查")
    assert desks.town.case(check).data["inspect"]["results"][0]["met"] is False

    second.get_by_role("link", name="责令改正").click()
    order = second.locator(".form-row")
    expect(order).to_have_count(1)
    expect(order).to_contain_text("卫生管理制度")


def test_the_decision_begins_with_what_the_review_passed(desks: Desks) -> None:
    town = desks.town
    check = town.broken(town.granted()).number
    town.take(check, "notify_revocation", "inspector1+inspector2", NOTICE)
    town.take(check, "serve_notice", "inspector1", RECEIPT)
    town.time.pass_(days=20)
    town.take(check, "submit_review", "inspector1", {"defence_considered": "未提出"})
    legal = desks.desk("legal")
    legal.get_by_role("link", name=check).click()
    legal.get_by_role("link", name="审核通过").click()
    legal.wait_for_load_state()
    for row in legal.locator(".form-row").all():
        row.get_by_label("是", exact=True).check()
    legal.get_by_label("审核意见").fill("事实清楚，同意撤销")
    legal.get_by_label("审核通过").check()
    legal.get_by_role("button", name="提交审核意见").click()
    expect(legal.get_by_role("link", name="法制审核意见书", exact=True)).to_be_visible()
    approver = desks.desk("approver")
    approver.get_by_role("link", name=check).click()
    approver.get_by_role("link", name="撤销许可…").click()
    expect(approver.locator("main")).to_contain_text(NOTICE["facts"])
    approver.get_by_role("button", name="下一步").click()
    approver.get_by_role("button", name="确认办理").click()
    expect(approver.locator(".states [aria-current]")).to_have_text("撤销")
    assert town.case(check).data["revoke"]["reasons"] == NOTICE["reasons"]


def test_a_new_notice_begins_with_the_former_one_and_says_why(desks: Desks) -> None:
    town = desks.town
    check = check_to(town, town.granted(), "review_returned")
    inspector = desks.desk("inspector1")
    inspector.get_by_role("link", name=check).click()
    expect(inspector.locator(".states [aria-current]")).to_have_text("审核退回")
    inspector.get_by_role("link", name="撤销许可事先告知…").click()
    expect(inspector.locator("main")).to_contain_text("审核退回意见：补充检测材料")
    told = inspector.get_by_label("查明的事实")
    expect(told).to_have_value(NOTICE["facts"])
    told.fill("两项不符合承诺")
    inspector.get_by_role("button", name="签名提交").click()
    inspector.wait_for_load_state()
    version = town.case(check).version
    town.office.sign(check, "notify_revocation", town.people["inspector2"], version=version)
    inspector.reload()
    expect(inspector.locator(".states [aria-current]")).to_have_text("撤销告知")
    assert town.case(check).data["notify_revocation"]["facts"] == "两项不符合承诺"
