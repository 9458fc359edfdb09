"""What enforcement (行政处罚、免罚) refuses over HTTP, each with its reason and its code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.rules.versions import VersionCache
from tests.support import exemptions, penalties
from tests.support.desk import Desk, payment
from tests.support.exemptions import FIRM, HANDLERS
from tests.support.front import refused
from tests.support.journeys import follow
from tests.support.penalties import (
    DECIDED,
    HEAVY,
    INPUTS,
    JUDGED,
    LONG_BEFORE,
    OPINION,
    PUNISHED,
    go,
    inputs_of,
    penalty_to,
    sentence,
    spot,
    spot_to,
)
from tests.support.rules import set_key
from tests.support.town import Town

pytestmark = pytest.mark.slow

CITIZEN = "110105199003070038"
TRADER = "92320613MA1XNY4E6D"
ENTRY = {
    "name": "南通滨江宾馆有限公司",
    "representative": "陈志远",
    "address": "南通市崇川区人民中路88号",
    "phone": "13800000001",
    "reason": "准予注销登记通知书",
}
DEATH = {"ground": "当事人死亡", "evidence": "死亡证明"}
DISSOLUTION = {"ground": "当事人终止且没有权利义务承受人", "evidence": "注销登记证明"}


def _not_here(desk: Desk, number: str, step: str, by: str, given: Any) -> str:
    """A step that the present state does not know; gives what is said."""
    problem = refused(desk.take(number, step, by, given), 409, "step-not-of-state")
    return str(problem["detail"])


def _dissolve(desk: Desk) -> None:
    """The window enters that the firm was deregistered today."""
    today = desk.town.time.now().date().isoformat()
    entry = {**ENTRY, "dissolved_on": today, "effective_on": today}
    desk.front.log_in_again()
    answer = desk.front.correct(FIRM, entry)
    assert answer.status_code < 300, answer.text


# --- Before the decision 决定之前 -----------------------------------------------------------------


def test_no_decision_before_the_defence_period_has_ended(shared: Desk) -> None:
    number = penalty_to(shared.town, "notified")
    said = _not_here(shared, number, "decide", "approver", penalties.decision())
    assert "已告知" in said
    said = shared.refused(
        number, "reconsider", "handler1", penalties.reconsidered(), "defence_pending"
    )
    # Served on Tuesday 1 September: five working days.
    assert "2026-09-08届满" in said
    shared.town.time.go_to(date(2026, 9, 8), hour=23)
    shared.refused(number, "reconsider", "handler1", penalties.reconsidered(), "defence_pending")
    shared.town.time.go_to(date(2026, 9, 9))
    assert shared.go(number, ("reconsider", "handler1")) == "reconsidered"


def test_no_decision_while_a_hearing_may_be_asked_for_or_was(desk: Desk) -> None:
    asked, late = (penalty_to(desk.town, "opinion") for _ in range(2))
    told = (("notify", "handler1"), ("serve_notice", "handler1"), ("state_defence", "applicant"))
    for number in (asked, late):
        go(desk.town, number, *told, **HEAVY)
        said = desk.refused(
            number, "reconsider", "handler1", HEAVY["reconsider"], "hearing_pending"
        )
        assert "要求听证的期限尚未届满" in said
    assert desk.go(asked, ("request_hearing", "applicant")) == "hearing_requested"
    steps = {"reconsider": "handler1", "submit_review": "handler1", "decide": "approver"}
    for step, by in steps.items():
        assert "申请听证" in _not_here(desk, asked, step, by, HEAVY.get(step, INPUTS.get(step)))
    day = desk.town.time.now().date()
    soon = penalties.INPUTS["schedule_hearing"] | {"on": (day + timedelta(days=3)).isoformat()}
    desk.refused(asked, "schedule_hearing", "handler1", soon, "hearing_too_soon")
    desk.wait(late, days=8)
    request = INPUTS["request_hearing"]
    said = desk.refused(late, "request_hearing", "applicant", request, "hearing_too_late")
    assert "2026-09-08前" in said
    assert desk.go(late, ("reconsider", "handler1"), **HEAVY) == "reconsidered"


def test_no_hearing_where_the_law_gives_no_right_to_one(shared: Desk) -> None:
    number = penalty_to(shared.town, "notified")
    request = INPUTS["request_hearing"]
    said = shared.refused(number, "request_hearing", "applicant", request, "no_hearing_right")
    assert "罚款1000.00元，听证标准为50000.00元" in said


def test_the_time_of_a_case_is_extended_once_and_in_time(desk: Desk) -> None:
    given = {"opinion": "案情复杂，同意延长"}
    for process, last in (("penalty", "2026-12-30"), ("first_offence_exemption", "2026-12-30")):
        number, late = desk.open(process), desk.open(process)
        for one in (number, late):
            if process == "penalty":
                go(desk.town, one, *OPINION[:2])
            else:
                follow(desk.town, one, *exemptions.WAYS["investigating"])
        assert desk.take(number, "extend_decision", "approver", given).status_code == 200
        case = desk.front.get("handler1", f"/cases/{number}").json()
        [limit] = [one for one in case["clocks"] if one["name"] == "decision"]
        # Ninety days and thirty, of which the last rolls on.
        assert limit["due_on"] == last
        desk.refused(number, "extend_decision", "approver", given, "extended_before")
        began = desk.town.time.instant
        desk.town.time.pass_(days=91)
        desk.refused(late, "extend_decision", "approver", given, "limit_over")
        desk.town.time.instant = began


def test_what_was_extended_stays_so_in_the_penalty_it_becomes(desk: Desk) -> None:
    number = desk.open("first_offence_exemption")
    follow(desk.town, number, *exemptions.WAYS["investigating"])
    given = {"opinion": "案情复杂，同意延长"}
    assert desk.take(number, "extend_decision", "approver", given).status_code == 200
    desk.town.time.go_to(date(2026, 12, 10))  # past the ninetieth day
    follow(desk.town, number, ("convert", "handler1"))
    penalty = desk.town.relative(number, "penalty").number
    desk.front.log_in_again()
    case = desk.front.get("handler1", f"/cases/{penalty}").json()
    [limit] = [one for one in case["clocks"] if one["name"] == "decision"]
    assert (limit["due_on"], limit["live"]) == ("2026-12-30", True)
    desk.refused(penalty, "extend_decision", "approver", given, "extended_before")
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(penalty), VersionCache()) == []


def test_an_act_too_old_is_not_punished_on_the_spot_either(shared: Desk) -> None:
    today = shared.town.time.now().date()
    long_ago = (today - timedelta(days=731)).isoformat()
    number = shared.open("simple_penalty", act_on=long_ago, found_on=today.isoformat())
    shared.go(number, ("record_scene", HANDLERS))
    said = shared.refused(number, "punish", HANDLERS, spot(), "time_barred")
    assert "追责期限" in said


# --- A party that is no more 当事人死亡、终止 -----------------------------------------------------


def test_who_is_no_more_is_not_punished(desk: Desk) -> None:
    told, agreed, on_the_spot = (
        penalty_to(desk.town, "opinion"),
        penalty_to(desk.town, "decision_pending"),
        desk.open("simple_penalty"),
    )
    ended = penalty_to(desk.town, "served")
    _dissolve(desk)
    for number, step, by, given in (
        (told, "notify", "handler1", sentence()),
        (agreed, "decide", "approver", penalties.decision()),
        (on_the_spot, "punish", HANDLERS, spot()),
    ):
        said = desk.refused(number, step, by, given, "party_is_gone")
        assert "2026-09-01注销登记" in said
    for number in (told, agreed):
        _not_here(desk, number, "end_execution", "approver", INPUTS["end_execution"])
        desk.refused(number, "terminate", "approver", DEATH, "party_end_wrong")
        assert desk.go(number, ("terminate", "approver"), terminate=DISSOLUTION) == "terminated"
        _not_here(desk, number, "notify", "handler1", sentence())
    # Decided before: it is no longer terminated, but its execution ends.
    _not_here(desk, ended, "terminate", "approver", DISSOLUTION)
    for ground, code in (
        ("公民死亡，无遗产可供执行，又无义务承受人", "party_end_wrong"),
        ("据以执行的行政决定被撤销", "decision_not_overturned"),
        ("中止执行满三年未恢复执行，当事人确无能力履行", "not_three_years"),
    ):
        wrong = {"ground": ground, "evidence": "注销登记证明"}
        desk.refused(ended, "end_execution", "approver", wrong, code)
    assert desk.go(ended, ("end_execution", "approver")) == "exec_ended"
    # What comes in all the same is entered, and ends nothing anew.
    late = payment(desk.town, "1000.00")
    assert desk.take(ended, "record_payment", "handler1", late).json()["state"] == "exec_ended"


def test_a_citizen_dies_and_a_trader_may_do_either(shared: Desk) -> None:
    for code, name, kind in ((CITIZEN, "周明", "id"), (TRADER, "崇川区周记茶馆", "uscc")):
        _enter(shared.town, code, name, kind)
    citizen, other = (shared.open(party=CITIZEN) for _ in range(2))
    for number in (citizen, other):
        go(shared.town, number, *OPINION[:2])
    shared.refused(citizen, "terminate", "approver", DISSOLUTION, "party_end_wrong")
    shared.register(citizen, DEATH["evidence"])
    assert shared.go(citizen, ("terminate", "approver"), terminate=DEATH) == "terminated"
    for ground in (DEATH, DISSOLUTION):
        number = shared.open(party=TRADER)
        go(shared.town, number, *OPINION[:2])
        if ground == DEATH:
            shared.register(number, ground["evidence"])
        assert shared.go(number, ("terminate", "approver"), terminate=ground) == "terminated"
    exempting = shared.open("first_offence_exemption", party=CITIZEN)
    follow(shared.town, exempting, *exemptions.WAYS["investigating"])
    shared.refused(exempting, "terminate", "approver", DISSOLUTION, "party_end_wrong")


def _enter(town: Town, code: str, name: str, kind: str) -> None:
    from casework.models import Party

    with town.session() as session:
        session.add(
            Party(code_kind=kind, code=code, name=name, representative=name, address="", phone="")
        )


def test_a_trader_is_a_citizen_on_the_spot(desk: Desk) -> None:
    """A natural person that trades under a code of its own (民法典54) is none of the firms: since
    this release, so that what was decided before is judged as it was."""
    _enter(desk.town, TRADER, "崇川区周记茶馆", "uscc")
    given = spot(recipient="崇川区周记茶馆")
    before = desk.open("simple_penalty", party=TRADER)
    desk.go(before, PUNISHED[0])
    assert desk.take(before, "punish", HANDLERS, given).status_code == 200
    desk.town.time.go_to(date(2026, 11, 30), hour=10)
    number = desk.open("simple_penalty", party=TRADER)
    desk.go(number, PUNISHED[0])
    told = desk.refused(number, "punish", HANDLERS, given, "fine_not_for_the_spot")
    assert "200.00" in told
    with desk.town.session() as session:
        set_key(session, "penalty.trader_is_citizen", value=False)
    assert desk.take(number, "punish", HANDLERS, given).status_code == 200


# --- Service and the court 送达、申请强制执行 -----------------------------------------------------


def test_it_is_served_when_all_three_letters_are(desk: Desk) -> None:
    number = penalty_to(desk.town, "decided")
    papers = ("penalty_decision", "repair_reminder", "repair_guide")
    one = {**penalties.RECEIPT, "documents": [papers[0]]}
    said = desk.refused(number, "serve", "handler1", one, "receipts_missing")
    assert "信用修复" in said
    everything = {**penalties.RECEIPT, "documents": list(papers)}
    desk.refused(number, "record_receipt", "handler1", everything, "last_receipt")
    strange = {**penalties.RECEIPT, "documents": ["payment_plan"]}
    desk.refused(number, "record_receipt", "handler1", strange, "not_to_serve")
    for day, paper in ((1, papers[0]), (2, papers[1])):
        desk.town.time.go_to(date(2026, 9, day), hour=10)
        given = {**penalties.RECEIPT, "documents": [paper]}
        answer = desk.take(number, "record_receipt", "handler1", given)
        assert answer.json()["state"] == "decided"
    desk.town.time.go_to(date(2026, 9, 4))
    rest = {**penalties.RECEIPT, "documents": [papers[2]]}
    assert desk.take(number, "serve", "handler1", rest).json()["state"] == "served"
    case = desk.front.get("handler1", f"/cases/{number}").json()
    [limit] = [clock for clock in case["clocks"] if clock["name"] == "payment"]
    # From the last receipt on Friday 4 September; the fifteenth day is a Saturday, and the Sunday
    # after it a day of work.
    assert limit["due_on"] == "2026-09-20"


def test_when_the_court_may_be_asked(desk: Desk) -> None:
    number = penalty_to(desk.town, "urged")
    application = INPUTS["apply_to_court"]
    desk.town.time.go_to(date(2027, 2, 1))
    desk.refused(number, "apply_to_court", "approver", application, "suit_period_open")
    desk.go(number, ("file_litigation", "legal"))
    desk.town.time.go_to(date(2027, 3, 10))
    said = desk.refused(number, "apply_to_court", "approver", application, "remedy_pending")
    assert "行政诉讼" in said
    desk.go(number, ("end_litigation", "legal"))
    # Three months from the day on which the suit was over.
    desk.town.time.go_to(date(2027, 6, 11))
    said = desk.refused(number, "apply_to_court", "approver", application, "court_term_over")
    assert "2027-06-10" in said


def test_time_that_is_granted_too_late_revives_no_term_of_the_court(desk: Desk) -> None:
    # The time to sue ends in March 2027, three months from it on 1 June, of the other on the 22nd.
    in_time, late = (penalty_to(desk.town, "urged") for _ in range(2))
    application = INPUTS["apply_to_court"]
    urged = (("urge", "handler1"), ("serve_urging", "handler1"), ("wait", "20"))

    def defer(number: str, on: date, until: date) -> None:
        desk.town.time.go_to(on)
        desk.go(number, ("ask_for_time", "applicant"))
        desk.go(
            number,
            ("defer_payment", "approver"),
            defer_payment={"until": until.isoformat(), "reason": "资金困难"},
        )
        desk.town.time.go_to(until + timedelta(days=2))
        desk.town.office.catch_up(desk.town.case(number).id)
        assert desk.go(number, *urged) == "urged"

    # What is granted in time moves it (处罚法72).
    defer(in_time, date(2027, 5, 31), date(2027, 8, 2))
    assert desk.go(in_time, ("apply_to_court", "approver")) == "court_applied"
    defer(late, date(2027, 9, 1), date(2027, 9, 10))
    said = desk.refused(late, "apply_to_court", "approver", application, "court_term_over")
    assert "2027-06-22" in said


def test_nothing_is_executed_of_what_was_quashed(shared: Desk) -> None:
    number = penalty_to(shared.town, "urged")
    shared.refused(number, "annul", "approver", {}, "decision_not_overturned")
    shared.go(number, ("file_litigation", "legal"), *JUDGED, ("change_by_litigation", "legal"))
    assert shared.state(number) == "exec_ended"
    _not_here(shared, number, "apply_to_court", "approver", INPUTS["apply_to_court"])


def test_execution_rests_for_three_years_before_it_ends(desk: Desk) -> None:
    desk.town.time.instant = LONG_BEFORE
    number = spot_to(desk.town, "exec_suspended")
    rested_since = desk.town.time.now().date()
    unable = {"ground": "中止执行满三年未恢复执行，当事人确无能力履行", "evidence": "法院裁定"}
    last = rested_since.replace(year=rested_since.year + 3)
    desk.town.time.go_to(last)
    said = desk.refused(number, "end_execution", "approver", unable, "not_three_years")
    assert f"{last}届满" in said
    desk.town.time.go_to(last + timedelta(days=1))
    desk.register(number, "法院裁定")
    assert desk.go(number, ("end_execution", "approver"), end_execution=unable) == "exec_ended"


# --- Money 缴款 -----------------------------------------------------------------------------------


def test_a_late_fee_is_never_more_than_the_fine(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    # Due on 16 September; the thirty-fourth day after it is 20 October.
    for day, owed in (
        (date(2026, 10, 19), "1990.00"),
        (date(2026, 10, 20), "2000.00"),
        (date(2027, 3, 1), "2000.00"),
    ):
        desk.town.time.go_to(day)
        desk.front.log_in_again()
        assert desk.front.get("handler1", f"/cases/{number}").json()["debt"]["left"] == owed
    paid = payment(desk.town, "2000.00")
    assert desk.take(number, "record_payment", "handler1", paid).json()["state"] == "paid"
    assert desk.front.get("handler1", f"/cases/{number}").json()["debt"] is None


def test_wrong_days_ways_and_numbers_of_a_payment(shared: Desk) -> None:
    number = spot_to(shared.town, "punished")
    today = shared.town.time.now().date()
    for wrong, code in (
        ({"on": (today + timedelta(days=1)).isoformat()}, "payment_day_wrong"),
        ({"on": (today - timedelta(days=1)).isoformat()}, "payment_day_wrong"),
        ({"way": "执法人员当场收缴"}, "not_to_the_bank"),
    ):
        given = payment(shared.town, "1000.00", "W-1") | wrong
        shared.refused(number, "record_payment", "handler1", given, code)
    for nonsense in ({"amount": "-1"}, {"amount": "1e3"}, {"amount": "10.001"}, {"voucher": ""}):
        given = payment(shared.town, "1000.00", "W-1") | nonsense
        refused(shared.take(number, "record_payment", "handler1", given), 422, "bad-input")
    performed = INPUTS["record_performance"]
    shared.refused(number, "record_performance", "handler1", performed, "still_owed")


def test_more_time_is_asked_for_and_has_an_end(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    plan = inputs_of(desk.town, number, "grant_instalments", {})
    later = inputs_of(desk.town, number, "defer_payment", {})
    desk.refused(number, "grant_instalments", "approver", plan, "time_not_asked_for")
    desk.refused(number, "defer_payment", "approver", later, "time_not_asked_for")
    desk.go(number, ("ask_for_time", "applicant"))
    today = desk.town.time.now().date()
    for until in (today, today + timedelta(days=400)):
        given = later | {"until": until.isoformat()}
        desk.refused(number, "defer_payment", "approver", given, "deferral_day_wrong")
    first, last = plan["parts"]
    backwards = plan | {"parts": [last | {"amount": "400.00"}, first | {"amount": "600.00"}]}
    desk.refused(number, "grant_instalments", "approver", backwards, "plan_dates_wrong")
    far = (today + timedelta(days=400)).isoformat()
    endless = plan | {"parts": [first, last | {"due": far}], "until": far}
    desk.refused(number, "grant_instalments", "approver", endless, "plan_too_long")
    assert desk.go(number, ("grant_instalments", "approver")) == "instalment"
    # More than the first part is put against the next one.
    more = payment(desk.town, "600.00", "P-9")
    assert desk.take(number, "record_payment", "handler1", more).json()["state"] == "instalment"
    debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
    # That is a Saturday, 31 October.
    assert (last["due"], debt["next_due_on"]) == ("2026-10-31", "2026-11-02")
    assert debt["next_amount"] == "400.00"


# --- An exemption for one who has a record 有前科的首违不罚 ---------------------------------------


@pytest.mark.parametrize("process", ["penalty", "simple_penalty"])
def test_who_was_punished_is_no_first_offender(desk: Desk, process: str) -> None:
    town = desk.town
    former = penalty_to(town, "served") if process == "penalty" else spot_to(town, "punished")
    number = desk.open("first_offence_exemption", violation="GC004")
    answer = desk.front.upload("handler1", number, "correction_evidence")
    assert answer.status_code == 201
    follow(town, number, ("correct_on_the_spot", HANDLERS))
    said = desk.refused(number, "check_first", "handler1", exemptions.FIRST, "not_first")
    assert former in said
    assert "2026-09-01" in said
    # Once that penalty is quashed, nothing was there.
    desk.go(former, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    checked = desk.take(number, "check_first", "handler1", exemptions.FIRST)
    assert checked.status_code == 200, checked.text


def test_a_record_made_meanwhile_stands_against_the_exemption(desk: Desk) -> None:
    town = desk.town
    number = desk.open("first_offence_exemption", violation="GC004")
    desk.front.upload("handler1", number, "correction_evidence")
    proposal = {"violation": "GC004", "stage": "at_once", "would_be_fine": "600"}
    follow(
        town,
        number,
        ("record_scene", HANDLERS),
        ("correct_on_the_spot", HANDLERS),
        ("check_first", "handler1"),
        ("propose_exemption", "handler1"),
        propose_exemption={**exemptions.PROPOSAL, **proposal},
    )
    former = spot_to(town, "punished")
    opinion = exemptions.INPUTS["exempt"]
    assert former in desk.refused(number, "exempt", "approver", opinion, "not_first")
    # A penalty that was merely made milder is still one.
    desk.go(former, ("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    desk.refused(number, "exempt", "approver", opinion, "not_first")


def test_an_exemption_is_for_the_violation_that_was_checked(desk: Desk) -> None:
    """What the checklist was asked of one violation is asked of the one that is proposed."""
    forged = {**exemptions.PROPOSAL, "violation": "GC002", "stage": "at_once"}
    forged["would_be_fine"] = "6000"
    for check, code in (("check_first", "kind_excluded"), ("check_minor", "list_wrong")):
        number = desk.open("first_offence_exemption")
        desk.front.upload("handler1", number, "correction_evidence")
        follow(desk.town, number, *exemptions.CORRECTED, (check, "handler1"))
        said = desk.refused(number, "propose_exemption", "handler1", forged, code)
        assert "GC002" in said
        follow(desk.town, number, ("propose_exemption", "handler1"))
        assert desk.state(number) == "exemption_review"


def test_an_exemption_that_the_head_refuses_becomes_a_penalty(desk: Desk) -> None:
    town = desk.town
    number = desk.open("first_offence_exemption")
    desk.front.upload("handler1", number, "correction_evidence")
    follow(town, number, *exemptions.WAYS["exemption_review"])
    town.time.pass_(days=10)
    reason = exemptions.INPUTS["convert"]
    refused(desk.take(number, "convert", "handler1", reason), 403, "not-allowed")
    assert desk.take(number, "convert", "approver", reason).json()["state"] == "converted"
    penalty = town.relative(number, "penalty")
    case = desk.front.get("handler1", f"/cases/{penalty.number}").json()
    assert case["state"] == "investigating"
    said = case["data"]["application"]
    assert said["origin"] == number
    assert said["filed_on"] == "2026-09-01"
    assert "随案移交" in said["evidence_note"]
    assert [one["number"] for one in case["related"]] == [number]
    [limit] = [one for one in case["clocks"] if one["name"] == "decision"]
    assert limit["due_on"] == "2026-11-30"
    # What the exemption ordered is ordered: the penalty may be decided without another order.
    steps = tuple(one for one in DECIDED[2:] if one[0] != "order_correction")
    assert desk.go(penalty.number, *steps) == "decided"


@pytest.mark.parametrize(
    ("field", "said"),
    [("origin", "CC-SW-2026-000001"), ("evidence_note", "随案移交"), ("extended", True)],
)
def test_no_officer_says_what_only_the_case_before_may_say(
    shared: Desk, field: str, said: Any
) -> None:
    """A time that nobody extended would be longer, a correction ordered that nobody ordered."""
    lead = {**penalties.lead(), field: said}
    shared.front.log_in_again()
    body = {"process": "penalty", "data": lead, "party": FIRM}
    problem = refused(shared.front.post("handler1", "/cases", body), 422, "bad-input")
    assert [one["field"] for one in problem["errors"]] == [field]
