"""Doors that stood open where officers find, take, hear and correct: before the time, beyond what
was approved, by whom it may not be, and as what the file shows to be otherwise.

Each is refused with its code and article, in cases of older versions too.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from casework.common.database import engine_for
from casework.models import Case, CreditEvent, CreditMark, Document, Evidence, LogRow, Mandate
from casework.parts.officers import door as officers_door
from tests.support.desk import Desk
from tests.support.exemptions import FIRM, HANDLERS
from tests.support.exemptions import INPUTS as EXEMPTIONS
from tests.support.former import under_former_versions
from tests.support.front import reasons_of
from tests.support.journeys import SEIZURE, address, check_to, exemption_to, usual
from tests.support.penalties import (
    HEAVY,
    INPUTS,
    NOTIFIED,
    PUNISHED,
    SERVED,
    TOLD_OF_HEARING,
    WAYS,
    hearing_on,
    inputs_of,
    penalty_to,
)
from tests.support.people import appoint
from tests.support.serving import ANNOUNCEMENT, RECEIPT, TRY
from tests.support.signed import png
from tests.support.town import INSPECTORS, NOTICE, look, order

_INVESTIGATING = (
    ("file", "handler1"),
    ("approve_filing", "approver"),
    ("record_scene", HANDLERS),
    ("investigate", HANDLERS),
)
PAIR = "inspector1+inspector2"


def _context(desk: Desk) -> Any:
    with desk.town.session() as session:
        rows = select(Document).options(undefer(Document.context))
        return session.scalars(rows.where(Document.key == "penalty_decision")).one().context


# --- Corrections 补正 -----------------------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_a_correction_makes_no_other_officer_or_court(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED)
    context = _context(desk)
    officer, authority = context["act"]["officers"][0], context["authority"]
    for field, wrong, right, code in (
        ("执法人员姓名", officer["name"], "王二", "identity_is_no_slip"),
        ("执法证号", officer["certificate"], "ZF-99999", "identity_is_no_slip"),
        ("人民法院名称", authority["court"], "喀什市人民法院", "identity_is_no_slip"),
        ("复议机关名称", authority["reconsideration_body"], "某某公司", "identity_is_no_slip"),
        ("当事人地址", "88号", "88号，并处吊销卫生许可证", "slip_says_more"),
        ("当事人地址", "88号", "88号罚款五万元", "slip_says_more"),
    ):
        items = [{"field": field, "wrong": wrong, "right": right}]
        slip = {**INPUTS["correct"], "items": items}
        assert reasons_of(desk.take(number, "correct", "handler1", slip)) == [code], field


def test_what_changed_after_the_decision_is_no_slip_of_it(desk: Desk) -> None:
    """A clerk renames the firm in the register, and a handler "corrects" the decision to that."""
    number = desk.open()
    desk.go(number, *SERVED)
    renamed = {
        "name": "南通别家宾馆有限公司",
        "representative": "顾明远",
        "address": "南通市崇川区工农路9号",
        "phone": "13800000001",
        "dissolved_on": None,
        "reason": "变更登记",
        "effective_on": desk.town.time.now().date().isoformat(),
    }
    answer = desk.front.correct(FIRM, renamed)
    assert answer.status_code == 201, answer.text
    for field, wrong, right in (
        ("当事人名称", "南通滨江宾馆有限公司", "南通别家宾馆有限公司"),
        ("法定代表人（负责人）", "陈志远", "顾明远"),
    ):
        items = [{"field": field, "wrong": wrong, "right": right}]
        slip = {**INPUTS["correct"], "items": items}
        assert reasons_of(desk.take(number, "correct", "handler1", slip)) == ["identity_is_no_slip"]


# --- Hearings 听证 --------------------------------------------------------------------------------


def test_nobody_is_called_to_a_hearing_at_night(desk: Desk) -> None:
    number = penalty_to(desk.town, "hearing_requested")
    given = inputs_of(desk.town, number, "schedule_hearing", {})
    for hour in ("03:00", "17:30", "23:30"):
        answer = desk.take(number, "schedule_hearing", "handler1", {**given, "time": hour})
        assert reasons_of(answer) == ["outside_office_hours"]
    assert desk.take(number, "schedule_hearing", "handler1", given).status_code == 200


def test_nobody_is_called_to_a_hearing_on_a_rest_day(desk: Desk) -> None:
    """A Saturday and National Day rest; a Sunday before it, on which work is decreed, does not."""
    number = penalty_to(desk.town, "hearing_requested")
    given = inputs_of(desk.town, number, "schedule_hearing", {})
    for on in ("2026-09-26", "2026-10-01"):
        answer = desk.take(number, "schedule_hearing", "handler1", {**given, "on": on})
        assert reasons_of(answer) == ["called_on_a_rest_day"]
    answer = desk.take(number, "schedule_hearing", "handler1", {**given, "on": "2026-09-20"})
    assert answer.status_code == 200, answer.text
    desk.go(number, ("serve_hearing", "handler1"))
    desk.town.time.go_to(date(2026, 9, 20), 10)
    later = inputs_of(desk.town, number, "adjourn_hearing", {}) | {"on": "2026-09-27"}
    answer = desk.take(number, "adjourn_hearing", "chair", later)
    assert reasons_of(answer) == ["called_on_a_rest_day"]


def test_nobody_is_absent_before_the_hour(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *TOLD_OF_HEARING, **HEAVY)
    desk.town.time.go_to(hearing_on(desk.town, number), 0)
    for step in ("hold_hearing", "abandon_hearing", "adjourn_hearing"):
        given = inputs_of(desk.town, number, step, {})
        assert reasons_of(desk.take(number, step, "chair", given)) == ["hearing_hour_not_come"]
    desk.town.time.go_to(hearing_on(desk.town, number), 10)
    today = {**inputs_of(desk.town, number, "adjourn_hearing", {})}
    today |= {"on": hearing_on(desk.town, number).isoformat(), "time": "10:01"}
    answer = desk.take(number, "adjourn_hearing", "chair", today)
    assert reasons_of(answer) == ["adjourned_to_no_later_day"]
    held = inputs_of(desk.town, number, "hold_hearing", {})
    assert desk.take(number, "hold_hearing", "chair", held).json()["state"] == "hearing_held"


def test_whoever_chaired_handles_the_case_no_more(desk: Desk) -> None:
    number = desk.open()
    appoint(desk.town, "chair", "case_handler")
    desk.go(number, *TOLD_OF_HEARING, ("hold_hearing", "chair"), **HEAVY)
    named = {"handlers": ["handler2", "chair"], "reason": "原承办人外出"}
    desk.go(number, ("hand_over", "supervisor"), hand_over=named)
    given = inputs_of(desk.town, number, "reconsider", HEAVY)
    assert reasons_of(desk.take(number, "reconsider", "chair", given)) == ["judged_before"]
    assert desk.take(number, "reconsider", "handler2", given).status_code == 200


def test_a_panel_is_led_by_a_head_who_did_not_handle_the_case(desk: Desk) -> None:
    number = desk.open()
    asked = {"officer": "甲head1", "ground": "与案件有直接利害关系", "facts": "系近亲属"}
    decided = {"officer": "head1", "recused": True, "reasons": "系近亲属"}
    appoint(desk.town, "credit", "panel_member")
    desk.go(number, *WAYS["panel_discussion"], ("ask_recusal", "applicant"), ask_recusal=asked)
    desk.go(number, ("decide_recusal", "approver"), decide_recusal=decided)
    desk.go(number, *(("vote", head) for head in ("head2", "head3", "credit")))
    appoint(desk.town, "handler1", "panel_member")
    for named, code in (
        ("某某", "presiding_is_no_head"),
        ("甲legal", "presiding_is_no_head"),
        ("甲handler1", "presiding_handled_it"),
        ("甲head1（副主任）", "presiding_handled_it"),
    ):
        given = {**INPUTS["conclude_panel"], "presiding": named}
        assert reasons_of(desk.take(number, "conclude_panel", "approver", given)) == [code], named
    given = {**INPUTS["conclude_panel"], "presiding": "甲head2（主任）"}
    assert desk.take(number, "conclude_panel", "approver", given).status_code == 200


def test_the_vote_of_whoever_stands_aside_counts_no_more(desk: Desk) -> None:
    number = desk.open()
    asked = {"officer": "甲head1", "ground": "与案件有直接利害关系", "facts": "系近亲属"}
    decided = {"officer": "head1", "recused": True, "reasons": "系近亲属"}
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    desk.go(
        number, *WAYS["panel_discussion"], *votes, ("ask_recusal", "applicant"), ask_recusal=asked
    )
    desk.go(number, ("decide_recusal", "approver"), decide_recusal=decided)
    minutes = INPUTS["conclude_panel"]
    codes = reasons_of(desk.take(number, "conclude_panel", "approver", minutes))
    assert codes == ["panel_not_quorate"]
    # Whoever comes in the place of him votes, and the case goes on.
    appoint(desk.town, "credit", "panel_member")
    desk.go(number, ("vote", "credit"), ("conclude_panel", "approver"))
    assert desk.town.case(number).state == "decision_pending"


def test_nobody_decides_while_it_is_asked_whether_he_may(desk: Desk) -> None:
    number = desk.open()
    asked = {"officer": "甲approver", "ground": "与案件有直接利害关系", "facts": "系近亲属"}
    way = WAYS["panel_discussion"]
    desk.go(number, *way[:4], ("ask_recusal", "applicant"), *way[4:], ask_recusal=asked)
    assert reasons_of(desk.take(number, "forgo_panel", "approver", {})) == ["asked_to_stand_aside"]
    appoint(desk.town, "head1", "approver")
    decided = {"officer": "approver", "recused": False, "reasons": "没有利害关系"}
    desk.go(number, ("decide_recusal", "head1"), decide_recusal=decided)
    assert desk.go(number, ("forgo_panel", "approver")) == "decision_pending"


def test_a_request_to_stand_aside_names_one_officer_and_is_the_partys_or_his_own(
    desk: Desk,
) -> None:
    number = desk.open()
    desk.go(number, *WAYS["panel_discussion"][:4])
    asked = {"ground": "与案件有直接利害关系", "facts": "系近亲属"}
    for by, named, codes in (
        ("applicant", "某某某", ["recusal_names_nobody"]),
        ("handler1", "某某某", ["recusal_names_nobody"]),
        ("applicant", "甲handler1、甲approver", ["recusal_names_several"]),
        ("handler1", "甲handler2", ["recusal_of_another"]),
    ):
        answer = desk.take(number, "ask_recusal", by, {**asked, "officer": named})
        assert reasons_of(answer) == codes, named
    assert (
        desk.take(
            number, "ask_recusal", "handler1", {**asked, "officer": "承办人甲handler1"}
        ).status_code
        == 200
    )


def test_whoever_is_named_with_his_title_stands_aside_too(desk: Desk) -> None:
    number = desk.open()
    asked = {"officer": "局长 甲approver", "ground": "与案件有直接利害关系", "facts": "系近亲属"}
    way = WAYS["panel_discussion"]
    desk.go(number, *way[:4], ("ask_recusal", "applicant"), *way[4:], ask_recusal=asked)
    assert reasons_of(desk.take(number, "forgo_panel", "approver", {})) == ["asked_to_stand_aside"]
    appoint(desk.town, "head1", "approver")
    decided = {"officer": "approver", "recused": True, "reasons": "系近亲属"}
    desk.go(number, ("decide_recusal", "head1"), decide_recusal=decided)
    assert reasons_of(desk.take(number, "forgo_panel", "approver", {})) == ["recused"]


def test_a_request_of_yesterday_that_names_nobody_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.open()
    desk.go(number, *WAYS["panel_discussion"][:4])
    asked = {"officer": "某某某", "ground": "与案件有直接利害关系", "facts": "系近亲属"}
    with monkeypatch.context() as former:
        former.setattr(officers_door, "refusals", lambda _act: [])
        desk.go(number, ("ask_recusal", "applicant"), ask_recusal=asked)
    desk.go(number, ("ask_recusal", "applicant"), ask_recusal={**asked, "officer": "甲handler2"})
    decided = {"officer": "handler2", "recused": True, "reasons": "系近亲属"}
    desk.go(number, ("decide_recusal", "approver"), decide_recusal=decided)


# --- Custody 登记保存、查封、扣押 -----------------------------------------------------------------


def test_what_is_taken_was_approved_and_by_a_law(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    asked = {**usual("penalty", "request_custody"), **SEIZURE}
    vague = {**asked, "basis": "领导指示"}
    assert reasons_of(desk.take(number, "request_custody", HANDLERS, vague)) == [
        "custody_basis_vague"
    ]
    answer = desk.take(number, "request_custody", HANDLERS, asked)
    assert answer.status_code == 200, answer.text
    custody = desk.town.relative(number, "custody").number
    desk.go(custody, ("approve", "approver"), approve={"opinion": "同意"})
    taken = usual("evidence_custody", "seize")
    for thing in (
        {"name": "现金", "quantity": "二十万元"},
        {"name": "消毒液", "quantity": "120瓶"},
        {"name": "消毒液", "quantity": "一百二十瓶"},
        {"name": "消毒液", "quantity": "十箱"},
        {"name": "消毒液", "quantity": "若干"},
    ):
        given = {**taken, "things": [thing]}
        assert reasons_of(desk.take(custody, "seize", HANDLERS, given)) == ["taken_beyond_approval"]
    fewer = {**taken, "things": [{"name": "消毒液", "quantity": "十瓶"}]}
    assert desk.take(custody, "seize", HANDLERS, fewer).status_code == 200


# --- Findings 认定 --------------------------------------------------------------------------------


def _looked_again(desk: Desk, result: dict[str, Any]) -> str:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    town.take(check, "order_rectification", "inspector1", order())
    town.take(check, "serve_order", "inspector1", RECEIPT)
    town.take(check, "recheck", PAIR, result)
    return check


def test_a_promise_is_not_broken_while_there_is_time_to_mend(desk: Desk) -> None:
    check = _looked_again(desk, look(met=False))
    given = {"reason": "逾期未整改"}
    answer = desk.front.step("inspector1", check, "find_broken", given, empty=True)
    assert reasons_of(answer) == ["still_time_to_rectify"]
    said = desk.front.upload("inspector1", check, "rectification_refusal", "拒绝整改.pdf")
    assert said.status_code == 201, said.text
    assert desk.take(check, "find_broken", PAIR, given).status_code == 200


@pytest.mark.parametrize("former", [False, True])
def test_a_promise_is_not_broken_by_what_nobody_was_told_to_mend(desk: Desk, former: bool) -> None:
    """The order stayed in the drawer; and one that comes late gives the whole time."""
    town = desk.town
    if former:
        with under_former_versions(town):
            granted = town.granted()
    else:
        granted = town.granted()
    check = town.relative(granted, "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    town.take(check, "order_rectification", "inspector1", order())
    town.time.pass_(days=40)
    town.take(check, "recheck", PAIR, look(met=False))
    desk.front.log_in_again()
    given = {"reason": "逾期未整改"}
    answer = desk.front.step("inspector1", check, "find_broken", given, empty=True)
    assert reasons_of(answer) == ["order_not_served"]
    assert desk.take(check, "serve_order", "inspector1", RECEIPT).status_code == 200
    answer = desk.front.step("inspector1", check, "find_broken", given, empty=True)
    assert reasons_of(answer) == ["still_time_to_rectify"]
    town.time.pass_(days=40)
    desk.front.log_in_again()
    assert desk.take(check, "recheck", PAIR, look(met=False)).status_code == 200
    assert desk.take(check, "find_broken", PAIR, given).status_code == 200


@pytest.mark.parametrize("former", [False, True])
def test_an_announcement_that_is_entered_late_shortens_no_time_to_mend(
    desk: Desk, former: bool
) -> None:
    """It was over a month ago, but nobody could read in the file that it was."""
    town = desk.town
    with under_former_versions(town) if former else nullcontext():
        granted = town.granted()
    check = town.relative(granted, "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    town.take(check, "order_rectification", "inspector1", order())
    for way in ("直接送达", "邮寄送达"):
        town.take(check, "record_try_order", "inspector1", {**TRY, "way": way})
    town.take(check, "announce_order", "inspector1", ANNOUNCEMENT)
    town.time.pass_(days=75)
    desk.front.log_in_again()
    assert desk.take(check, "end_announcement_order", "inspector1", {}).status_code == 200
    given = {"reason": "逾期未整改"}
    for days, codes in ((1, ["still_time_to_rectify"]), (32, [])):
        town.time.pass_(days=days)
        town.take(check, "recheck", PAIR, look(met=False))
        desk.front.log_in_again()
        answer = desk.front.step("inspector1", check, "find_broken", given, empty=True)
        assert (reasons_of(answer) if codes else answer.status_code) == (codes or 202)


def test_whoever_weighs_a_case_sits_in_it(desk: Desk) -> None:
    """Somebody who never came, a passer-by, one whose certificate has run out."""
    number = penalty_to(desk.town, "investigated")
    given = usual("penalty", "propose")
    for members, code in (
        ("甲handler1、甲handler2、过路人", "member_may_not_sit"),
        ("甲handler1、甲handler2、甲window", "member_may_not_sit"),
        ("甲handler2、甲inspector1", "member_not_named"),
        ("甲handler1、甲handler2、甲inspector1", "member_did_not_sign"),
    ):
        answer = desk.take(number, "propose", HANDLERS, {**given, "members": members})
        assert code in reasons_of(answer), members
    three = {**given, "members": "甲handler1、甲handler2、甲inspector1"}
    desk.register(number, "合议记录")
    assert desk.take(number, "propose", HANDLERS, three).status_code == 200


def test_no_act_is_barred_by_a_typed_day(desk: Desk) -> None:
    number = exemption_to(desk.town, "corrected")
    late = {
        "ground": "超过追责期限（第三十六条）",
        "evidence": "当事人自述早已停止",
        "act_on": "2024-01-31",
    }
    assert reasons_of(desk.take(number, "check_other", "handler1", late)) == ["act_day_unproved"]
    desk.register(number, "旧监控录像")
    proved = {**late, "evidence": "旧监控录像"}
    assert desk.take(number, "check_other", "handler1", proved).status_code == 200
    # Where life or health came to harm it is five years.
    grave = exemption_to(desk.town, "corrected", violation="SS002", harmed=True)
    desk.register(grave, "旧监控录像")
    assert reasons_of(desk.take(grave, "check_other", "handler1", proved)) == ["not_time_barred"]


def test_nobody_is_without_fault_by_what_its_handler_put_in(desk: Desk) -> None:
    number = exemption_to(desk.town, "corrected")
    desk.front.log_in_again()
    assert desk.front.upload("handler1", number, "no_fault_proof").status_code == 201
    given = {**EXEMPTIONS["check_no_fault"]}
    answer = desk.take(number, "check_no_fault", "handler1", given)
    assert reasons_of(answer) == ["proof_not_of_party"]
    # The firm's own paper counts as its own, though the handler scanned it before; once.
    kept = [desk.front.upload("applicant", number, "no_fault_proof").json() for _ in range(2)]
    assert kept[0] == kept[1]
    assert desk.take(number, "check_no_fault", "handler1", given).status_code == 200


def test_what_a_party_gave_its_handler_is_registered_as_its_own(desk: Desk) -> None:
    number = exemption_to(desk.town, "corrected")
    desk.front.log_in_again()
    assert desk.front.upload("handler1", number, "no_fault_proof").status_code == 201
    given = {**EXEMPTIONS["check_no_fault"], "proof": "进货查验记录"}
    desk.register(number, "进货查验记录")
    answer = desk.take(number, "check_no_fault", "handler1", given)
    assert reasons_of(answer) == ["proof_not_of_party"]
    desk.register(number, "进货查验记录原件", origin="当事人提交")
    named = {**given, "proof": "进货查验记录原件"}
    assert desk.take(number, "check_no_fault", "handler1", named).status_code == 200


def test_an_order_to_correct_leaves_time_to_correct(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    today = desk.town.time.now().date()
    given = {**usual("penalty", "order_correction"), "until": today.isoformat()}
    assert reasons_of(desk.take(number, "order_correction", "handler1", given)) == [
        "no_time_to_correct"
    ]
    given["until"] = (today + timedelta(days=1)).isoformat()
    assert desk.take(number, "order_correction", "handler1", given).status_code == 200


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("process", ["penalty", "first_offence_exemption"])
def test_nobody_refuses_to_correct_by_a_tick_box(desk: Desk, process: str, former: bool) -> None:
    """A record of the refusal, made since the order, or the whole time."""
    changes = {} if process == "penalty" else {"violation": "GC012"}
    number = desk.open(process=process, **changes, former=former)
    desk.register(number, "当事人拒绝签字的录像")
    desk.go(number, *_INVESTIGATING, ("order_correction", "handler1"))
    ordered = desk.town.relative(number, "correction").number if process == "penalty" else number
    given = INPUTS["find_not_corrected"]
    codes = ["refusal_unproved", *(() if process == "penalty" else ("order_not_served",))]
    others = ("当事人没有拒绝改正的记录", "未明确拒绝改正的笔录", "当事人拒绝签字的现场笔录")
    for title in ("", *others):
        if title:
            desk.register(number, title)
        assert reasons_of(desk.take(ordered, "find_not_corrected", HANDLERS, given)) == codes
    desk.register(number, "当事人拒绝改正的记录")
    answer = desk.take(ordered, "find_not_corrected", HANDLERS, given)
    assert answer.json()["state"] == "not_corrected"


def test_whoever_was_told_late_has_its_whole_time_to_correct(desk: Desk) -> None:
    number = desk.open("first_offence_exemption", violation="GC012")
    desk.go(number, *_INVESTIGATING, ("order_correction", "handler1"), ("wait", "11"))
    given = {**INPUTS["find_not_corrected"], "refused": False}
    answer = desk.take(number, "find_not_corrected", HANDLERS, given)
    assert reasons_of(answer) == ["order_not_served"]
    desk.go(number, ("serve_order", "handler1"), ("wait", "5"))
    answer = desk.take(number, "find_not_corrected", HANDLERS, given)
    assert reasons_of(answer) == ["still_time_to_correct"]
    desk.go(number, ("wait", "6"))
    answer = desk.take(number, "find_not_corrected", HANDLERS, given)
    assert answer.json()["state"] == "not_corrected"


def test_only_what_was_ordered_is_not_mended(desk: Desk) -> None:
    other = look(met=False)
    other["results"] = [{"clause": "从未责令的事项", "met": False, "finding": "未改"}]
    check = _looked_again(desk, other)
    desk.town.time.pass_(days=60)
    answer = desk.take(check, "find_broken", PAIR, {"reason": "逾期未整改"})
    assert "clause_not_ordered" in reasons_of(answer)
    number = desk.open()
    desk.go(number, *_INVESTIGATING, ("order_correction", "handler1"), ("wait", "11"))
    ordered = desk.town.relative(number, "correction").number
    results = [{"clause": "从未责令的事项", "met": False, "finding": "未改"}]
    given = {"results": results, "refused": False, "summary": "未改正"}
    answer = desk.take(ordered, "find_not_corrected", HANDLERS, given)
    assert reasons_of(answer) == ["clause_not_ordered"]


def test_fraud_is_not_spared(desk: Desk) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    town.take(check, "find_false", PAIR, {"reason": "伪造检测报告"})
    told = {**NOTICE, "basis": "《中华人民共和国行政许可法》第六十九条第二款"}
    town.take(check, "notify_revocation", "inspector1+inspector2", told)
    town.take(check, "serve_notice", "inspector1", RECEIPT)
    town.time.pass_(days=20)
    town.take(check, "submit_review", "inspector1", {"defence_considered": "未提出"})
    answer = desk.take(check, "spare", "approver", {"reason": "情有可原"})
    assert reasons_of(answer) == ["fraud_is_revoked"]
    harm = "撤销影响隔离点运行，《行政许可法》第六十九条第三款"
    assert desk.take(check, "spare", "approver", {"reason": harm}).status_code == 200


def test_an_objection_erases_no_penalty_that_stands(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    objection = desk.town.object(kind="penalised_minor")
    desk.town.take(objection, "file_objection", "applicant")
    upheld = usual("credit_objection", "uphold")
    answer = desk.take(objection, "uphold", "credit", upheld)
    assert reasons_of(answer) == ["record_rests_on_decision"]
    with desk.town.session() as session:
        assert session.query(CreditMark).count() == 0
    assert desk.take(objection, "reject", "credit", upheld).status_code == 200


@pytest.mark.parametrize("kind", ["promise_broken", "licence_revoked"])
def test_an_objection_erases_nothing_of_a_revocation_that_stands(desk: Desk, kind: str) -> None:
    town = desk.town
    check_to(town, town.granted(), "revocation_served")
    objection = town.object(kind=kind)
    town.take(objection, "file_objection", "applicant")
    upheld = usual("credit_objection", "uphold")
    for by in ("credit", "approver"):
        assert reasons_of(desk.take(objection, "uphold", by, upheld)) == [
            "record_rests_on_decision"
        ]
    file = desk.front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert file["may_promise"] is False
    assert not any(event["ended"] for event in file["events"])


@pytest.mark.parametrize("recorded_at_once", [False, True])
def test_what_the_head_decided_is_corrected_by_the_head(desk: Desk, recorded_at_once: bool) -> None:
    """Nobody can lodge a remedy against the record of a breach here, and it is not for ever; older
    versions put it down with the decision, and not once that was served."""
    town = desk.town
    check = town.breached(town.granted())
    if recorded_at_once:
        with engine_for(town.url, role=None).begin() as owner:
            decided = select(LogRow.seq).where(
                LogRow.case_id == check.id, LogRow.header["name"].as_string() == "record_breach"
            )
            owner.execute(
                update(CreditEvent)
                .where(CreditEvent.kind == "promise_broken")
                .values(log_seq=decided.scalar_subquery())
            )
            # Where it was over, and no remedy was open.
            owner.execute(update(Case).where(Case.id == check.id).values(state="closed"))
    objection = town.object(kind="promise_broken")
    town.take(objection, "file_objection", "applicant")
    upheld = usual("credit_objection", "uphold")
    answer = desk.take(objection, "uphold", "credit", upheld)
    assert reasons_of(answer) == ["head_corrects_decision"]
    assert check.number in answer.json()["reasons"][0]["text"]
    assert desk.take(objection, "uphold", "approver", upheld).status_code == 200
    assert desk.front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is True


def test_a_head_who_is_credit_officer_too_corrects_as_head(desk: Desk) -> None:
    town = desk.town
    town.breached(town.granted())
    objection = town.object(kind="promise_broken")
    town.take(objection, "file_objection", "applicant")
    appoint(town, "approver", "credit_officer")
    upheld = usual("credit_objection", "uphold")
    assert desk.take(objection, "uphold", "approver", upheld).status_code == 200


def test_what_was_found_long_ago_is_proved(desk: Desk) -> None:
    """The limitation ends with the finding, and of that only a typed day told."""
    number = desk.open(found_on="2021-09-01", act_on="2020-09-01")
    given = inputs_of(desk.town, number, "file", {})
    assert reasons_of(desk.take(number, "file", "handler1", given)) == ["discovery_unproved"]
    item = {
        "kind": "书证",
        "title": "投诉登记表",
        "origin": "当事人提交",
        "collectors": ["handler1"],
        "collected_on": "2021-09-01",
        "place": "本机关",
        "proves": "2021年9月1日接到投诉",
        "storage": "本案卷",
    }
    files = {"file": ("登记表.png", png("1"))}
    path = f"/cases/{number}/evidence"
    kept = desk.front.ask("handler1", "POST", path, data={"item": json.dumps(item)}, files=files)
    if kept.status_code == 201:
        assert desk.take(number, "file", "handler1", given).status_code == 200
    else:
        assert reasons_of(kept) == ["entered_late"]


def test_nobody_is_let_go_or_turned_away_on_a_ground_that_there_is_not(desk: Desk) -> None:
    number = desk.open()
    barred = {"ground": "已超过追责期限", "reason": "时间较久"}
    answer = desk.take(number, "refuse_filing", "approver", barred)
    assert reasons_of(answer) == ["act_day_unproved", "not_time_barred"]
    long_ago = desk.open(act_on="2020-09-01")
    answer = desk.take(long_ago, "refuse_filing", "approver", barred)
    assert reasons_of(answer) == ["act_day_unproved"]
    desk.register(long_ago, "旧监控录像")
    proved = {**barred, "reason": "旧监控录像显示行为已于2020年终了"}
    answer = desk.take(long_ago, "refuse_filing", "approver", proved)
    assert answer.json()["state"] == "not_filed"
    application = desk.town.apply(address=address(9))
    desk.town.attach(application)
    desk.town.take(application, "submit", "applicant")
    needless = {"ground": "依法不需要取得行政许可", "explanation": "不需要"}
    items = [{"material": "整改保证金", "what": "缴纳保证金五万元"}]
    answer = desk.take(application, "request_supplement", "window", {"items": items})
    assert reasons_of(answer) == ["supplement_asks_money"]
    answer = desk.take(application, "not_accept", "window", needless)
    assert reasons_of(answer) == ["licence_is_needed"]


def test_what_a_clerk_dates_back_for_a_party_is_on_paper(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *NOTIFIED, **HEAVY)
    desk.wait(number, days=20)
    with desk.town.session() as session:
        person = desk.town.people["applicant"].person_id
        mandate = session.scalars(select(Mandate.id).where(Mandate.person_id == person)).first()
    on = (desk.town.time.now().date() - timedelta(days=18)).isoformat()
    more = {"mandate": mandate, "effective_at": on, "empty": True}
    desk.front.log_in_again()
    answer = desk.front.step("window", number, "request_hearing", {"reasons": "有异议"}, **more)
    assert reasons_of(answer) == ["no_dated_paper"]
    assert desk.town.case(number).state == "notified"


# --- What is written and what is done 意见与办理 --------------------------------------------------


def test_no_approval_says_the_contrary(desk: Desk) -> None:
    """Minutes that say no, by which a licence falls all the same."""
    number = desk.open()
    desk.go(number, ("file", "handler1"))
    answer = desk.take(number, "approve_filing", "approver", {"opinion": "不同意立案"})
    assert reasons_of(answer) == ["opinion_contradicts"]
    reviewed = WAYS["legal_review"][1:]
    desk.go(number, *reviewed)
    passed = {**INPUTS["pass_review"], "opinion": "不同意拟作出的决定"}
    assert reasons_of(desk.take(number, "pass_review", "legal", passed)) == ["opinion_contradicts"]
    desk.go(number, ("pass_review", "legal"))
    for_it = {"choice": "同意", "opinion": "不同意处罚"}
    assert reasons_of(desk.take(number, "vote", "head1", for_it)) == ["opinion_contradicts"]
    desk.go(number, *(("vote", f"head{n}") for n in (1, 2, 3)))
    minutes = {**INPUTS["conclude_panel"], "conclusion": "不同意处罚，改为警告"}
    answer = desk.take(number, "conclude_panel", "approver", minutes)
    assert reasons_of(answer) == ["opinion_contradicts"]
    assert desk.go(number, ("conclude_panel", "approver")) == "decision_pending"


def test_whoever_inquired_before_a_case_was_converted_sits_in_no_judgment(desk: Desk) -> None:
    """Who looked into the exemption, or was named for it, is so for the penalty it became."""
    town = desk.town
    exemption = exemption_to(town, "converted", violation="GC004")
    number = town.relative(exemption, "penalty").number
    for inspector in ("inspector1", "inspector2"):
        appoint(town, inspector, "case_handler")
    desk.refused(number, "investigate", PAIR, INPUTS["investigate"], "not_assigned")
    desk.go(number, *NOTIFIED[2:], ("request_hearing", "applicant"), **HEAVY)
    appoint(town, "handler2", "hearing_chair")
    called = {**inputs_of(town, number, "schedule_hearing", {}), "chair": "handler2"}
    told = desk.refused(number, "schedule_hearing", "handler1", called, "chair_investigated")
    assert "现场" in told


@pytest.mark.parametrize("converted", [False, True])
def test_whoever_collected_the_evidence_sits_in_no_judgment(desk: Desk, converted: bool) -> None:
    """Nor whoever collected that of the case it came of; be it withdrawn since."""
    town = desk.town
    appoint(town, "legal", "case_handler")
    if converted:
        case = exemption_to(town, "not_corrected", violation="GC004")
    else:
        case = penalty_to(town, "investigating")
    desk.register(case, "现场照片", collectors=["handler1", "legal"])
    items = {one["title"]: one["n"] for one in desk.front.get("approver", _evidence(case)).json()}
    gone = {"replaces": 1, "reason": "与本案无关"}
    path = f"{_evidence(case)}/{items['现场照片']}/withdrawals"
    assert desk.front.post("handler1", path, gone).status_code < 300
    if converted:
        desk.go(case, ("convert", "handler1"), **EXEMPTIONS)
        case = town.relative(case, "penalty").number
    desk.go(case, *WAYS["legal_review"][2:])
    given = inputs_of(town, case, "pass_review", {})
    told = desk.refused(case, "pass_review", "legal", given, "separation_of_duties")
    assert "证据" in told


def test_a_name_that_was_typed_is_no_second_collector(desk: Desk) -> None:
    """He signs an inquiry of the case with another, or enters the item himself."""
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    appoint(desk.town, "inspector1", "case_handler")
    both = {"collectors": ["handler1", "inspector1"]}
    desk.register(number, "抽样记录", **both)
    desk.go(number, *NOTIFIED[4:-2])
    given = inputs_of(desk.town, number, "notify", {})
    told = desk.refused(number, "notify", "handler1", given, "collector_did_not_sign")
    assert "甲inspector1" in told
    items = {one["title"]: one["n"] for one in desk.front.get("legal", _evidence(number)).json()}
    desk.register(number, "抽样记录及照片", "inspector1", **both)
    path = f"{_evidence(number)}/{items['抽样记录']}/withdrawals"
    gone = {"replaces": 1, "reason": "由收集人本人重新登记"}
    assert desk.front.post("handler1", path, gone).status_code < 300
    desk.go(number, ("notify", "handler1"))


def test_what_was_collected_on_the_spot_is_signed_for_with_the_decision(desk: Desk) -> None:
    """Whoever signs a decision on the spot as the second has put his name to what it rests on."""
    for person in ("inspector1", "inspector2"):
        appoint(desk.town, person, "case_handler")
    number = desk.open("simple_penalty", address="南通市崇川区人民中路88号")
    desk.go(number, PUNISHED[0])
    desk.register(number, "现场照片", collectors=["handler1", "inspector1"])
    given = inputs_of(desk.town, number, "punish", {})
    desk.refused(number, "punish", "handler1+inspector2", given, "collector_did_not_sign")
    back = {"version": desk.town.case(number).version, "reason": "由收集人签名"}
    path = f"/cases/{number}/steps/punish/signatures/returns"
    assert desk.front.post("handler1", path, back).status_code == 200
    desk.go(number, ("punish", "handler1+inspector1"))


def test_older_items_stop_no_review_and_later_ones_are_sent_back(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    appoint(desk.town, "inspector1", "case_handler")
    both = {"collectors": ["handler1", "inspector1"]}
    desk.go(number, *WAYS["legal_review"][2:])
    older = {
        "origin": "执法人员收集、调取",
        "collectors": [{"name": "甲", "account": "inspector1"}],
    }
    owner = engine_for(desk.town.url, role=None)
    with Session(owner) as session:  # as was entered before anybody was asked
        for row in session.scalars(select(Evidence).where(Evidence.n == 1)):
            row.said = {**row.said, **older}
        session.commit()
    owner.dispose()
    given = inputs_of(desk.town, number, "pass_review", {})
    desk.register(number, "抽样记录", **both)
    told = desk.refused(number, "pass_review", "legal", given, "collector_did_not_sign")
    assert "1号" not in told


def test_what_the_party_handed_in_is_not_struck_out(desk: Desk) -> None:
    """Nor is anything by an officer whom nobody named for the case."""
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    desk.register(number, "当事人消毒记录台账", origin="当事人提交")
    desk.register(number, "现场照片")
    items = {one["title"]: one["n"] for one in desk.front.get("legal", _evidence(number)).json()}
    gone = {"replaces": 1, "reason": "与本案无关"}

    def withdrawn(title: str, by: str) -> Any:
        return desk.front.post(by, f"{_evidence(number)}/{items[title]}/withdrawals", gone)

    assert reasons_of(withdrawn("当事人消毒记录台账", "handler1")) == ["party_evidence_stays"]
    for content, codes in (("X", ["party_evidence_stays"]), ("当事人消毒记录台账", [])):
        said = {
            "kind": "书证",
            "title": "当事人消毒记录台账",
            "origin": "当事人提交",
            "collectors": ["handler1", "handler2"],
            "collected_on": desk.town.time.now().date().isoformat(),
            "place": "本机关",
            "proves": "毛巾已经消毒",
            "storage": "本案卷",
            "replaces": 1,
            "reason": "种类登记有误",
        }
        answer = desk.front.ask(
            "handler1",
            "POST",
            f"{_evidence(number)}/{items['当事人消毒记录台账']}/versions",
            data={"item": json.dumps(said)},
            files={"file": ("台账.png", png(content))},
        )
        assert (reasons_of(answer) if codes else answer.status_code) == (codes or 201)
    assert reasons_of(withdrawn("现场照片", "inspector1")) == ["not_assigned"]
    assert withdrawn("现场照片", "handler1").status_code < 300


def test_the_evidence_of_a_check_is_for_whom_it_was_assigned_to(desk: Desk) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=True))
    collected = {"collectors": ["inspector1", "inspector2"]}
    desk.register(check, "现场照片", by="inspector1", **collected)
    appoint(town, "handler1", "inspector")
    items = desk.front.get("legal", _evidence(check)).json()
    item = next(one for one in items if one["title"] == "现场照片")
    gone = {"replaces": 1, "reason": "与本案无关"}
    path = f"{_evidence(check)}/{item['n']}/withdrawals"
    assert reasons_of(desk.front.post("handler1", path, gone)) == ["not_assigned"]
    others = {"inspectors": ["handler1", "inspector2"], "reason": "原承办人外出学习"}
    town.take(check, "hand_over", "supervisor", others)
    assert reasons_of(desk.front.post("inspector1", path, gone)) == ["not_assigned"]
    assert desk.front.post("handler1", path, gone).status_code < 300


def _evidence(number: str) -> str:
    return f"/cases/{number}/evidence"


def test_nothing_is_without_evidence_of_which_there_is_a_record(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, ("file", "handler1"))
    given = {"ground": "没有证据证明有违法事实", "reason": "未能查实"}
    desk.register(number, "现场笔录", kind="勘验笔录、现场笔录")
    assert reasons_of(desk.take(number, "refuse_filing", "approver", given)) == [
        "evidence_is_there"
    ]
    other = {"ground": "不构成违法行为", "reason": "现场笔录记录的情况符合规定"}
    assert desk.take(number, "refuse_filing", "approver", other).status_code == 200
