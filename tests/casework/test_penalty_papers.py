"""The papers of penalty, penalty on the spot, order to correct and exemption, as real cases issue
them: all of the rulebook's are there, and what they know is on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from casework.audit.court_file import court_file
from casework.audit.court_file_proof import verify_file
from casework.common.sealed_zip import unpacked
from casework.common.timekeeping import ZONE
from casework.models import Case, Document
from casework.rules.rendering import compile_template, printed_text
from tests.casework.test_contents import CONTENTS
from tests.support import exemptions
from tests.support.contents import left_empty
from tests.support.exemptions import HANDLERS
from tests.support.journeys import exemption_to, usual
from tests.support.penalties import (
    HEAVY,
    JUDGED,
    LONG_BEFORE,
    PROVED_BY,
    SERVED,
    TOLD_OF_HEARING,
    WAYS,
    go,
    open_lead,
    penalty_to,
    register,
    spot_to,
)
from tests.support.rules import set_key
from tests.support.town import START, Town
from tests.templates.test_documents import FOLDER, NOT_PRINTED, as_printed, values

pytestmark = pytest.mark.slow

# By hand, from P3 and P4A of the rulebook.
ALL = """
case_filing filing_refusal scene_record interview_record correction_notice recheck_record
investigation_suspension investigation_end transfer_letter investigation_report opinion_minutes
penalty_notice hearing_notice hearing_record defence_review legal_review_opinion panel_minutes
penalty_decision release_decision spot_decision no_penalty_decision education_record
compliance_pledge repair_reminder repair_guide service_receipt service_announcement payment_plan
payment_account urging_notice court_application execution_suspension execution_end closing_report
erratum_notice undoing_decision
"""
_PANEL = (*(("vote", f"head{n}") for n in (1, 2, 3)), ("conclude_panel", "approver"))
_REVIEWED = (("submit_review", "handler1"), ("pass_review", "legal"), *_PANEL)
# Told where there is no violation to tell of.
INSTEAD = "case.process"
EXEMPTION = "first_offence_exemption"
# What no paper shows: an empty field beside its label, a key, a blank of Python's.
FLAWS = re.compile(
    r"None|\{\{|\{%|，，|：。|（）|《》|第[ 　]*[条款项]|[a-z]+_[a-z]+|\d{4}-\d\d-\d\d"
)


def _penalised(town: Town) -> Iterator[str]:
    """Cases that between them issue every paper."""
    town.time.instant = LONG_BEFORE
    ended = open_lead(town)
    steps = (("suspend_execution", "approver"), ("end_execution", "approver"))
    go(town, ended, *WAYS["court_applied"], *steps, ("look_again", HANDLERS), ("close", "handler1"))
    yield ended
    town.time.instant = START
    heard = open_lead(town)
    given = {name: usual("penalty", name) for name in ("record_scene", "record_interview")}
    go(town, heard, *WAYS["investigating"])
    for name, said in given.items():
        town.take(heard, name, HANDLERS, said)
    told = TOLD_OF_HEARING[len(WAYS["investigating"]) :]
    go(town, heard, *told, ("hold_hearing", "chair"), **HEAVY)
    go(town, heard, ("reconsider", "handler1"), *_REVIEWED, ("decide", "approver"), **HEAVY)
    yield heard
    town.time.instant = START
    unheard = open_lead(town)
    go(town, unheard, *WAYS["notified"], ("wait", "10"), **HEAVY)
    go(town, unheard, ("reconsider", "handler1"), *_REVIEWED, ("decide", "approver"), **HEAVY)
    yield unheard
    town.time.instant = START
    for state in ("instalment", "deferred", "decision_announced", "release_served"):
        yield penalty_to(town, state)
    for state in ("suspended", "transferred", "terminated", "not_filed"):
        yield penalty_to(town, state)
    yield spot_to(town, "closed")
    undone = penalty_to(town, "served")
    corrected = (("correct", "handler1"), ("serve_correction", "handler1"))
    revoked = (("review_undoing", "legal"), ("undo_decision", "approver"))
    go(town, undone, *corrected, ("propose_undoing", "handler1"), *revoked)
    yield undone
    town.time.instant = LONG_BEFORE
    varied = open_lead(town)
    sued = (("file_litigation", "legal"), *JUDGED, ("vary_by_litigation", "legal"))
    go(town, varied, *WAYS["urged"], *sued, ("wait", "30"), ("apply_to_court", "approver"))
    town.time.instant = START
    yield varied


def _exempted(town: Town) -> Iterator[str]:
    # Nobody who is punished for the same.
    firm = town.register("91320602MA1W01000L", name="南通濠河宾馆有限公司")
    for state in ("served", "not_filed", "terminated"):
        number = exemptions.open_lead(town, party=firm)
        town.take(number, "record_scene", HANDLERS, usual(EXEMPTION, "record_scene"))
        for step, by in exemptions.WAYS[state]:
            given = dict(exemptions.INPUTS.get(step, {}))
            if "recipient" in given:
                given["recipient"] = "顾明远"  # its head
            if step == "terminate":
                register(town, number, *PROVED_BY[step])
            town.take(number, step, by, given | ({"pledged": True} if step == "educate" else {}))
        yield number


@pytest.fixture(scope="module")
def papers(module_town: Town) -> list[Document]:
    """All papers of those cases and of the ones beside them."""
    town = module_town
    numbers = [*_penalised(town), *_exempted(town)]
    with town.session() as session:
        own = session.scalars(select(Case).where(Case.number.in_(numbers))).all()
        families = [case.family_id or case.id for case in own]
        beside = select(Case.id).where(or_(Case.family_id.in_(families), Case.id.in_(families)))
        asked = select(Document).where(Document.case_id.in_(beside))
        loaded = asked.options(undefer(Document.content), undefer(Document.context))
        return list(session.scalars(loaded.order_by(Document.id)))


def test_every_paper_of_the_rulebook_is_issued(papers: list[Document]) -> None:
    assert {paper.key for paper in papers} == set(ALL.split())


def test_every_number_is_of_the_authority_s_format(papers: list[Document]) -> None:
    for paper in papers:
        if paper.key != "compliance_pledge":
            assert re.fullmatch(
                r"崇川卫公?[一-龥]+〔\d{4}〕[1-9]\d*号|\d{4}-[1-9]\d*", paper.number
            )


def test_no_paper_has_a_blank_or_a_key_on_it(papers: list[Document]) -> None:
    for paper in papers:
        text = re.sub(r"https?://[!-~]+", "", printed_text(paper.content))
        assert FLAWS.search(text) is None, (paper.key, FLAWS.findall(text))


def test_what_a_paper_knows_is_on_one_of_its_kind(papers: list[Document]) -> None:
    shown: dict[tuple[str, str], bool] = {}
    for paper in papers:
        text = printed_text(paper.content)
        name = {"execution_suspension": "execution_rest", "execution_end": "execution_rest"}
        file = name.get(paper.key, paper.key)
        for field in compile_template((FOLDER / f"{file}.docx").read_bytes(), file).fields:
            for value in values(paper.context, field):
                if isinstance(value, str) and value and (file, field) not in NOT_PRINTED:
                    found = all(
                        any(form in text for form in as_printed(line.strip()))
                        for line in value.splitlines()
                    )
                    shown[file, field] = shown.get((file, field), False) or found
    hidden = [(key, field) for (key, field), found in shown.items() if not found]
    assert [(key, field) for key, field in hidden if field != INSTEAD] == []


def _latest(papers: list[Document], key: str, n: int = -1) -> str:
    of_kind = [paper for paper in papers if paper.key == key and paper.corrects is None]
    return printed_text(of_kind[n].content)


def test_the_decision_tells_notice_evidence_sum_and_remedies(papers: list[Document]) -> None:
    text = _latest(papers, "penalty_decision", n=1)

    assert (
        "本机关于2026年9月1日向你（单位）送达《行政处罚事先告知书》（崇川卫公罚告〔2026〕1号）"
        in text
    )
    assert "于2026年9月18日举行了听证" in text
    assert "上述事实有下列证据证明：" in text
    # What the register has, and nothing else.
    assert re.search(
        r"1\. 现场笔录（[^）]+，2026年9月1日取得于[^）]+），证明公共用品用具未经消毒。", text
    )
    assert "2. 现场检查音像记录（视听资料，" in text
    assert "现场照片" not in text
    assert "罚款人民币1000.00元（大写：壹仟元整）" in text
    assert "缴纳罚没款共计人民币1,000元（大写：壹仟元整；" in text
    assert "每日按罚款数额的3%加处罚款，加处罚款的数额不超出罚款的数额" in text
    assert "六十日内" in text
    assert "向南通市崇川区人民政府申请行政复议" in text
    assert "向南通市崇川区人民法院提起行政诉讼" in text


def test_court_and_urging_name_the_decision(papers: list[Document]) -> None:
    decision = "《行政处罚决定书》（崇川卫公罚〔2025〕1号"

    for key in ("urging_notice", "court_application"):
        assert decision in _latest(papers, key, n=0)
    text = _latest(papers, "court_application", n=0)
    assert "在法定期限内没有申请行政复议、没有提起行政诉讼" in text
    assert "送达《催告书》（崇川卫公催〔2025〕1号）" in text
    assert "尚欠人民币2,000元（大写：贰仟元整；" in text
    assert "终结执行：法人或者其他组织终止" in _latest(papers, "closing_report", n=0)
    varied = _latest(papers, "court_application")
    assert "提起行政诉讼，裁判结果为“变更”（（2026）苏06行终9号）" in varied
    assert "此后有效的处罚内容为：警告；罚款人民币400.00元（大写：肆佰元整）" in varied
    assert "尚欠人民币800元" in varied


@pytest.mark.parametrize(
    ("decided", "rule", "earliest", "until"),
    [
        (date(2026, 3, 31), "令第58号", "2026年6月30日", "2029年3月31日"),
        (date(2026, 4, 1), "令第36号", "2026年7月1日", "2027年4月1日"),
    ],
)
def test_the_three_letters_tell_the_terms_of_their_day(
    town: Town, decided: date, rule: str, earliest: str, until: str
) -> None:
    town.time.instant = datetime(decided.year, decided.month, decided.day, 9, tzinfo=ZONE)
    # A large fine, so that its record is of the class 一般 before and after the rules changed.
    with town.session() as session:
        set_key(session, "penalty.larger_fine", value={"person": "500.00", "firm": "1000.00"})
    number = open_lead(town)
    go(town, number, *SERVED, decide={"publicity": "general"})

    with town.session() as session:
        issued = {
            paper.key: paper
            for paper in session.scalars(
                select(Document)
                .where(Document.case_id == town.case(number).id)
                .options(undefer(Document.content), undefer(Document.context))
            )
        }
    reminder = printed_text(issued["repair_reminder"].content)
    guide = printed_text(issued["repair_guide"].content)
    [receipt] = town.case(number).data["service"]["decision"]["receipts"]
    assert [one["key"] for one in receipt["documents"]] == [
        "penalty_decision",
        "repair_reminder",
        "repair_guide",
    ]
    assert f"（《行政处罚决定书》（{issued['penalty_decision'].number}））" in reminder
    assert rule in reminder
    assert f"最短公示期限至{earliest}届满" in reminder
    assert f"最长公示期限至{until}" in reminder
    assert f"可以自{earliest}届满后" in guide
    url = issued["repair_reminder"].context["repair"]["url"]
    assert "/track?number=CC-XF-2026-" in url


def test_the_court_file_has_every_paper_of_a_penalty_in_its_stage(town: Town) -> None:
    number = penalty_to(town, "closed")
    with town.session() as session:
        data = court_file(town.office, session, town.people["handler1"], number).content

    places = [name for name, _ in unpacked(data) if name[:2].isdigit()]
    assert [place for place in places if "其他" in place] == []
    assert any("责令改正复查记录" in place for place in places)
    assert verify_file(data).faults == ()


def test_the_court_file_of_a_converted_case_has_what_it_came_from(town: Town) -> None:
    number = exemption_to(town, "converted")
    penalty = town.relative(number, "penalty").number
    with town.session() as session:
        data = court_file(town.office, session, town.people["handler1"], penalty).content

    places = [name for name, _ in unpacked(data) if name[:2].isdigit()]
    assert any("责令改正通知书" in place for place in places)
    assert verify_file(data).faults == ()


def test_no_compulsory_content_is_left_empty(papers: list[Document]) -> None:
    empty = {
        (paper.key, line)
        for paper in papers
        if paper.key in CONTENTS
        for line in left_empty(CONTENTS[paper.key], paper.context)
    }
    assert empty == set()


def test_a_decision_tells_when_how_and_by_whom(papers: list[Document]) -> None:
    text = _latest(papers, "penalty_decision", n=1)

    assert "违法行为发生（终了）日期：2026年" in text
    assert re.search(r"本案已于2026年9月\d+日经法制审核通过。", text)
    assert "本决定经本机关负责人集体讨论作出。" in text
    assert "第六十七条第三款的规定" in text
    assert "依据为《信用修复管理办法》（国家发展改革委令第36号）" in text
    assert re.search(r"承办人：.+（执法证号：.+）、.+（执法证号：.+）", text)
    before = _latest(papers, "penalty_decision", n=0)
    assert "国家发展改革委令第58号" in before  # of its day, not of today


def test_typed_sentences_are_closed(papers: list[Document]) -> None:
    for key in ("penalty_decision", "penalty_notice", "no_penalty_decision", "release_decision"):
        for line in _latest(papers, key).splitlines():
            if line.startswith(("1. ", "2. ", "处罚依据", "认定情节")):
                assert line.endswith(("。", "；")), line
