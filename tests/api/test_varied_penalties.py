"""变更: what becomes of a penalty that 行政复议 or a court varied, over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.common.typed_inputs import Inputs
from casework.models import Case, CaseClock, CreditEvent, CreditMark, Publication
from casework.parts.remedies import decision_in_force as standing
from casework.rules.versions import VersionCache
from tests.support import licence_penalties, penalties
from tests.support.desk import Desk, payment
from tests.support.exemptions import FIRM
from tests.support.penalties import (
    CLOSURE,
    HEAVY,
    MILDER,
    SERVED,
    VARIED,
    WARNING,
    fine,
    go,
    penalty_to,
    spot_to,
)
from tests.support.rules import add_penalty, call_serious, set_key

_FILED = ("file_reconsideration", "legal")
_VARIED = (_FILED, ("vary_by_reconsideration", "legal"))
_SOURCE = "南通市崇川区人民政府〔2026〕崇行复21号行政复议决定"


def _proved(desk: Desk, number: str) -> None:
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_what_was_varied_is_owed_published_and_paid_as_it_now_stands(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    assert desk.go(number, *_VARIED) == "served"
    with desk.town.session() as session:
        rows = session.query(Publication).filter_by(case_id=desk.town.case(number).id)
        told = [(row.due_on, row.withdrawn_because) for row in rows.order_by(Publication.id)]
    # Tuesday 1 September: published in seven working days, withdrawn in three, published anew.
    assert told == [
        (date(2026, 9, 10), None),
        (date(2026, 9, 4), VARIED["reasons"]),
        (date(2026, 9, 10), None),
    ]
    case = desk.front.get("handler1", f"/cases/{number}").json()
    marks = {one["key"]: one["marks"] for one in case["documents"] if one["marks"]}
    assert marks == {"penalty_decision": ["已被行政复议变更，以变更后的内容为准（2026-09-01）"]}
    assert case["debt"]["left"] == "400.00"
    assert case["debt"]["varied_by"] == _SOURCE
    # It stands, so nobody may drop it.
    desk.refused(number, "annul", "approver", {}, "decision_not_overturned")
    paid = payment(desk.town, "400.00")
    assert desk.take(number, "record_payment", "handler1", paid).json()["state"] == "paid"
    penalties.correct(desk.town, number)
    assert desk.go(number, ("close", "handler1")) == "closed"
    report = desk.paper(number, "closing_report")
    assert f"该决定已由{_SOURCE}变更，此后有效的处罚内容为：警告；罚款人民币400.00元" in report
    assert "应缴罚没款400元，登记已缴400元" in report
    _proved(desk, number)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "left", "overpaid", "state"),
    [
        ("vary_by_reconsideration", "400.00", "600.00", "paid"),
        ("change_by_reconsideration", "", "1000.00", "exec_ended"),
    ],
)
def test_what_was_paid_too_much_is_told(
    shared: Desk, how: str, left: str, overpaid: str, state: str
) -> None:
    """1000 yuan were paid before the decision was varied to 400, or quashed."""
    number = shared.open()
    shared.go(number, *SERVED, _FILED)
    paid = payment(shared.town, "1000.00", f"O-{overpaid}")
    assert shared.take(number, "record_payment", "handler1", paid).json()["state"] == "paid"
    assert shared.front.get("handler1", f"/cases/{number}").json()["debt"] is None
    assert shared.go(number, (how, "legal")) == state
    debt = shared.front.get("applicant", f"/cases/{number}").json()["debt"]
    assert (debt["left"], debt["overpaid"]) == ("0.00", overpaid)
    assert debt["fine"] == (left or "0.00")


def _debt(desk: Desk, number: str) -> Any:
    return desk.front.get("handler1", f"/cases/{number}").json()["debt"]


_SUED = (("file_litigation", "legal"), *penalties.JUDGED)


def _restored(desk: Desk, number: str) -> None:
    """A court brings back what was first decided (《行政诉讼法》解释第八十九条)."""
    again = {
        "measures": desk.town.case(number).data["decide"]["measures"],
        "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
    }
    desk.go(number, *_SUED, ("vary_by_litigation", "legal"), vary_by_litigation=again)


@pytest.mark.slow
def test_what_a_court_raised_after_it_was_paid_is_collected(shared: Desk) -> None:
    number = shared.open()
    shared.go(number, *SERVED, *_VARIED)
    part = payment(shared.town, "400.00", "C-1")
    assert shared.take(number, "record_payment", "handler1", part).json()["state"] == "paid"
    _restored(shared, number)
    assert (_debt(shared, number)["left"], _debt(shared, number)["overpaid"]) == ("600.00", "")
    penalties.correct(shared.town, number)
    closing = penalties.INPUTS["close"]
    shared.refused(number, "close", "handler1", closing, "still_owed")
    rest = payment(shared.town, "600.00", "C-3")
    assert shared.take(number, "record_payment", "handler1", rest).json()["state"] == "paid"
    assert shared.go(number, ("close", "handler1")) == "closed"
    _proved(shared, number)


@pytest.mark.slow
def test_what_a_court_brought_back_after_it_was_quashed_is_owed(shared: Desk) -> None:
    number = shared.open()
    shared.go(number, *SERVED, _FILED, ("change_by_reconsideration", "legal"))
    assert shared.state(number) == "exec_ended"
    _restored(shared, number)
    assert shared.state(number) == "served"
    assert _debt(shared, number)["left"] == "1000.00"
    # So does the record of it.
    with shared.town.session() as session:
        [event] = session.query(CreditEvent).filter_by(case_id=shared.town.case(number).id)
        marks = session.query(CreditMark).filter_by(event_id=event.id).order_by(CreditMark.id)
        assert [one.kind for one in marks] == ["corrected", "reopened"]
    shared.refused(number, "annul", "approver", {}, "decision_not_overturned")
    whole = payment(shared.town, "1000.00", "B-1")
    assert shared.take(number, "record_payment", "handler1", whole).json()["state"] == "paid"
    _proved(shared, number)


@pytest.mark.slow
def test_a_late_fee_that_was_due_is_not_paid_too_much(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    desk.town.time.go_to(date(2026, 9, 26))
    # 17 to 26 September: ten days of three per cent of 1000 yuan.
    late = payment(desk.town, "1300.00")
    assert desk.take(number, "record_payment", "handler1", late).json()["state"] == "paid"
    less = {"measures": [WARNING, fine("800.00")]}
    desk.town.time.go_to(date(2026, 9, 27))
    desk.go(number, *_VARIED, vary_by_reconsideration=less)
    # 1300 less 800, and less ten days of three per cent of 800.
    assert _debt(desk, number)["overpaid"] == "260.00"
    other = penalty_to(desk.town, "paid")
    unlawful = {"result": "确认违法（不撤销）", "measures": []}
    desk.go(other, *_VARIED, vary_by_reconsideration=unlawful)
    assert _debt(desk, other) is None


def test_a_case_whose_penalty_was_changed_under_an_older_procedure_owes_nothing() -> None:
    """Before a penalty could be varied here, 变更 led to the end of the decision."""
    data = {
        "decide": {"measures": [fine()]},
        "change_by_reconsideration": {"number": "〔2026〕21号", "result": "变更"},
    }
    inputs = Inputs(data)
    assert standing.overturned(inputs) == "已被行政复议改变"
    assert standing.in_force(inputs) == ()
    assert not standing.erased(inputs)  # the offence is on record all the same
    quashed = {**data, "change_by_reconsideration": {"result": "撤销"}}
    assert standing.erased(Inputs(quashed))


@pytest.mark.slow
def test_nobody_is_worse_off_for_a_remedy(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    shared.go(number, _FILED)

    def refused(code: str, **changes: Any) -> str:
        given = {**VARIED, **changes}
        return shared.refused(number, "vary_by_reconsideration", "legal", given, code)

    more = [WARNING, fine("1000.01")]
    assert "“罚款”1000.01元，原为1000.00元" in refused("variation_heavier", measures=more)
    other_kind = "以较轻的处罚种类替代较重的种类"
    refused("variation_heavier", measures=more, heavier_because=other_kind)
    restored = "撤销复议决定，恢复原处罚决定的效力"
    refused("variation_heavier", measures=more, heavier_because=restored)
    assert "责令停产停业" in refused("variation_of_another_kind", measures=[CLOSURE])
    for hiding in ({**WARNING, "detail": "并罚款五万元"}, {**WARNING, "detail": "全部门店停业"}):
        refused("detail_adds_penalty", measures=[hiding, fine(MILDER)])
    refused("variation_without_measures", measures=[])
    refused("variation_without_measures", measures=[], result="部分撤销")
    refused("unlawful_stands_as_it_was", result="确认违法（不撤销）")
    endless = {"kind": "暂扣许可证件", "amount": "", "days": 0, "detail": ""}
    refused("term_missing", measures=[endless])
    closed = {"measures": [CLOSURE], "heavier_because": other_kind, "publicity": "general"}
    refused("publicity_class_wrong", **closed)
    opposed = "第三人提出相反请求（利害关系人同为原告且诉讼请求相反）"
    given = {"vary_by_reconsideration": {"measures": more, "heavier_because": opposed}}
    shared.go(number, ("vary_by_reconsideration", "legal"), **given)
    case = shared.front.get("handler1", f"/cases/{number}").json()
    assert case["debt"]["left"] == "1000.01"


@pytest.mark.slow
def test_no_penalty_hides_in_the_words_of_one_on_the_spot_that_is_varied(shared: Desk) -> None:
    number = spot_to(shared.town, "punished")
    shared.go(number, _FILED)
    given = {**VARIED, "measures": [{**WARNING, "detail": "并罚款五万元"}]}
    shared.refused(number, "vary_by_reconsideration", "legal", given, "detail_adds_penalty")


@pytest.mark.slow
def test_what_was_merely_found_unlawful_stands_and_is_not_shown(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    unlawful = {"result": "确认违法（不撤销）", "measures": []}
    shared.go(number, *_VARIED, vary_by_reconsideration=unlawful)
    case = shared.front.get("handler1", f"/cases/{number}").json()
    assert case["debt"]["left"] == "1000.00"
    with shared.town.session() as session:
        rows = session.query(Publication).filter_by(case_id=shared.town.case(number).id).all()
    assert len(rows) == 2
    shared.wait(number, days=20)
    shared.go(number, ("urge", "handler1"))
    letter = shared.paper(number, "urging_notice")
    assert f"{_SOURCE}确认该决定违法，但不撤销，决定内容不变" in letter


@pytest.mark.slow
def test_the_late_fee_is_of_the_sum_that_stands_and_rests_meanwhile(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    # Due on 16 September; reconsideration from the 21st to the 30th does not count.
    for day, step in ((21, "file_reconsideration"), (30, "vary_by_reconsideration")):
        desk.town.time.go_to(date(2026, 9, day))
        desk.go(number, (step, "legal"))
    desk.town.time.go_to(date(2026, 10, 5))
    # 17 to 20 September and 1 to 5 October: nine days of three per cent of 400 yuan.
    desk.front.log_in_again()
    debt = _debt(desk, number)
    assert (debt["left"], debt["fine_open"], debt["late_fee"]) == ("508.00", "400.00", "108.00")
    desk.go(number, ("urge", "handler1"))
    letter = desk.paper(number, "urging_notice")
    assert f"该决定已由{_SOURCE}变更" in letter
    assert "尚欠人民币508元" in letter
    paid = payment(desk.town, "508.00")
    assert desk.take(number, "record_payment", "handler1", paid).json()["state"] == "paid"
    _proved(desk, number)


@pytest.mark.slow
def test_a_plan_is_cut_to_what_stands_from_its_end(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    part = payment(desk.town, "400.00", "I-1")
    assert desk.take(number, "record_payment", "handler1", part).json()["state"] == "instalment"
    less = {"measures": [WARNING, fine("500.00")]}
    desk.go(number, *_VARIED, vary_by_reconsideration=less)
    case = desk.front.get("handler1", f"/cases/{number}").json()
    assert (case["debt"]["next_amount"], case["debt"]["left"]) == ("100.00", "100.00")
    last = payment(desk.town, "100.00")
    assert desk.take(number, "record_payment", "handler1", last).json()["state"] == "paid"
    other = penalty_to(desk.town, "instalment")
    part = payment(desk.town, "400.00", "I-2")
    assert desk.take(other, "record_payment", "handler1", part).json()["state"] == "instalment"
    # What was paid is all that stands.
    assert desk.go(other, *_VARIED) == "paid"
    _proved(desk, other)


@pytest.mark.slow
def test_nothing_of_what_fell_is_performed(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    shared.go(number, _FILED, ("change_by_reconsideration", "legal"))
    performed = penalties.INPUTS["record_performance"]
    assert shared.take(number, "record_performance", "handler1", performed).status_code == 409
    # What was on its way to the bank is entered, and to be given back.
    paid = payment(shared.town, "1000.00", "F-1")
    assert shared.take(number, "record_payment", "handler1", paid).json()["state"] == "exec_ended"
    assert _debt(shared, number)["overpaid"] == "1000.00"


def _repair(desk: Desk, number: str) -> tuple[str, str, date | None]:
    """The repair of a penalty's record: where it stands, its class, and its earliest day."""
    repair = desk.town.relative(number, "repair")
    desk.town.office.catch_up(repair.id)
    with desk.town.session() as session:
        case = session.get_one(Case, repair.id)
        runs = session.query(CaseClock).filter_by(case_id=case.id, name="minimum")
        last = runs.order_by(CaseClock.id.desc()).first()
        assert last is not None
        return case.state, case.data["application"]["category"], last.due_on


