"""Penalties (行政处罚) over HTTP: to the court and the archive, the short ways, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.models import Publication
from casework.rules.versions import VersionCache
from tests.support import exemptions, penalties
from tests.support.desk import Desk, payment
from tests.support.exemptions import HANDLERS, open_lead
from tests.support.front import refused
from tests.support.journeys import follow
from tests.support.penalties import (
    CLOSURE,
    DECIDED,
    HEAVY,
    NOTIFIED,
    OPINION,
    PUNISHED,
    SERVED,
    WARNING,
    decision,
    fine,
    inputs_of,
    penalty_to,
    reconsidered,
    sentence,
    spot,
    spot_to,
)

pytestmark = pytest.mark.slow

CHILD = "110105201501010024"
YOUTH = "110105201001010019"
CLEAN = "91110000802100433B"


def test_hearing_panel_late_payment_and_the_court(desk: Desk) -> None:
    """The whole way: a hearing, a panel, three letters, a late fee, the court, the archive."""
    town, heavy = desk.town, HEAVY
    number = desk.open()
    assert desk.go(number, *OPINION, **heavy) == "opinion"
    assert desk.go(number, *NOTIFIED[len(OPINION) :], **heavy) == "notified"
    desk.refused(number, "reconsider", "handler1", heavy["reconsider"], "defence_pending")
    desk.go(number, ("request_hearing", "applicant"))
    problem = desk.take(number, "reconsider", "handler1", heavy["reconsider"])
    refused(problem, 409, "step-not-of-state")  # a hearing that was asked for is held
    scheduled = (("schedule_hearing", "handler1"), ("serve_hearing", "handler1"))
    assert desk.go(number, *scheduled) == "hearing_scheduled"
    assert desk.go(number, ("hold_hearing", "chair")) == "hearing_held"
    desk.go(number, ("reconsider", "handler1"), **heavy)
    desk.refused(number, "forgo_review", "handler1", {}, "review_compulsory")
    desk.go(number, ("submit_review", "handler1"), ("pass_review", "legal"))
    desk.refused(number, "forgo_panel", "approver", {}, "panel_compulsory")
    for who in ("head1", "head2", "head3", "approver"):
        todo = desk.front.get(who, "/cases", queue="mine_to_do").json()["cases"]
        assert number in {line["number"] for line in todo}, who
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    assert desk.go(number, *votes, ("conclude_panel", "approver")) == "decision_pending"
    heavier = decision(WARNING, fine("1200.00"), CLOSURE, publicity="serious")
    said = desk.refused(number, "decide", "approver", heavier, "notice_heavier")
    assert "1200.00元" in said
    assert desk.go(number, ("decide", "approver"), **heavy) == "decided"
    repair = town.relative(number, "repair")
    assert repair.data["application"]["category"] == "serious"
    one = {**penalties.RECEIPT, "documents": ["penalty_decision"]}
    assert desk.go(number, ("record_receipt", "handler1"), record_receipt=one) == "decided"
    assert desk.go(number, ("serve", "handler1")) == "served"
    # The fifteen days end in the National Day holidays, so on 8 October.
    assert desk.wait(number, days=20) == "served"
    assert desk.wait(number, days=1) == "overdue"
    assert desk.front.get("handler1", f"/cases/{number}").json()["debt"]["late_fee"] == "30.00"
    assert desk.go(number, ("urge", "handler1"), ("serve_urging", "handler1")) == "urged"
    court = penalties.INPUTS["apply_to_court"]
    desk.refused(number, "apply_to_court", "approver", court, "urging_pending")
    desk.wait(number, days=30)
    desk.refused(number, "apply_to_court", "approver", court, "suit_period_open")
    desk.wait(number, days=160)
    assert desk.go(number, ("apply_to_court", "approver")) == "court_applied"
    too_much = {"amount": "2000.01", "on": "2027-01-01", "ruling": "执1号"}
    desk.refused(number, "record_execution", "handler1", too_much, "sum_wrong")
    assert desk.go(number, ("record_execution", "handler1")) == "executed"
    closing = penalties.INPUTS["close"]
    desk.refused(number, "close", "handler1", closing, "correction_not_rechecked")
    penalties.correct(town, number)
    assert desk.go(number, ("close", "handler1"), ("archive", "handler1")) == "archived"
    with town.session() as session:
        assert verify_case(session, town.case(number), VersionCache()) == []


def test_quashed_on_reconsideration_and_withdrawn_in_three_working_days(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    desk.go(
        number,
        ("file_reconsideration", "legal"),
        ("change_by_reconsideration", "legal"),
    )
    with desk.town.session() as session:
        rows = (
            session.query(Publication)
            .filter_by(case_id=desk.town.case(number).id, register="penalties")
            .order_by(Publication.id)
            .all()
        )
        # Tuesday 1 September: seven working days to publish, three to withdraw.
        assert [row.due_on for row in rows] == [date(2026, 9, 10), date(2026, 9, 4)]
    # It is not executed any more, without anybody's doing.
    assert desk.state(number) == "exec_ended"


def test_on_the_spot(desk: Desk) -> None:
    number = desk.open("simple_penalty")
    big = spot(WARNING, fine("3000.01"), violation="GC001", departure="情节较轻")
    desk.refused(number, "punish", HANDLERS, big, "fine_not_for_the_spot")
    closed = spot(WARNING, CLOSURE)
    desk.refused(number, "punish", HANDLERS, closed, "not_for_the_spot")
    unsigned = spot(signing="拒绝签收")
    desk.refused(number, "punish", HANDLERS, unsigned, "refusal_not_noted")
    assert desk.go(number, *PUNISHED) == "punished"
    cash = payment(desk.town, "1000.00", way="执法人员当场收缴")
    desk.refused(number, "record_payment", "handler1", cash, "not_to_the_bank")
    assert desk.go(number, ("record_payment", "handler1")) == "paid"
    desk.refused(number, "close", "handler1", penalties.INPUTS["close"], "not_reported")
    desk.go(number, ("report_penalty", "handler1"), ("close", "handler1"))
    assert desk.go(number, ("archive", "handler1")) == "archived"


def test_what_is_not_for_the_spot_becomes_an_ordinary_case(shared: Desk) -> None:
    number = shared.open("simple_penalty")
    assert shared.go(number, ("refer", "handler1")) == "referred"
    opened = shared.town.relative(number, "penalty")
    assert opened.state == "lead"
    assert opened.data["application"]["origin"] == number


def test_an_exemption_that_fails_goes_on_with_its_filing_date(desk: Desk) -> None:
    town = desk.town
    number = open_lead(town)
    ordered = exemptions.WAYS["ordered_to_correct"]
    follow(town, number, *ordered, ("serve_order", "handler1"))
    town.time.pass_(days=10)
    follow(town, number, ("find_not_corrected", HANDLERS), ("convert", "handler1"))
    taken_over = town.relative(number, "penalty")
    assert taken_over.state == "investigating"
    assert taken_over.data["application"]["filed_on"] == "2026-09-01"
    desk.front.log_in_again()
    case = desk.front.get("handler1", f"/cases/{taken_over.number}").json()
    [limit] = [one for one in case["clocks"] if one["name"] == "decision"]
    assert limit["due_on"] == "2026-11-30"  # ninety days from the filing of the exemption
    # That nothing was corrected is on file: a heavier penalty may rest on it.
    heavier = sentence(
        WARNING,
        fine("8000.00"),
        violation="GC012",
        stage="uncorrected",
        weight="heavier",
        aggravations=["责令改正后逾期不改正"],
        circumstances="复查认定逾期未改",
    )
    steps = (("investigate", HANDLERS), ("close_investigation", HANDLERS))
    desk.go(taken_over.number, *steps)
    opinion = {**penalties.INPUTS["propose"], **heavier}
    assert desk.take(taken_over.number, "propose", HANDLERS, opinion).status_code == 200


def test_instalments_kept_and_missed(desk: Desk) -> None:
    kept, missed = desk.open(), desk.open()
    asked = (*SERVED, ("ask_for_time", "applicant"))
    for number in (kept, missed):
        desk.go(number, *asked)
    short = inputs_of(desk.town, kept, "grant_instalments", {})
    short = {**short, "parts": [{**part, "amount": "400.00"} for part in short["parts"]]}
    desk.refused(kept, "grant_instalments", "approver", short, "plan_does_not_add_up")
    for number in (kept, missed):
        assert desk.go(number, ("grant_instalments", "approver")) == "instalment"
    for sum_, state in (("300.00", "instalment"), ("100.00", "instalment"), ("600.00", "paid")):
        part = payment(desk.town, sum_, f"K-{sum_}")
        assert desk.take(kept, "record_payment", "handler1", part).json()["state"] == state
    # Due after thirty days, on 1 October: in the National Day holidays, so on the 8th.
    assert desk.wait(missed, days=37) == "instalment"
    assert desk.wait(missed, days=1) == "overdue"
    desk.wait(missed, days=4)
    # Five days at three per cent of the part that was missed; the other one is not due.
    owed = payment(desk.town, "1060.00", "A-10")
    assert desk.take(missed, "record_payment", "handler1", owed).json()["state"] == "paid"
    # Nothing is entered twice.
    desk.refused(missed, "record_payment", "handler1", owed, "voucher_used")


def test_deferral_and_its_end(shared: Desk) -> None:
    number = penalty_to(shared.town, "deferred")
    assert shared.wait(number, days=70) == "overdue"


def test_what_is_refused_of_a_sentence(shared: Desk) -> None:
    # A firm with a clean record, whatever the other tests of this file did.
    number = penalty_to(shared.town, "investigated", party=CLEAN)

    def proposed(given: Mapping[str, Any], code: str) -> None:
        opinion = {**penalties.INPUTS["propose"], **given}
        shared.refused(number, "propose", HANDLERS, opinion, code)

    proposed(sentence(violation="XX999"), "violation_unknown")
    proposed(
        sentence({"kind": "限制从业", "amount": "", "days": 30, "detail": ""}),
        "measure_not_of_the_article",
    )
    proposed(sentence(fine("2000.01")), "fine_out_of_range")
    proposed(sentence(fine("500.00")), "fine_not_of_its_step")
    proposed(sentence(fine("700.00"), fine("300.00")), "fined_twice")
    proposed(sentence(fine("")), "sum_missing")
    proposed(sentence(fine("1800.00"), weight="heavier"), "weight_without_reason")
    again = {"aggravations": ["屡教不改"], "circumstances": "多次"}
    proposed(sentence(fine("1800.00"), weight="heavier", **again), "not_repeated")
    unmended = {"aggravations": ["责令改正后逾期不改正"], "circumstances": "未改"}
    proposed(sentence(fine("1800.00"), weight="heavier", **unmended), "not_failed_to_correct")
    proposed(sentence(incapable=True), "party_is_incapable")
    departing = sentence(fine("500.00"), departure="当事人经营困难，主动整改")
    opinion = {**penalties.INPUTS["propose"], **departing}
    assert shared.take(number, "propose", HANDLERS, opinion).status_code == 200


def test_who_was_punished_before_is_punished_harder(desk: Desk) -> None:
    penalty_to(desk.town, "served")
    number = penalty_to(desk.town, "investigated")
    again = {"aggravations": ["屡教不改"], "circumstances": "已因同类行为受过处罚"}
    heavier = sentence(WARNING, fine("1800.00"), weight="heavier", **again)
    opinion = {**penalties.INPUTS["propose"], **heavier}
    assert desk.take(number, "propose", HANDLERS, opinion).status_code == 200


def test_time_barred_and_wrong_days(shared: Desk) -> None:
    day = shared.town.time.now().date()
    filing = penalties.INPUTS["file"]
    old = shared.open(act_on=(day - timedelta(days=3 * 366)).isoformat())
    shared.refused(old, "file", "handler1", filing, "time_barred")
    ahead = shared.open(filed_on=(day + timedelta(days=1)).isoformat())
    shared.refused(ahead, "file", "handler1", filing, "lead_dates_wrong")


def test_no_decision_without_the_order_to_correct(shared: Desk) -> None:
    number = shared.open()
    steps = tuple(one for one in DECIDED[:-1] if one[0] != "order_correction")
    shared.go(number, *steps)
    shared.refused(number, "decide", "approver", decision(), "correction_not_ordered")
    shared.go(number, ("order_correction", "handler1"))
    light = decision(publicity="minor", shown=False)
    shared.refused(number, "decide", "approver", light, "publicity_wrong")
    assert shared.go(number, ("decide", "approver")) == "decided"


def test_heavier_than_noticed_is_noticed_anew(shared: Desk) -> None:
    number = penalty_to(shared.town, "reconsidered")
    heavier = reconsidered(WARNING, fine("1300.00"))
    shared.refused(number, "reconsider", "handler1", heavier, "notice_heavier")
    told = sentence(WARNING, fine("1300.00"))
    assert shared.go(number, ("notify", "handler1"), notify=told) == "notice_issued"
    shared.go(number, ("serve_notice", "handler1"))
    shared.refused(number, "reconsider", "handler1", heavier, "defence_pending")


def test_a_party_that_ended_before_and_after(shared: Desk) -> None:
    before = penalty_to(shared.town, "notified")
    assert shared.go(before, ("terminate", "approver")) == "terminated"
    after = penalty_to(shared.town, "served")
    early = {"ground": "中止执行满三年未恢复执行，当事人确无能力履行", "evidence": "法院裁定"}
    shared.refused(after, "end_execution", "approver", early, "not_three_years")
    assert shared.go(after, ("end_execution", "approver")) == "exec_ended"


def test_other_ends(shared: Desk) -> None:
    for state in ("not_filed", "transferred", "terminated", "not_punished"):
        assert shared.state(penalty_to(shared.town, state)) == state


def test_a_voucher_is_entered_once(shared: Desk) -> None:
    first, second = (spot_to(shared.town, "punished") for _ in range(2))
    paid = payment(shared.town, "1000.00", "V-7")
    assert shared.take(first, "record_payment", "handler1", paid).status_code == 200
    shared.refused(second, "record_payment", "handler1", paid, "voucher_used")


def test_days_of_reconsideration_are_not_counted(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    desk.wait(number, days=16)
    assert desk.wait(number, days=4) == "overdue"
    desk.go(number, ("file_reconsideration", "legal"))
    desk.wait(number, days=30)
    court = desk.take(number, "urge", "handler1", penalties.INPUTS["urge"])
    assert court.status_code == 200
    desk.go(number, ("end_reconsideration", "legal"))
    desk.wait(number, days=2)
    # Due on 16 September; 17 to 20 and 22 October count... the days between do not.
    lines = desk.front.get("handler1", f"/cases/{number}").json()["debt"]["late_fee_explained"]
    assert "行政复议期间" in "".join(lines)


def test_minors(shared: Desk) -> None:
    from casework.models import Party

    with shared.town.session() as session:
        for code, name in ((CHILD, "小甲"), (YOUTH, "小乙")):
            session.add(
                Party(code_kind="id", code=code, name=name, representative="", address="", phone="")
            )
    for code, reason in ((CHILD, "party_is_a_child"), (YOUTH, "minor_is_treated_lighter")):
        number = penalties.open_lead(shared.town, "simple_penalty", party=code)
        given = spot(WARNING, fine("200.00"), departure="未成年")
        shared.refused(number, "punish", HANDLERS, given, reason)
