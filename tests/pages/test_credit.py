"""Credit in a browser: a firm learns, sits the exam, gets its certificate; repairs together."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.credit.training.sittings import paper, sittings
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, Document
from casework.rules.rendering import printed_text
from tests.pages.conftest import Desks
from tests.support.journeys import REPAIR, address, check_to, follow
from tests.support.town import Town

pytestmark = pytest.mark.browser


def _answer(page: Page, town: Town, number: str, wrong: int) -> None:
    """Tick the right option of each question, but for so many that are wrong."""
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        rules = town.office.rules.current(session)
        questions = paper(rules, sittings(session, case)[-1], "320613")
    for row, question in enumerate(questions):
        choice = (question.answer + (row < wrong)) % len(question.options)
        page.select_option(f"[name='answers.{row}.choice']", str(choice))


def test_a_firm_learns_sits_the_exam_and_gets_its_certificate(desks: Desks) -> None:
    town = desks.town
    page = desks.desk("applicant")
    page.get_by_role("link", name="信用", exact=True).click()
    expect(page.locator("main")).to_contain_text("B级（较好），80分")
    expect(page.locator("main")).to_contain_text("参加信用培训并考试合格")
    page.get_by_role("link", name="信用培训考试", exact=True).click()
    expect(page.locator("main")).to_contain_text("限时六十分钟，80分合格")
    expect(page.get_by_role("heading", name="四步修复")).to_be_visible()
    page.get_by_role("link", name="报名考试").click()
    page.get_by_label("参加培训考试人员").fill("李敏")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/cases/**")
    number = town.newest("credit_training")

    def take(step: str) -> None:
        page.goto(f"/cases/{number}/steps/{step}")

    take("start_exam")
    page.get_by_role("button", name="提交：开始考试").click()
    take("submit_paper")
    _answer(page, town, number, wrong=5)
    page.get_by_role("button", name="提交：交卷").click()
    page.goto(f"/cases/{number}")
    expect(page.locator("main")).to_contain_text("答对15题（共20题），未达到合格线80分")
    take("start_exam")
    page.get_by_role("button", name="提交：开始考试").click()
    take("submit_paper")
    _answer(page, town, number, wrong=4)
    page.get_by_role("button", name="提交：交卷").click()
    take("certify")
    page.get_by_role("button", name="下一步：核对后确认").click()
    page.locator("main form button.btn-primary, main form button.btn-danger").first.click()
    assert town.case(number).state == "certified"
    with town.session() as session:
        certificate = session.scalars(
            select(Document).where(Document.key == "training_certificate")
        ).one()
        text = printed_text(certificate.content)
    assert certificate.number in text
    assert "答对16题（共20题）" in text
    assert "李敏" in text
    page.goto("/credit")
    expect(page.locator("main")).to_contain_text("85分")
    with page.expect_download() as report:
        page.get_by_role("link", name="下载信用报告").click()
    assert report.value.suggested_filename == "信用报告（南通滨江宾馆有限公司）.docx"


def test_many_repairs_are_decided_together_with_a_result_for_each(desks: Desks) -> None:
    town = desks.town
    granted = [town.granted(address=address(n)) for n in range(3)]
    checks = [check_to(town, number, "revoked") for number in granted]
    repairs = [town.relative(check, "repair").number for check in checks]
    town.time.pass_(days=100)
    fire_due_clocks(town.office)
    town.certified()
    for repair in repairs:
        follow(town, repair, *REPAIR["verified"])
    page = desks.desk("credit")
    page.get_by_role("link", name="信用管理", exact=True).click()
    # Nothing is ticked beforehand; all of them are once somebody asks for it.
    for repair in repairs:
        expect(page.get_by_label(f"选择 {repair}")).not_to_be_checked()
    page.get_by_role("button", name="全选：提出审核意见").click()
    page.get_by_role("textbox", name="审核意见").fill("符合条件，建议准予修复")
    page.get_by_label(f"选择 {repairs[2]}").uncheck()
    page.get_by_role("button", name="下一步：核对后办理“提出审核意见”").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("（2项）")
    expect(page.locator("main")).to_contain_text("符合条件，建议准予修复")
    expect(page.locator("main")).not_to_contain_text(repairs[2])
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_role("status")).to_have_text("共 2 件，办成 2 件。")
    town.take(repairs[0], "refuse", "approver", {"facts": "另查", "reasons": "另有失信"})
    approver = desks.desk("approver")
    approver.goto("/credit/desk")
    approver.get_by_role("button", name="全选：准予修复").click()
    approver.get_by_role("button", name="下一步：核对后办理“准予修复”").click()
    approver.get_by_role("button", name="确认办理").click()
    expect(approver.get_by_role("status")).to_have_text("共 1 件，办成 1 件。")
    assert town.case(repairs[1]).state == "approved"
    assert town.case(repairs[2]).state == "verified"
    page.goto("/credit?code=91440300708461136T")
    expect(page.locator("main")).to_contain_text("未履行告知承诺")
    firm = desks.desk("applicant")
    firm.goto("/credit/desk")
    expect(firm.locator("main")).to_contain_text("没有这个页面")
