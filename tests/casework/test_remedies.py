"""复议, 诉讼, corrections and revocation of one's own decision: by hand from the rulebook.

Section 0 T25 to T27, overlays; P4A "Edge"; 处罚法48, 73. Decided and served on Tuesday 2026-09-01.
Mid-Autumn rest is September 25 to 27, National Day October 1 to 7; Sunday September 20 and
Saturday October 10 are worked.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused, StepNotOfState
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, CaseClock, Document, Publication
from casework.parts.remedies.outcomes import days_counted, stays
from casework.reading import case_view
from tests.support.fine import PAPERS, decided, publish_fine, receipt, tried
from tests.support.journeys import BODIES, OVERTURNED, usual
from tests.support.people import holding
from tests.support.refusals import refused
from tests.support.serving import ANNOUNCEMENT
from tests.support.town import START, Town, review

pytestmark = pytest.mark.slow

FILED = {"body": BODIES["reconsideration"], "number": "〔2026〕21号"}
KEPT = {"number": "〔2026〕复决21号", "result": "维持原决定"}
# A suit that is taken back is over at once.
TAKEN_BACK = {"number": "（2026）行初21号", "result": "申请人（原告）撤回"}
BY = "inspector1"
SLIP = {"field": "当事人地址", "wrong": "人民中路", "right": "人民东路"}
UNDOING = {
    "kind": "撤销",
    "facts": "当事人主体认定错误",
    "basis": "《中华人民共和国行政处罚法》第七十五条第二款",
    "reasons": "原决定认定的当事人有误",
    "instead": "退还已经缴纳的罚款",
}


@pytest.fixture(scope="module")
def shared(module_town: Town) -> Town:
    """One town for the whole file; each test opens a case of its own."""
    publish_fine(module_town)
    return module_town


@pytest.fixture
def town(shared: Town) -> Town:
    """The town, on 2026-09-01 again."""
    shared.time.instant = START
    return shared


@pytest.fixture
def fine(town: Town) -> str:
    """A fine decided and served on 2026-09-01; its number."""
    number = decided(town)
    town.take(number, "serve", "inspector1", receipt("2026-09-01"))
    return number


def _clock(town: Town, number: str, name: str) -> CaseClock:
    with town.session() as session:
        found = select(CaseClock).filter_by(case_id=town.case(number).id, name=name)
        return session.scalars(found.order_by(CaseClock.id.desc())).first() or CaseClock()


def _proved(town: Town, number: str) -> Case:
    with town.session() as session:
        case = town.case(number)
        assert verify_case(session, case, town.office.versions) == []
        return case


def _take(town: Town, number: str, step: str, on: str, given: Any) -> None:
    town.time.go_to(max(date.fromisoformat(on), town.time.instant.date()), hour=17)
    town.take(number, step, "legal", {**given, "on": on})


def _overturn(town: Town, number: str, remedy: str, on: str) -> None:
    """End a remedy with the decision quashed; of a suit, on the appeal."""
    of_second_instance = {}
    if remedy == "litigation":
        for step in ("record_judgment", "appeal"):
            _take(town, number, step, on, usual("", step))
        of_second_instance = {"instance": "二审", "number": "〔2026〕22号"}
    _take(town, number, f"change_by_{remedy}", on, {**OVERTURNED, **of_second_instance})


# What was filed and ended when, and the last of 15 days that count from September 1.
STAYS = {
    "nothing": ((), "2026-09-16"),
    # September 7 to 11 do not count: five days more is Monday the 21st.
    "reconsideration_upheld": (
        (("file_reconsideration", "2026-09-07"), ("end_reconsideration", "2026-09-11")),
        "2026-09-21",
    ),
    # September 7 to 11 and 9 to 14 overlap: the 7th to the 14th, eight days, lost once.
    "both, overlapping": (
        (
            ("file_reconsideration", "2026-09-07"),
            ("file_litigation", "2026-09-09"),
            ("end_reconsideration", "2026-09-11"),
            ("end_litigation", "2026-09-14"),
        ),
        "2026-09-24",
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_days_of_both_are_lost_once_and_execution_goes_on(town: Town, fine: str, name: str) -> None:
    acts, due = STAYS[name]
    for step, on in acts:
        ended = TAKEN_BACK if step == "end_litigation" else KEPT
        _take(town, fine, step, on, FILED if step.startswith("file") else ended)
    assert _clock(town, fine, "counted").due_on == date.fromisoformat(due)
    # The time to pay goes on (处罚法73), and the case keeps its state.
    assert _clock(town, fine, "payment").due_on == date(2026, 9, 16)
    assert _proved(town, fine).state == "served"


def test_terms_run_from_service_and_after_reconsideration_anew(town: Town, fine: str) -> None:
    """60 days from September 1: Saturday October 31, so Monday November 2. Six months: March 1."""
    assert _clock(town, fine, "reconsideration_term").due_on == date(2026, 11, 2)
    assert _clock(town, fine, "litigation_term").due_on == date(2027, 3, 1)
    _take(town, fine, "file_reconsideration", "2026-09-10", FILED)
    assert _clock(town, fine, "reconsideration_term").status == "ended"
    assert _clock(town, fine, "litigation_term").due_on is None
    _take(town, fine, "end_reconsideration", "2026-11-04", KEPT)
    # Fifteen days after it was received: Thursday November 19.
    assert _clock(town, fine, "litigation_after_reconsideration").due_on == date(2026, 11, 19)
    assert _clock(town, fine, "litigation_term").due_on is None
    _take(town, fine, "file_litigation", "2026-11-10", FILED)
    assert _clock(town, fine, "litigation_after_reconsideration").due_on is None
    _proved(town, fine)


def test_before_service_no_term_has_a_last_day(town: Town) -> None:
    number = decided(town)
    assert _clock(town, number, "reconsideration_term").due_on is None
    town.time.go_to(date(2026, 9, 9))
    town.take(number, "serve", "inspector1", receipt("2026-09-04"))
    # From the 4th, not the 9th: 60 days end on Tuesday November 3.
    assert _clock(town, number, "reconsideration_term").due_on == date(2026, 11, 3)
    _proved(town, number)


@pytest.mark.parametrize("remedy", ["reconsideration", "litigation"])
@pytest.mark.parametrize("closed", [False, True])
def test_what_overturns_it_withdraws_the_publication_and_marks_the_decision(
    town: Town, fine: str, remedy: str, closed: bool
) -> None:
    if closed:
        town.take(fine, "close", "inspector1")
    ended = town.case(fine).ended_at
    _take(town, fine, f"file_{remedy}", "2026-09-07", FILED)
    if not closed:
        with pytest.raises(GuardRefused, match="尚未审结"):
            town.take(fine, "apply_to_court", "inspector1")
    _overturn(town, fine, remedy, "2026-09-29")
    case = _proved(town, fine)
    assert (case.state, case.ended_at) == ("closed" if closed else "served", ended)
    with town.session() as session:
        [entry] = session.scalars(select(Publication).where(Publication.case_id == case.id))
        view = case_view(town.office, session, town.people["inspector1"], fine)
    # Three working days over National Day: September 30, October 8 and 9.
    assert (entry.register, entry.due_on) == ("penalties", date(2026, 10, 9))
    assert entry.withdrawn_because == OVERTURNED["reasons"]
    marks = {one.key: one.marks for one in view.documents if one.marks}
    assert list(marks) == [PAPERS[0]]
    assert "改变" in marks[PAPERS[0]][0]
    if not closed:
        with pytest.raises(GuardRefused, match="不能据以继续办理"):
            town.take(fine, "apply_to_court", "inspector1")


def test_days_that_count_for_a_late_fee() -> None:
    """Due on September 16, paid on September 30: 14 days, of which 18 to 22 and 21 to 25 rest."""
    told = {
        "file_reconsideration": date(2026, 9, 18),
        "end_reconsideration": date(2026, 9, 22),
        "file_litigation": date(2026, 9, 21),
        "change_by_litigation": date(2026, 9, 25),
    }
    assert days_counted(date(2026, 9, 17), date(2026, 9, 30), stays(told)) == 6
    assert days_counted(date(2026, 9, 17), date(2026, 9, 30), ()) == 14
    told.pop("change_by_litigation")
    assert days_counted(date(2026, 9, 17), date(2026, 9, 30), stays(told)) == 1


def test_a_slip_is_corrected_under_the_same_number_and_served(town: Town, fine: str) -> None:
    town.time.go_to(date(2026, 9, 8))
    given = {"document": PAPERS[0], "items": [SLIP], "reason": "录入有误"}
    with pytest.raises(StepNotOfState):
        town.take(fine, "serve_correction", "inspector1", receipt("2026-09-08"))
    town.take(fine, "correct", "inspector1", given)
    with town.session() as session:
        view = case_view(town.office, session, town.people["inspector1"], fine)
        versions = [one for one in view.documents if one.key == PAPERS[0]]
        rows = session.scalars(
            select(Document).where(Document.id.in_([one.id for one in versions]))
        ).all()
        texts = {row.id: row.context["party"]["address"] for row in rows}
    former, corrected = versions
    assert former.number == corrected.number
    assert corrected.title.endswith("（补正）")
    assert (texts[former.id], texts[corrected.id]) == (
        "南通市崇川区人民中路88号",
        "南通市崇川区人民东路88号",
    )
    assert former.marks == ("已补正，以同号补正文书为准（2026-09-08）",)
    assert corrected.marks == ()
    assert [one.key for one in view.service[-1].waiting] == ["erratum_notice", PAPERS[0]]
    # The decision itself stays served as it was, and its clocks with it.
    assert town.case(fine).data["service"]["decision"]["served_on"] == "2026-09-01"
    assert _clock(town, fine, "payment").due_on == date(2026, 9, 16)
    town.take(fine, "serve_correction", "inspector1", receipt("2026-09-08"))
    assert town.case(fine).data["service"]["correction"]["served_on"] == "2026-09-08"
    assert _proved(town, fine).tracks["correction"] == "correction_served"


def _corrected(town: Town, fine: str, on: date, **slip: str) -> None:
    town.time.go_to(on)
    given = {"document": PAPERS[0], "items": [{**SLIP, **slip}], "reason": "录入有误"}
    town.take(fine, "correct", BY, given)


def test_a_correction_is_served_in_time_or_by_announcement_as_any_document(
    town: Town, fine: str
) -> None:
    _corrected(town, fine, date(2026, 9, 8))
    # Seven working days from September 8: Thursday the 17th.
    assert _clock(town, fine, "service_correction").due_on == date(2026, 9, 17)
    refused(town, GuardRefused, lambda: town.take(fine, "close", BY), code="correction_unserved")
    announced = {**ANNOUNCEMENT, "published_on": "2026-09-08"}

    def announce() -> None:
        town.take(fine, "announce_correction", BY, announced)

    refused(town, GuardRefused, announce, code="ways_not_tried", law="第九十五条")
    for way in ("直接送达", "邮寄送达"):
        town.take(fine, "record_try_correction", BY, tried("2026-09-08", way))
    announce()
    refused(town, GuardRefused, lambda: town.take(fine, "close", BY), code="correction_unserved")
    # Thirty days from September 8: Thursday October 8.
    assert _clock(town, fine, "announcement_correction").due_on == date(2026, 10, 8)
    town.time.go_to(date(2026, 10, 9), 1)
    fire_due_clocks(town.office)
    case = _proved(town, fine)
    assert (case.state, case.tracks["correction"]) == ("served", "correction_served")
    served = case.data["service"]["correction"]
    assert served["served_on"] == "2026-10-08"
    assert [one["key"] for one in served["receipts"][-1]["documents"]] == [
        "erratum_notice",
        PAPERS[0],
    ]
    town.take(fine, "close", BY)


def test_a_second_correction_is_served_anew_and_earlier_tries_are_none_of_it(
    town: Town, fine: str
) -> None:
    _corrected(town, fine, date(2026, 9, 8))
    for way in ("直接送达", "邮寄送达"):
        town.take(fine, "record_try_correction", BY, tried("2026-09-08", way))
    town.take(fine, "serve_correction", BY, receipt("2026-09-08"))
    _corrected(town, fine, date(2026, 9, 10), wrong="人民东路", right="人民中路")
    with town.session() as session:
        told = case_view(town.office, session, town.people[BY], fine).service[-1]
    assert told.served_on is None
    assert [one.key for one in told.waiting] == ["erratum_notice", PAPERS[0]]
    # Seven working days from September 10: Sunday the 20th is worked.
    assert _clock(town, fine, "service_correction").due_on == date(2026, 9, 20)
    refused(
        town,
        GuardRefused,
        lambda: town.take(
            fine, "announce_correction", BY, {**ANNOUNCEMENT, "published_on": "2026-09-10"}
        ),
        code="ways_not_tried",
    )
    town.take(fine, "serve_correction", BY, receipt("2026-09-10"))
    assert town.case(fine).data["service"]["correction"]["served_on"] == "2026-09-10"
    _proved(town, fine)


@pytest.mark.parametrize(
    ("document", "item", "code"),
    [
        (PAPERS[0], {"field": "罚款数额", "wrong": "3000", "right": "5000"}, "substance"),
        (PAPERS[0], {"field": "查明的事实", "wrong": "未", "right": "已"}, "substance"),
        (PAPERS[0], {**SLIP, "wrong": "没有这几个字"}, "not_there"),
        (PAPERS[0], {**SLIP, "right": SLIP["wrong"]}, "nothing_changes"),
        (PAPERS[1], SLIP, "not_correctable"),
    ],
)
def test_substance_is_never_corrected(
    town: Town, fine: str, document: str, item: dict[str, str], code: str
) -> None:
    given = {"document": document, "items": [item], "reason": "录入有误"}
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "correct", "inspector1", given)
    [reason] = refused.value.extra["reasons"]
    assert reason["code"] == code
    assert reason["law"]


def _undo(town: Town, fine: str, **changes: str) -> None:
    town.take(fine, "undo_decision", "approver", {**UNDOING, **changes})


def _reviewed(town: Town, fine: str) -> None:
    town.take(fine, "propose_undoing", BY, UNDOING)
    town.take(fine, "review_undoing", "legal", review())


def test_one_s_own_decision_is_undone_after_review_only(town: Town, fine: str) -> None:
    def undo() -> None:
        _undo(town, fine)

    def pass_review() -> None:
        town.take(fine, "review_undoing", "legal", review())

    law = "《行政处罚法》第五十八条、第七十五条"
    refused(town, GuardRefused, pass_review, code="undoing_not_proposed", law="118号")
    refused(town, GuardRefused, undo, code="undoing_not_reviewed", law=law)
    town.take(fine, "propose_undoing", BY, UNDOING)
    refused(town, GuardRefused, undo, code="undoing_not_reviewed", law=law)
    failed = review()
    failed["checklist"][0]["ok"] = False
    refused(
        town,
        GuardRefused,
        lambda: town.take(fine, "review_undoing", "legal", failed),
        code="checklist_failed",
    )
    pass_review()
    refused(town, GuardRefused, pass_review, code="undoing_not_proposed")
    undo()
    case = _proved(town, fine)
    assert case.state == "decision_undone"
    with town.session() as session:
        [entry] = session.scalars(select(Publication).where(Publication.case_id == case.id))
        view = case_view(town.office, session, town.people["applicant"], fine)
        draft = (
            session.scalars(select(Document).filter_by(case_id=case.id, key="legal_review_opinion"))
            .one()
            .context["draft"]
        )
    # Three working days: September 4.
    assert (entry.due_on, entry.withdrawn_because) == (date(2026, 9, 4), UNDOING["reasons"])
    assert [one.marks for one in view.documents if one.key == PAPERS[0]] == [
        ("已被本机关撤销、变更（2026-09-01）",)
    ]
    assert view.documents[-1].key == "undoing_decision"
    assert (draft["measures"], draft["facts"]) == (["依职权撤销、变更决定"], UNDOING["facts"])


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("kind", "变更"),
        ("facts", "另有其他问题"),
        ("basis", "《中华人民共和国行政许可法》第六十九条"),
        ("reasons", "另有理由"),
        ("instead", "不予退还"),
    ],
)
def test_what_undoes_a_decision_is_what_was_reviewed(
    town: Town, fine: str, part: str, other: str
) -> None:
    _reviewed(town, fine)
    refused(
        town,
        GuardRefused,
        lambda: _undo(town, fine, **{part: other}),
        code="undoing_differs",
        law="第五十八条",
    )
    # Another draft wants another review.
    town.take(fine, "propose_undoing", BY, {**UNDOING, part: other})
    refused(
        town,
        GuardRefused,
        lambda: _undo(town, fine, **{part: other}),
        code="undoing_not_reviewed",
    )
    town.take(fine, "review_undoing", "legal", review())
    _undo(town, fine, **{part: other})
    _proved(town, fine)


def test_who_decided_or_drafted_does_not_review_the_undoing(town: Town, fine: str) -> None:
    town.take(fine, "propose_undoing", BY, UNDOING)
    for account in (BY, "approver"):
        with holding(town, account, "legal_reviewer"):
            refused(
                town,
                GuardRefused,
                lambda account=account: town.take(fine, "review_undoing", account, review()),
                code="separation_of_duties",
            )


def test_what_a_court_has_quashed_is_not_undone(town: Town, fine: str) -> None:
    _reviewed(town, fine)
    _take(town, fine, "file_litigation", "2026-09-07", FILED)
    _overturn(town, fine, "litigation", "2026-09-29")
    for deed in (
        lambda: _undo(town, fine),
        lambda: town.take(fine, "propose_undoing", BY, UNDOING),
    ):
        refused(town, GuardRefused, deed, code="decision_overturned")


@pytest.mark.parametrize("announced", [False, True])
def test_the_undoing_is_served_as_every_decision(town: Town, fine: str, announced: bool) -> None:
    _reviewed(town, fine)
    _undo(town, fine)
    # Seven working days from September 1: Thursday the 10th.
    assert _clock(town, fine, "service_undoing").due_on == date(2026, 9, 10)
    told = {**ANNOUNCEMENT, "published_on": "2026-09-02"}
    town.time.go_to(date(2026, 9, 2))
    refused(
        town,
        GuardRefused,
        lambda: town.take(fine, "announce_undoing", BY, told),
        code="ways_not_tried",
    )
    for given, code in (
        (receipt("2026-09-02", signed=False), "not_signed"),
        (receipt("2026-09-02", "电子送达"), "no_consent"),
    ):
        refused(
            town,
            GuardRefused,
            lambda given=given: town.take(fine, "serve_undoing", BY, given),
            code=code,
        )
    if announced:
        for way in ("直接送达", "邮寄送达"):
            town.take(fine, "record_try_undoing", BY, tried("2026-09-02", way))
        town.take(fine, "announce_undoing", BY, told)
        assert town.case(fine).state == "undoing_announced"
        # Thirty days from September 2 is October 2, in the rest; the next working day is the 8th.
        town.time.go_to(date(2026, 10, 9), 1)
        fire_due_clocks(town.office)
    else:
        town.take(fine, "serve_undoing", BY, receipt("2026-09-02"))
    case = _proved(town, fine)
    assert case.state == "undoing_served"
    assert case.data["service"]["undoing"]["served_on"] == (
        "2026-10-08" if announced else "2026-09-02"
    )
    # The decision that fell was served when it was.
    assert case.data["service"]["decision"]["served_on"] == "2026-09-01"