@pytest.mark.slow
def test_a_record_of_another_class_is_written_anew_as_of_its_own_day(desk: Desk) -> None:
    """And it is repaired on the terms of that class."""
    number = desk.open()
    go(desk.town, number, *penalties.TOLD_OF_HEARING, **HEAVY)
    go(desk.town, number, ("hold_hearing", "chair"), ("reconsider", "handler1"), **HEAVY)
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    agreed = (("submit_review", "handler1"), ("pass_review", "legal"), *votes)
    decided = (("conclude_panel", "approver"), ("decide", "approver"), ("serve", "handler1"))
    go(desk.town, number, *agreed, *decided, **HEAVY)
    day = desk.town.time.now().date()
    desk.town.time.pass_(days=7)
    milder = {"measures": [WARNING, fine()]}
    # Whoever is punished less is not called serious any more.
    desk.go(number, _VARIED[0])
    given = {**VARIED, **milder}
    desk.refused(number, _VARIED[1][0], "legal", given, "publicity_class_graver")
    milder = {**milder, "publicity": "minor"}
    assert _repair(desk, number) == ("not_eligible", "serious", day.replace(year=day.year + 1))
    desk.go(number, *_VARIED[1:], vary_by_reconsideration=milder)
    assert _repair(desk, number) == ("eligible", "minor", day + timedelta(days=1))
    with desk.town.session() as session:
        rows = session.query(CreditEvent).filter_by(case_id=desk.town.case(number).id)
        events = [(e.kind, e.occurred_on, e.bars_promise) for e in rows.order_by(CreditEvent.id)]
    assert events == [
        ("penalised_serious", day, True),
        ("penalised_minor", day, False),
    ]
    answer = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    assert "受到行政处罚（轻微）" in str(answer)
    # A court brings the closure back: that class is not enough for it, though it was before.
    desk.go(number, *_SUED)
    back = {
        **VARIED,
        "instance": "二审",
        "measures": desk.town.case(number).data["decide"]["measures"],
        "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
    }
    desk.refused(number, "vary_by_litigation", "legal", back, "publicity_class_wrong")
    grave = {**back, "publicity": "serious"}
    assert desk.take(number, "vary_by_litigation", "legal", grave).is_success
    assert _repair(desk, number) == ("not_eligible", "serious", day.replace(year=day.year + 1))
    _proved(desk, number)
    _proved(desk, desk.town.relative(number, "repair").number)


