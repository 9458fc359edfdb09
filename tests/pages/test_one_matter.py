"""The joint matter in browsers: a clinic, the window, and two departments' people."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Desks
from tests.pages.test_story import hand_in, press, taken, upload
from tests.support.town import MATERIALS

pytestmark = pytest.mark.browser


def _apply(page: Page) -> str:
    page.get_by_role("link", name="新申请").first.click()
    page.get_by_role("link", name="放射诊疗许可和辐射安全许可“一件事”").click()
    # What is known of the firm stands there; another name and address are this clinic's.
    page.get_by_text("有不对的，修改").click()
    for label, text in (
        ("医疗机构名称", "南通滨江口腔门诊部"),
        ("医疗机构类别", "口腔门诊部"),
        ("医疗机构执业许可证登记号", "PDY00012332061317D1522"),
        ("医疗机构执业许可证下次校验日期", "2027-03-31"),
        ("地址", "崇川区人民中路90号"),
        ("法定代表人或负责人", "陈志远"),
        ("设备名称", "口腔CBCT"),
        ("规格型号", "CBCT-2000"),
        ("使用场所", "一楼CBCT室"),
        ("放射工作人员数", "3"),
        ("联系人", "李敏"),
        ("联系电话", "13800000001"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("所在区").select_option("320613")
    page.get_by_role("button", name="先保存").click()
    page.wait_for_url(re.compile(r"/cases/CC-YJ-"))
    return page.url.split("/")[-1].split("?")[0]


def _open(page: Page, number: str, step: str) -> None:
    page.goto(f"/cases/{number}")
    page.locator("#actions").get_by_role("link", name=step).click()


def _send(page: Page, step: str) -> None:
    page.get_by_role("button", name=f"提交：{step}").click()
    taken(page, step)


def _confirm(page: Page) -> None:
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办理")


def test_two_departments_one_window_and_both_certificates(desks: Desks) -> None:
    clinic = desks.desk("applicant")
    number = _apply(clinic)
    for material in MATERIALS["one_matter"]:
        upload(clinic, material)
    hand_in(clinic, "提交申请")
    tracks = clinic.get_by_role("list", name="并联办理").get_by_role("listitem")
    expect(tracks).to_have_count(2)
    expect(tracks.nth(1)).to_contain_text("崇川生态环境局")
    # Whose turn it is in there is the departments' own business.
    expect(clinic.locator("main")).not_to_contain_text("审查员")

    health, eco, window = desks.desk("reviewer"), desks.desk("eco"), desks.desk("window")
    eco.get_by_role("link", name=number).click()
    expect(eco.locator("#materials")).to_contain_text("环境影响评价文件")
    expect(eco.locator("#materials")).not_to_contain_text("任职资格证书")
    eco.locator("#actions").get_by_role("link", name="核验辐射安全许可材料").click()
    row = eco.locator(".form-row").filter(has_text="辐射安全管理规章制度")
    row.get_by_label("需要补正的内容").fill("请加盖公章")
    _send(eco, "核验辐射安全许可材料")
    _open(health, number, "核验放射诊疗许可材料")
    _send(health, "核验放射诊疗许可材料")

    # What one department asked for stands in the list that the window sends, ticked.
    _open(window, number, "一次性告知补正")
    row = window.locator(".form-row").filter(has_text="辐射安全管理规章制度")
    expect(row.get_by_label("需要补正的内容")).to_have_value("请加盖公章")
    _send(window, "一次性告知补正")
    clinic.reload()
    upload(clinic, "safety_rules")
    hand_in(clinic, "提交补正材料")
    window.reload()
    press(window, "受理")
    press(window, "转两部门审查")

    for page, step in ((eco, "辐射安全许可审查通过"), (health, "放射诊疗许可审查通过")):
        _open(page, number, step)
        page.get_by_label("审查情况").fill("材料齐全，防护检测合格")
        page.get_by_label("审查结论").fill("符合法定条件、标准")
        _confirm(page)
    clinic.reload()
    expect(clinic.locator("#now")).to_contain_text("两个部门都已通过")
    for who, step, scope in (
        ("approver", "准予放射诊疗许可", "X射线影像诊断"),
        ("eco_approver", "准予辐射安全许可", "使用Ⅲ类射线装置（1台）"),
    ):
        page = desks.desk(who)
        _open(page, number, step)
        expect(page.get_by_label("许可项目")).to_have_value(scope)
        _confirm(page)
    _open(window, number, "制证")
    _send(window, "制证")
    _open(window, number, "一并送达两证")
    _confirm(window)
    expect(window.locator(".states [aria-current]")).to_have_text("一并送达")

    # The clinic finds both licences, each with what it has to do next.
    clinic.goto("/")
    expect(clinic.locator("main")).to_contain_text("放射诊疗许可证")
    expect(clinic.locator("main")).to_contain_text("辐射安全许可证")
    safety = desks.town.relative(number, "safety_licence").number
    clinic.goto(f"/cases/{safety}")
    expect(clinic.locator("main")).to_contain_text("年度评估报告")
    clinic.goto("/licences")
    held = clinic.get_by_label("许可证", exact=True)
    expect(held).to_contain_text("最迟 2027-03-31 申请校验")
    expect(held).to_contain_text("最迟 2027-01-31 提交年度评估报告")
    public = desks.visitor()
    public.goto(f"/verify/{desks.town.relative(number, 'diagnosis_licence').tracking_code}")
    expect(public.get_by_role("heading", level=1)).to_have_text("放射诊疗许可证核验")
    expect(public.get_by_role("status")).to_contain_text("有效")


def test_a_department_is_told_that_it_is_too_late_for_a_supplement(desks: Desks) -> None:
    number = desks.town.dispatched()
    eco = desks.desk("eco")
    eco.goto(f"/cases/{number}/steps/check_eco")
    expect(eco.locator("main")).to_contain_text("不能办理")
    eco.goto(f"/cases/{number}")
    expect(eco.locator("#actions")).not_to_contain_text("补正")
