"""From the notice to the decision: heard, reviewed, discussed, and nothing else is decided.

On the small penalty, which is kept for tests; the revocation is judged in `test_conditions`.
Limits: T16 U 5 wd, T17 5 wd and 7 wd (处罚法44, 45, 57, 58, 62-65).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import select

from casework.audit.proof import verify_database
from casework.common.problems import BadInput, GuardRefused, StepNotOfState
from casework.models import Case, Document, LogRow, Post
from casework.rules.versions import VersionCache
from tests.support.people import appoint, newcomer, second_account
from tests.support.records import contents
from tests.support.refusals import refused
from tests.support.rules import set_key
from tests.support.serving import RECEIPT
from tests.support.small_penalty import ABOUT, proposal, published, reconsidered
from tests.support.town import START, Town, hearing, hearing_record, review

pytestmark = pytest.mark.slow

OFFICERS = "inspector1+inspector2"
MEMBERS = ("head1", "head2", "head3")
MINUTE = {
    "room": "三楼会议室",
    "presiding": "甲head1",
    "recorder": "甲记录",
    "report": "三次检测不合格",
    "conclusion": "同意",
}
SMALL_FINE = "3000.00"  # below the sum that gives a firm a right to a hearing
SUBMITTED = {"defence_considered": "不予采纳"}


@pytest.fixture(scope="module")
def penal(module_town: Town) -> Town:
    """The town of this file, in which the small penalty is in force."""
    published(module_town)
    return module_town


@pytest.fixture
def town(penal: Town) -> Iterator[Town]:
    """The same town, on the day on which everything starts."""
    penal.time.instant = START
    yield penal
    with penal.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def _opened(town: Town) -> str:
    return town.office.open_case("small_penalty", ABOUT, town.people["applicant"]).number


def _notified(town: Town, fine: str = "60000.00", **changes: Any) -> str:
    number = _opened(town)
    town.take(number, "investigate", OFFICERS, proposal(fine, **changes))
    town.take(number, "notify", "inspector1", proposal(fine, **changes))
    return number


def _waived(town: Town, fine: str = "60000.00", **changes: Any) -> str:
    number = _notified(town, fine, **changes)
    town.take(number, "waive_defence", "applicant")
    town.take(number, "waive_hearing", "applicant")
    return number


def _reviewed(town: Town, fine: str = "60000.00", **changes: Any) -> str:
    number = _waived(town, fine, **changes)
    town.take(number, "reconsider", "inspector1", reconsidered(fine, **changes))
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    town.take(number, "pass_review", "legal", review())
    return number


def _vote(town: Town, number: str, *choices: str) -> None:
    for member, choice in zip(MEMBERS, choices, strict=False):
        town.take(number, "vote", member, {"choice": choice, "opinion": "已阅卷"})


def _discussed(town: Town, fine: str = "60000.00") -> str:
    number = _reviewed(town, fine)
    _vote(town, number, "同意", "同意", "不同意")
    town.take(number, "conclude_panel", "approver", MINUTE)
    return number


def _refused_decision(town: Town, number: str, code: str, law: str, **changes: Any) -> str:
    given = {**proposal(), **changes}
    return refused(
        town,
        GuardRefused,
        lambda: town.take(number, "decide", "approver", given),
        code=code,
        law=law,
    ).detail


# -- what was told, reviewed and discussed is what is decided --------------------------------------


def test_from_the_notice_through_hearing_review_and_panel_to_the_decision(town: Town) -> None:
    number = _notified(town)
    town.take(number, "state_defence", "applicant", {"text": "水泵检修所致"})
    town.take(number, "request_hearing", "applicant", {"reasons": "对检测方法有异议"})
    town.take(number, "schedule_hearing", "inspector1", hearing("2026-09-11"))
    town.take(number, "serve_hearing", "inspector1", RECEIPT)
    town.time.go_to(date(2026, 9, 11), 10)
    town.take(number, "hold_hearing", "chair", hearing_record())
    town.take(number, "reconsider", "inspector1", reconsidered("50000.00"))
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    town.take(number, "pass_review", "legal", review())
    _vote(town, number, "同意", "同意", "弃权")
    town.take(number, "conclude_panel", "approver", MINUTE)
    town.take(number, "decide", "approver", proposal("50000"))

    assert town.case(number).state == "decided"
    with town.session() as session:
        rows = session.scalars(
            select(LogRow).where(LogRow.case_id == town.case(number).id).order_by(LogRow.seq)
        ).all()
        keys = session.scalars(
            select(Document.key)
            .where(Document.case_id == town.case(number).id)
            .order_by(Document.id)
        ).all()
    assert keys == [
        "hearing_notice",
        "service_receipt",
        "hearing_record",
        "legal_review_opinion",
        "panel_minutes",
    ]
    caused = {row.header["name"]: row.payload.get("caused", {}) for row in rows}
    told = _sm3(proposal("60000.00"), "basis", "facts", "measures")
    passed = _sm3(proposal("50000.00"), "basis", "facts", "measures", "reasons")
    assert caused["notify"]["bound"] == [{"binding": "notice", "digest": told, "draft": "notify"}]
    assert caused["pass_review"]["bound"] == [
        {"binding": "review", "digest": passed, "draft": "reconsider"}
    ]
    assert caused["conclude_panel"]["bound"] == [
        {"binding": "panel", "digest": passed, "draft": "reconsider"}
    ]
    kept = {one["binding"]: one for one in caused["decide"]["kept"]}
    assert kept["review"]["digest"] == kept["review"]["to"] == passed
    assert kept["panel"]["digest"] == kept["panel"]["to"] == passed
    assert kept["notice"]["to"] == told  # milder than what was told


def _sm3(said: dict[str, Any], *parts: str) -> str:
    """SM3 over sorted, blank-free JSON, by hand."""
    text = json.dumps(
        {part: said[part] for part in parts},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    digest = Hash(SM3())
    digest.update(text.encode())
    assert hashlib.sha256(text.encode()).hexdigest() != digest.copy().finalize().hex()
    return digest.finalize().hex()


def test_a_pass_on_one_sum_and_a_decision_on_another(town: Town) -> None:
    number = _discussed(town)
    other = [{"kind": "罚款", "amount": "59999.99", "days": 0, "detail": ""}]
    _refused_decision(town, number, "review_differs", "第五十八条", measures=other)
    heavier = [{"kind": "罚款", "amount": "60000.01", "days": 0, "detail": ""}]
    told = _refused_decision(town, number, "notice_heavier", "第四十五条", measures=heavier)
    assert "60000.01元，告知为60000.00元" in told
    same = [{"kind": "罚款", "amount": "60000", "days": 0, "detail": ""}]
    town.take(number, "decide", "approver", proposal(measures=same))


@pytest.mark.parametrize(
    ("part", "code"),
    [("facts", "notice_differs"), ("basis", "notice_differs"), ("reasons", "review_differs")],
)
def test_other_words_than_were_approved(town: Town, part: str, code: str) -> None:
    number = _discussed(town)
    law = "第四十四条" if code.startswith("notice") else "第五十八条"
    _refused_decision(town, number, code, law, **{part: proposal()[part] + "。"})


def test_a_sum_is_written_as_decimal_text(town: Town) -> None:
    number = _opened(town)
    for wrong in ("1,000.00", "1000.001", "-5", "01", "1e3", "一千", 1000.0):
        given = proposal()
        given["measures"][0]["amount"] = wrong
        refused(
            town,
            BadInput,
            lambda given=given: town.take(number, "investigate", "inspector1", given),
        )


def test_nothing_heavier_after_the_defence_unless_told_anew(town: Town) -> None:
    number = _notified(town, "55000.00")
    town.take(number, "state_defence", "applicant", {"text": "请求从轻"})
    town.take(number, "waive_hearing", "applicant")
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "reconsider", "inspector1", reconsidered("60000.00")),
        code="notice_heavier",
        law="《行政处罚法》第四十四条、第四十五条",
    )
    assert "不得因当事人陈述、申辩而加重" in problem.detail
    for changed in (
        {"facts": "另查明从业人员无健康合格证明"},
        {"basis": "《公共场所卫生管理条例实施细则》第三十七条"},
    ):
        refused(
            town,
            GuardRefused,
            lambda changed=changed: town.take(
                number, "reconsider", "inspector1", reconsidered("55000.00", **changed)
            ),
            code="notice_differs",
            law="《行政处罚法》第四十四条",
        )
    town.take(number, "notify", "inspector1", proposal("60000.00"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "reconsider", "inspector1", reconsidered("60000.00")),
        code="defence_pending",
    )
    town.take(number, "waive_defence", "applicant")
    town.take(number, "waive_hearing", "applicant")
    town.take(number, "reconsider", "inspector1", reconsidered("60000.00"))


def test_a_new_draft_ends_the_pass_and_the_log_says_so(town: Town) -> None:
    number = _reviewed(town)
    _vote(town, number, "不同意", "不同意", "同意")
    town.take(number, "reject_in_panel", "approver", {**MINUTE, "conclusion": "罚款过重"})
    town.take(number, "reconsider", "inspector1", reconsidered("55000.00"))
    with town.session() as session:
        row = session.scalars(
            select(LogRow)
            .where(LogRow.case_id == town.case(number).id)
            .order_by(LogRow.seq.desc())
            .limit(1)
        ).one()
    assert [one["binding"] for one in row.payload["caused"]["lapsed"]] == ["review"]
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    town.take(number, "pass_review", "legal", review())
    # The votes were on another draft.
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "conclude_panel", "approver", MINUTE),
        code="panel_not_quorate",
    )


def test_a_draft_that_was_changed_behind_the_log_voids_what_was_approved(town: Town) -> None:
    number = _discussed(town)
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        kept = dict(case.data)
        case.data = {
            **case.data,
            "reconsider": reconsidered("10.00"),
            "decide": kept.get("decide", {}),
        }
    measures = [{"kind": "罚款", "amount": "10.00", "days": 0, "detail": ""}]
    given = proposal(measures=measures)
    with pytest.raises(GuardRefused) as caught:
        town.take(number, "decide", "approver", given)
    assert [r["code"] for r in caught.value.extra["reasons"]] == ["review_missing"]
    with town.session() as session:
        session.scalars(select(Case).where(Case.number == number)).one().data = kept


# -- statement, defence and hearing ----------------------------------------------------------------


def test_a_hearing_is_asked_for_on_the_last_day_and_not_the_day_after(town: Town) -> None:
    last = date(2026, 9, 8)  # five working days from Tuesday 1 September
    in_time, late = _notified(town), _notified(town)
    asked = {"reasons": "对检测方法有异议"}
    town.time.go_to(last, 23)
    town.take(in_time, "request_hearing", "applicant", asked)
    assert town.case(in_time).state == "hearing_requested"
    town.time.go_to(last + timedelta(days=1), 0)
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(late, "request_hearing", "applicant", asked),
        code="hearing_too_late",
        law="《行政处罚法》第六十四条第一项",
    )
    assert "2026-09-08" in problem.detail
    town.take(late, "reconsider", "inspector1", reconsidered())


def test_a_hearing_is_no_right_below_the_sums(town: Town) -> None:
    asked = {"reasons": "对检测方法有异议"}
    for fine in (SMALL_FINE, "49999.99"):
        number = _notified(town, fine)
        problem = refused(
            town,
            GuardRefused,
            lambda number=number: town.take(number, "request_hearing", "applicant", asked),
            code="no_hearing_right",
            law="《行政处罚法》第六十三条",
        )
        assert f"罚款{fine}元" in problem.detail
    for changes in (
        {"measures": [{"kind": "罚款", "amount": "50000.00", "days": 0, "detail": ""}]},
        {"measures": [{"kind": "没收违法所得", "amount": "50000.00", "days": 0, "detail": ""}]},
        {"measures": [{"kind": "责令停产停业", "amount": "", "days": 3, "detail": ""}]},
        {"measures": [{"kind": "吊销许可证件", "amount": "", "days": 0, "detail": ""}]},
    ):
        number = _notified(town, **changes)
        town.take(number, "request_hearing", "applicant", asked)
        assert town.case(number).state == "hearing_requested"


def test_a_small_fine_waits_for_the_defence_only(town: Town) -> None:
    number = _notified(town, SMALL_FINE)
    town.take(number, "state_defence", "applicant", {"text": "请求从轻"})

    def reconsider() -> None:
        town.take(number, "reconsider", "inspector1", reconsidered(SMALL_FINE))

    # Which its statement does not end: five working days from Tuesday 1 September.
    town.time.go_to(date(2026, 9, 8), 23)
    refused(town, GuardRefused, reconsider, code="party_time_pending")
    town.time.go_to(date(2026, 9, 9))
    reconsider()
    assert town.case(number).state == "reconsidered"


def test_a_large_one_waits_for_the_hearing_too(town: Town) -> None:
    number = _notified(town)
    town.take(number, "waive_defence", "applicant")
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "reconsider", "inspector1", reconsidered()),
        code="hearing_pending",
        law="《行政处罚法》第六十三条",
    )
    town.take(number, "waive_hearing", "applicant")
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "request_hearing", "applicant", {"reasons": "反悔"}),
        code="hearing_waived",
    )


def test_the_party_is_told_of_the_hearing_seven_working_days_before(town: Town) -> None:
    number = _notified(town)
    town.take(number, "request_hearing", "applicant", {"reasons": "有异议"})
    # From Tuesday 1 September the seventh working day is Thursday the 10th.
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "schedule_hearing", "inspector1", hearing("2026-09-09")),
        code="hearing_too_soon",
        law="《行政处罚法》第六十三条、第六十四条",
    )
    assert "2026-08-31" in problem.detail
    town.take(number, "schedule_hearing", "inspector1", hearing("2026-09-10"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "hold_hearing", "chair", hearing_record()),
        code="hearing_not_yet",
    )


def test_who_may_chair(town: Town) -> None:
    number = _notified(town)
    town.take(number, "request_hearing", "applicant", {"reasons": "有异议"})

    def schedule(**changes: Any) -> None:
        town.take(number, "schedule_hearing", "inspector1", hearing("2026-09-11", **changes))

    refused(town, GuardRefused, lambda: schedule(chair="legal"), code="chair_unknown")
    refused(town, GuardRefused, lambda: schedule(chair="nobody"), code="chair_unknown")
    appoint(town, "inspector2", "hearing_chair")  # who investigated with the first officer
    problem = refused(
        town,
        GuardRefused,
        lambda: schedule(chair="inspector2"),
        code="chair_investigated",
        law="第六十四条",
    )
    assert "提出处罚建议" in problem.detail
    refused(town, GuardRefused, lambda: schedule(open=False), code="hearing_closed_without_reason")
    schedule()
    town.take(number, "serve_hearing", "inspector1", RECEIPT)
    town.time.go_to(date(2026, 9, 11), 10)
    other = appoint(town, newcomer(town, "chair2"), "hearing_chair")
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "hold_hearing", other, hearing_record()),
        code="not_the_chair",
        law="第六十四条第四项",
    )
    refused(
        town,
        GuardRefused,
        lambda: town.take(
            number, "hold_hearing", "chair", hearing_record(signing="拒绝签名或者盖章")
        ),
        code="refusal_not_noted",
        law="第六十四条第八项",
    )
    unsigned = hearing_record(signing="拒绝签名或者盖章", refusal="陈志远拒绝签名，见证人甲记录")
    town.take(number, "hold_hearing", "chair", unsigned)
    # Whoever chaired does not review.
    town.take(number, "reconsider", "inspector1", reconsidered())
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    appoint(town, "chair", "legal_reviewer")
    for actor in (town.people["chair"], second_account(town, "chair")):
        version = town.case(number).version
        refused(
            town,
            GuardRefused,
            lambda actor=actor, version=version: town.office.advance(
                number, "pass_review", review(), actor, version=version
            ),
            code="separation_of_duties",
        )


def test_who_does_not_come_gives_up_the_hearing(town: Town) -> None:
    number = _notified(town)
    town.take(number, "request_hearing", "applicant", {"reasons": "有异议"})
    town.take(number, "schedule_hearing", "inspector1", hearing("2026-09-11"))
    town.take(number, "serve_hearing", "inspector1", RECEIPT)
    absent = {"circumstances": "经通知无正当理由未到场"}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "abandon_hearing", "chair", absent),
        code="hearing_not_yet",
    )
    town.time.go_to(date(2026, 9, 11), 10)
    town.take(number, "abandon_hearing", "chair", absent)
    town.take(number, "reconsider", "inspector1", reconsidered())
    # No hearing was held, but what is proposed would have given a right to one.
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "forgo_review", "inspector1"),
        code="review_compulsory",
        law="《行政处罚法》第五十八条",
    )
    town.take(number, "submit_review", "inspector1", SUBMITTED)


# -- legal review ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ground",
    [
        "涉及重大公共利益",
        "案件情况疑难复杂、涉及多个法律关系",
        "法律、法规规定应当进行法制审核的其他情形",
    ],
)
def test_a_review_is_compulsory_on_each_ground(town: Town, ground: str) -> None:
    number = _waived(town, SMALL_FINE)
    given = reconsidered(SMALL_FINE, review_grounds=[ground])
    town.take(number, "reconsider", "inspector1", given)
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "forgo_review", "inspector1"),
        code="review_compulsory",
        law="《行政处罚法》第五十八条",
    )
    assert ground in problem.detail


def test_a_small_case_goes_without_review_and_panel(town: Town) -> None:
    number = _waived(town, SMALL_FINE)
    town.take(number, "reconsider", "inspector1", reconsidered(SMALL_FINE))
    town.take(number, "forgo_review", "inspector1")
    town.take(number, "forgo_panel", "approver")
    # Still bound by the notice.
    measures = [{"kind": "罚款", "amount": "3000.01", "days": 0, "detail": ""}]
    _refused_decision(town, number, "notice_heavier", "第四十五条", measures=measures)
    town.take(number, "decide", "approver", proposal(SMALL_FINE))


def test_a_pass_answers_every_question_with_yes(town: Town) -> None:
    number = _waived(town)
    town.take(number, "reconsider", "inspector1", reconsidered())
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    whole = review()
    short = {**whole, "checklist": whole["checklist"][:-1]}
    failed = [{**item, "ok": n != 2} for n, item in enumerate(whole["checklist"])]
    for given, code in (
        (short, "checklist_incomplete"),
        ({**whole, "checklist": failed}, "checklist_failed"),
    ):
        refused(
            town,
            GuardRefused,
            lambda given=given: town.take(number, "pass_review", "legal", given),
            code=code,
            law="国办发〔2018〕118号",
        )


@pytest.mark.parametrize("kind", ["建议修正", "退回补充证据", "纠正程序", "不同意"])
def test_each_answer_but_a_pass_sends_the_draft_back_with_a_paper(town: Town, kind: str) -> None:
    number = _waived(town)
    town.take(number, "reconsider", "inspector1", reconsidered())
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    town.take(number, "return_review", "legal", {"kind": kind, "opinion": "见清单"})
    assert town.case(number).state == "review_returned"
    with town.session() as session:
        paper = session.scalars(
            select(Document).where(Document.case_id == town.case(number).id)
        ).one()
        assert (paper.key, paper.context["act"]["conclusion"]) == ("legal_review_opinion", kind)
    refused(town, StepNotOfState, lambda: town.take(number, "decide", "approver", proposal()))


def test_an_early_review_by_a_key(town: Town) -> None:
    number = _opened(town)
    town.take(number, "investigate", OFFICERS, proposal())
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "submit_early_review", "inspector1"),
        code="review_too_early",
    )
    with town.session() as session:
        set_key(session, "review.before_notice", value=True)
    other, heard = _early(town), _early(town)
    number = _early(town)
    for case in (number, other):
        town.take(case, "waive_defence", "applicant")
        town.take(case, "waive_hearing", "applicant")
    town.take(other, "reconsider", "inspector1", reconsidered("59000.00"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(other, "keep_review", "inspector1"),
        code="early_review_differs",
    )
    town.take(number, "reconsider", "inspector1", reconsidered())
    town.take(number, "keep_review", "inspector1")
    _vote(town, number, "同意", "同意", "同意")
    town.take(number, "conclude_panel", "approver", MINUTE)
    town.take(number, "decide", "approver", proposal())
    unseen = _waived(town)
    town.take(unseen, "reconsider", "inspector1", reconsidered())
    refused(
        town,
        GuardRefused,
        lambda: town.take(unseen, "keep_review", "inspector1"),
        code="early_review_missing",
    )
    town.take(heard, "request_hearing", "applicant", {"reasons": "有异议"})
    town.take(heard, "schedule_hearing", "inspector1", hearing("2026-09-11"))
    town.take(heard, "serve_hearing", "inspector1", RECEIPT)
    town.time.go_to(date(2026, 9, 11), 10)
    town.take(heard, "hold_hearing", "chair", hearing_record())
    town.take(heard, "reconsider", "inspector1", reconsidered())
    for step, code in (
        ("keep_review", "review_after_hearing"),
        ("forgo_review", "review_compulsory"),
    ):
        refused(
            town,
            GuardRefused,
            lambda step=step: town.take(heard, step, "inspector1"),
            code=code,
            law="第五十八条",
        )


def _early(town: Town) -> str:
    """A draft reviewed before the party was told of it."""
    number = _opened(town)
    town.take(number, "investigate", OFFICERS, proposal())
    town.take(number, "submit_early_review", "inspector1")
    town.take(number, "pass_early_review", "legal", review())
    town.take(number, "notify", "inspector1", proposal())
    return number


# -- discussion by the heads of the authority ------------------------------------------------------


def test_a_panel_votes_by_its_rule(town: Town) -> None:
    number = _reviewed(town)

    def conclude() -> None:
        town.take(number, "conclude_panel", "approver", MINUTE)

    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "forgo_panel", "approver"),
        code="panel_compulsory",
        law="《行政处罚法》第五十七条第二款",
    )
    _vote(town, number, "同意", "不同意")
    refused(town, GuardRefused, conclude, code="panel_not_quorate", law="第五十七条")
    again = second_account(town, "head2")
    version = town.case(number).version
    refused(
        town,
        GuardRefused,
        lambda: town.office.advance(
            number, "vote", {"choice": "同意", "opinion": "再投"}, again, version=version
        ),
        code="voted_already",
    )
    appoint(town, "inspector1", "panel_member")
    try:
        refused(
            town,
            GuardRefused,
            lambda: town.take(number, "vote", "inspector1", {"choice": "同意", "opinion": "x"}),
            code="separation_of_duties",
        )
    finally:
        with town.session() as session:
            for post in session.scalars(
                select(Post).where(
                    Post.person_id == town.people["inspector1"].person_id,
                    Post.role == "panel_member",
                )
            ):
                post.valid_to = START.date() - timedelta(days=1)
    town.take(number, "vote", "head3", {"choice": "弃权", "opinion": "未参加调查"})
    # One of three in favour is no majority.
    refused(town, GuardRefused, conclude, code="panel_disagrees")
    town.take(number, "reject_in_panel", "approver", {**MINUTE, "conclusion": "重新研究"})
    assert town.case(number).state == "reconsidered"
    with town.session() as session:
        paper = session.scalars(
            select(Document).where(
                Document.case_id == town.case(number).id, Document.key == "panel_minutes"
            )
        ).one()
        assert paper.context["panel"]["result"] == "同意1人，不同意1人，弃权1人"
        assert [vote["name"] for vote in paper.context["panel"]["votes"]] == [
            "甲head1",
            "甲head2",
            "甲head3",
        ]


def test_a_panel_that_agreed_is_not_said_to_have_refused(town: Town) -> None:
    number = _reviewed(town)
    _vote(town, number, "同意", "同意", "同意")
    before = contents(town)
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "reject_in_panel", "approver", MINUTE),
        code="panel_agrees",
    )
    assert contents(town) == before


def test_a_complex_case_is_discussed_however_small(town: Town) -> None:
    number = _waived(town, SMALL_FINE)
    given = reconsidered(SMALL_FINE, complex_case=True)
    town.take(number, "reconsider", "inspector1", given)
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "forgo_review", "inspector1"),
        code="review_compulsory",
    )
    town.take(number, "submit_review", "inspector1", SUBMITTED)
    town.take(number, "pass_review", "legal", review())
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "forgo_panel", "approver"),
        code="panel_compulsory",
    )