@pytest.mark.slow
def test_the_class_of_a_day_goes_by_what_was_shown_on_that_day(desk: Desk) -> None:
    """What a later rule does not show any more was serious on the day of the decision."""
    number = desk.open()
    with desk.town.session() as session:
        call_serious(session, "gc004")
        later = desk.town.time.now().date() + timedelta(days=3)
        set_key(session, "penalty.unshown_kinds", value=["警告", "罚款"], since=later)
    serious = {"decide": penalties.decision(publicity="serious")}
    desk.go(number, *SERVED, _FILED, **serious)
    desk.town.time.pass_(days=7)
    given = {**VARIED, "publicity": "serious"}
    assert desk.take(number, "vary_by_reconsideration", "legal", given).is_success


@pytest.mark.slow
def test_whoever_is_closed_by_reconsideration_has_a_serious_record(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, _FILED)
    closed = {
        **VARIED,
        "measures": [WARNING, penalties.CLOSURE],
        "heavier_because": "第三人提出相反请求（利害关系人同为原告且诉讼请求相反）",
    }
    desk.refused(number, "vary_by_reconsideration", "legal", closed, "publicity_class_wrong")
    given = {**closed, "publicity": "serious"}
    assert desk.take(number, "vary_by_reconsideration", "legal", given).is_success
    with desk.town.session() as session:
        rows = session.query(CreditEvent).filter_by(case_id=desk.town.case(number).id)
        kinds = [event.kind for event in rows.order_by(CreditEvent.id)]
    assert kinds == ["penalised_minor", "penalised_serious"]
    _proved(desk, number)


@pytest.mark.slow
def test_a_licence_whose_cancellation_was_varied_is_given_back(desk: Desk) -> None:
    licence = desk.town.relative(desk.town.granted(), "licence").number
    number = desk.open(violation="GC003")
    desk.go(
        number, *licence_penalties.SERVED, **licence_penalties.inputs(licence_penalties.CANCELLING)
    )
    given = licence_penalties.taking(desk.town, number)
    assert desk.take(licence, "cancel", "approver", given).json()["state"] == "cancelled"
    back = licence_penalties.BACK
    desk.refused(licence, "give_back", "approver", back, "penalty_stands")
    fined = {
        "measures": [WARNING, fine("500.00")],
        "publicity": "minor",
        "heavier_because": "以较轻的处罚种类替代较重的种类",
    }
    desk.go(number, *_VARIED, vary_by_reconsideration=fined)
    assert desk.town.case(licence).state == "valid"
    assert desk.take(number, "record_payment", "handler1", payment(desk.town, "500.00")).is_success
    penalties.correct(desk.town, number)
    assert desk.go(number, ("close", "handler1")) == "closed"


@pytest.mark.slow
def test_a_suspension_that_was_shortened_ends_with_its_new_term(desk: Desk) -> None:
    """Thirty days from 1 September become five: the licence is back on the 7th."""
    with desk.town.session() as session:
        add_penalty(session, "gc003", "暂扣许可证件")
    licence = desk.town.relative(desk.town.granted(), "licence").number
    number = desk.open(violation="GC003")
    thirty = licence_penalties.SUSPENDING
    desk.go(number, *licence_penalties.SERVED, **licence_penalties.inputs(thirty))
    given = licence_penalties.suspending(desk.town, number)
    assert desk.take(licence, "suspend", "approver", given).is_success
    five = {"measures": [WARNING, {**thirty, "days": 5}], "publicity": "general"}
    desk.go(number, *_VARIED, vary_by_reconsideration=five)
    # By itself, on the day that the shortened term has.
    for day, suspended in ((6, True), (7, False)):
        desk.town.time.go_to(date(2026, 9, day))
        desk.town.office.catch_up(desk.town.case(licence).id)
        assert ("suspended" in desk.town.case(licence).tracks.values()) is suspended
    _proved(desk, licence)


@pytest.mark.slow
def test_a_penalty_on_the_spot_is_varied_too(shared: Desk) -> None:
    number = spot_to(shared.town, "punished")
    shared.go(number, *_VARIED)
    paid = payment(shared.town, "400.00", "S-1")
    assert shared.take(number, "record_payment", "handler1", paid).json()["state"] == "paid"
    _proved(shared, number)
