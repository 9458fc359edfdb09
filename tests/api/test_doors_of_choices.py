"""Doors that stood open to whoever chose: a ground that cannot be, a sum above the table, a gain
that is left, a slighter article, another case for the same act, a way out before it is decided.

Each is refused over HTTP with its code and article, in cases of older versions too.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from casework.common.timekeeping import ZONE
from casework.models import CreditEvent, Party, Publication
from state_machines.checks.commitment_check.forms import speaks_of_deceit
from state_machines.language.vocabulary import Proceed
from state_machines.licensing.licence.process import LICENCE
from tests.support import exemptions
from tests.support.desk import Desk
from tests.support.exemptions import HANDLERS
from tests.support.former import under_former_versions
from tests.support.front import Front, reasons_of
from tests.support.journeys import (
    PROMISING,
    REPAIR,
    address,
    apply_to,
    change_of,
    check_to,
    follow,
    promised_for_later,
    renewal_of,
    told_before,
    usual,
)
from tests.support.penalties import (
    FACTS,
    INPUTS,
    NOTIFIED,
    OPINION,
    RECONSIDERED,
    SERVED,
    UNCORRECTED,
    WARNING,
    WAYS,
    basis_of,
    decision,
    fine,
    open_lead,
    reconsidered,
    sentence,
)
from tests.support.people import appoint
from tests.support.town import (
    ACCEPTED,
    AIR,
    INSPECTORS,
    NOTICE,
    Town,
    joint_application,
    look,
    promise,
)

PAIR = "inspector1+inspector2"
_LED_ANYWHERE = replace(
    LICENCE,
    steps=tuple(
        replace(
            step,
            effects=tuple(one for one in step.effects if not isinstance(one, Proceed)),
            in_every_version=False,
        )
        for step in LICENCE.steps
        if step.name != "await_conditions"
    ),
)
# Of those that touch life and health.
_OF_HEALTH = "XD003"
ACT = {"found_on": "2026-09-01", "act_on": "2026-09-01", "address": "南通市崇川区人民中路88号"}


# --- What speaks for less, and what is above the table 裁量 ----


@pytest.mark.parametrize("former", [False, True])
def test_nobody_is_spared_on_a_ground_that_he_cannot_have(desk: Desk, former: bool) -> None:
    """A firm of fifteen years; a list that does not name it; no article; nothing on file."""
    number = desk.open(violation="GC002", former=former)
    desk.go(number, *OPINION[:-1])
    said = {"violation": "GC002", "basis": basis_of("GC002"), "weight": "reduced"}
    bare = {**INPUTS["propose"], **sentence(WARNING, fine("1.00")), **said}
    for ground, told, code in (
        ("已满十四周岁不满十八周岁", "见现场笔录", "not_a_minor"),
        ("列入从轻、减轻处罚清单", "见现场笔录", "leniency_not_listed"),
        ("法律、法规、规章规定的其他情形", "情有可原", "leniency_without_article"),
        ("主动消除或者减轻违法行为危害后果", "情有可原", "leniency_unproved"),
    ):
        given = {**bare, "mitigations": [ground], "circumstances": told}
        assert reasons_of(desk.take(number, "propose", HANDLERS, given)) == [code], ground
    proved = {"mitigations": ["主动消除或者减轻违法行为危害后果"], "circumstances": "见现场笔录"}
    assert desk.take(number, "propose", HANDLERS, {**bare, **proved}).status_code == 200


@pytest.mark.parametrize("former", [False, True])
def test_above_the_table_only_the_heads_go_together(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    said = {"departure": "从严掌握"}
    sums = (WARNING, fine("1999.00"))
    given = {
        "propose": {**INPUTS["propose"], **sentence(*sums), **said},
        "notify": {**sentence(*sums), **said},
        "reconsider": {**reconsidered(*sums), **said},
    }
    way = (("waive_defence", "applicant"), ("reconsider", "handler1"), ("forgo_review", "handler1"))
    desk.go(number, *NOTIFIED, *way, **given)
    answer = desk.take(number, "forgo_panel", "approver", {})
    assert reasons_of(answer) == ["above_step_not_discussed"]
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    decided = {**decision(*sums), **said}
    way = (*votes, ("conclude_panel", "approver"), ("decide", "approver"))
    assert desk.go(number, *way, decide=decided) == "decided"


@pytest.mark.parametrize("former", [False, True])
def test_what_was_gained_is_not_left_to_the_party(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *OPINION[:-1])
    found = {**INPUTS["propose"], **sentence(), "illegal_income": "50000.00"}
    assert reasons_of(desk.take(number, "propose", HANDLERS, found)) == ["gains_left"]
    desk.register(number, "退赔顾客的收据")
    back = {**found, "departure": "已退赔顾客50000元，见退赔顾客的收据"}
    assert desk.take(number, "propose", HANDLERS, back).status_code == 200


def test_nobody_is_without_the_licence_that_the_register_has(desk: Desk) -> None:
    granted = desk.town.granted()
    licence = desk.town.licence_of(granted)["number"]
    number = desk.open(**{**ACT, "violation": "GC001"})
    desk.go(number, *OPINION[:-1])
    said = {"violation": "GC001", "basis": basis_of("GC001")}
    given = {**INPUTS["propose"], **sentence(WARNING, fine("2000.00")), **said}
    answer = desk.take(number, "propose", HANDLERS, given)
    assert reasons_of(answer) == ["licence_was_held"]
    # Nor if it came to an end since the act.
    town = desk.town
    town.time.pass_(days=1)
    ending = (*told_before("reviewer"), ("withdraw_by_authority", "approver"))
    follow(town, town.relative(granted, "licence").number, *ending)
    assert town.relative(granted, "licence").state == "withdrawn_by_authority"
    assert reasons_of(desk.take(number, "propose", HANDLERS, given)) == ["licence_was_held"]
    given["reasons"] = f"{licence}号许可证的经营项目为宾馆，不包括本案的游泳场"
    assert desk.take(number, "propose", HANDLERS, given).status_code == 200


# --- Who is let off 不予处罚 ----


def test_nothing_is_slight_that_was_found_not_to_be_put_right(desk: Desk) -> None:
    number = desk.open()
    uncorrected = {**INPUTS["propose"], **sentence(WARNING), "departure": "情节较轻"}
    desk.go(number, *UNCORRECTED, ("propose", HANDLERS), propose=uncorrected)
    answer = desk.take(number, "release", "approver", INPUTS["release"])
    assert reasons_of(answer) == ["not_corrected"]
    first = {
        **INPUTS["release"],
        "ground": "依法不予行政处罚的其他情形（第三十条、第三十一条、第三十三条、第三十六条）",
        "article": "第三十三条第一款（初次违法且危害后果轻微并及时改正）",
    }
    assert "not_corrected" in reasons_of(desk.take(number, "release", "approver", first))


def test_nothing_is_slight_that_did_harm_or_was_never_put_right(desk: Desk) -> None:
    """处罚法33: slight, put right in time, and without harm, each by the file."""
    number = desk.open(harmed=True)
    desk.go(number, *OPINION)
    given = {**INPUTS["release"], "facts": FACTS}
    assert reasons_of(desk.take(number, "release", "approver", given)) == [
        "correction_unproved",
        "harm_on_file",
    ]
    desk.register(number, "整改情况的照片")
    given["facts"] = f"{FACTS}；已经整改，见整改情况的照片"
    assert reasons_of(desk.take(number, "release", "approver", given)) == ["harm_on_file"]
    desk.register(number, "住客健康检验报告")
    given["facts"] += "；没有造成危害，见住客健康检验报告"
    assert desk.take(number, "release", "approver", given).status_code == 200


def test_what_two_saw_put_right_needs_no_other_paper(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *RECONSIDERED)
    given = {**INPUTS["release"], "facts": FACTS}
    assert reasons_of(desk.take(number, "release", "approver", given)) == ["correction_unproved"]
    desk.go(desk.town.relative(number, "correction").number, ("recheck", HANDLERS))
    assert desk.take(number, "release", "approver", given).status_code == 200


def test_nor_is_it_let_off_as_slight(desk: Desk) -> None:
    number = desk.open("first_offence_exemption", harmed=True)
    desk.front.upload("handler1", number, "correction_evidence")
    follow(desk.town, number, *exemptions.CORRECTED)
    given = dict(exemptions.MINOR)
    assert reasons_of(desk.take(number, "check_minor", "handler1", given)) == ["harm_on_file"]
    desk.register(number, "住客健康检验报告")
    given["harm_reasons"] = "没有造成危害，见住客健康检验报告"
    assert desk.take(number, "check_minor", "handler1", given).status_code == 200
    heavier = {**exemptions.PROPOSAL, "weight": "heavier", "would_be_fine": "9000.00"}
    assert reasons_of(desk.take(number, "propose_exemption", "handler1", heavier)) == [
        "slight_and_heavier"
    ]
    proposed = desk.take(number, "propose_exemption", "handler1", exemptions.PROPOSAL)
    assert proposed.status_code == 200, proposed.text


def test_what_the_facts_date_years_back_is_not_saved_by_the_day_of_a_lead(desk: Desk) -> None:
    """处罚法36: two years from the act, or from its end."""
    number = desk.open()
    desk.go(number, *OPINION[:-1])
    said = "2022年3月1日宾馆毛巾未按规定清洗消毒，有现场笔录为证"
    old = {**INPUTS["propose"], "facts": said}
    assert reasons_of(desk.take(number, "propose", HANDLERS, old)) == ["facts_time_barred"]
    desk.go(number, ("propose", HANDLERS))
    told = {**sentence(), "facts": said}
    assert reasons_of(desk.take(number, "notify", "handler1", told)) == ["facts_time_barred"]
    told["facts"] = "2022年3月1日开业以来至今，宾馆毛巾未按规定清洗消毒，有现场笔录为证"
    assert desk.take(number, "notify", "handler1", told).status_code == 200


def test_it_is_the_party_that_proves_it_had_no_fault(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *OPINION)
    given = {
        **INPUTS["release"],
        "ground": "依法不予行政处罚的其他情形（第三十条、第三十一条、第三十三条、第三十六条）",
        "article": "第三十三条第二款（有证据足以证明没有主观过错）",
        "facts": "见现场笔录",
    }
    assert reasons_of(desk.take(number, "release", "approver", given)) == ["proof_not_of_party"]
    desk.register(number, "供货商的合格证明", origin="当事人提交")
    given["facts"] = "见现场笔录、供货商的合格证明"
    assert desk.take(number, "release", "approver", given).status_code == 200


@pytest.mark.parametrize("way", [SERVED, NOTIFIED])
def test_an_act_that_is_punished_is_not_let_off_besides(desk: Desk, way: Any) -> None:
    """Nor one of which its party was told elsewhere."""
    punished = desk.open(**ACT)
    desk.go(punished, *way)
    number = desk.open("first_offence_exemption", **{**ACT, "violation": "GC012"})
    desk.front.upload("handler1", number, "correction_evidence")
    follow(desk.town, number, *exemptions.CORRECTED, ("check_minor", "handler1"))
    given = exemptions.INPUTS["propose_exemption"]
    answer = desk.take(number, "propose_exemption", "handler1", given)
    assert reasons_of(answer) == ["act_punished_elsewhere"]
    assert punished in answer.json()["reasons"][0]["text"]


# --- Fraud, and going before it is decided 虚假材料、虚假承诺 ----


def _false_promise(town: Town, reason: str) -> str:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    town.take(check, "find_false", PAIR, {"reason": reason})
    return check


def test_what_was_found_to_be_forged_is_told_as_fraud(desk: Desk) -> None:
    check = _false_promise(desk.town, "检测报告系伪造，承诺时即不具备条件")
    answer = desk.take(check, "notify_revocation", PAIR, {**NOTICE, "facts": "检测报告系伪造"})
    assert reasons_of(answer) == ["fraud_is_named"]
    told = {**NOTICE, "basis": "《中华人民共和国行政许可法》第六十九条第二款"}
    assert desk.take(check, "notify_revocation", PAIR, told).status_code == 200


@pytest.mark.parametrize(
    ("found", "deceit"),
    [
        ("检测报告系伪造", True),
        ("经查系变造，未见篡改", True),
        ("没有证据证明系伪造", False),
        ("不存在欺骗，未发现伪造", False),
        ("尚不能认定骗取", False),
    ],
)
def test_what_denies_deceit_does_not_speak_of_it(found: str, deceit: bool) -> None:
    assert speaks_of_deceit(found) is deceit


def test_a_false_promise_is_on_record_though_the_licence_is_spared(desk: Desk) -> None:
    check = _false_promise(desk.town, "承诺时即不具备条件，未发现伪造")
    follow(desk.town, check, ("notify_revocation", PAIR), ("serve_notice", "inspector1"))
    follow(desk.town, check, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    follow(desk.town, check, ("submit_review", "inspector1"))
    answer = desk.take(check, "spare", "approver", {"reason": "影响不大"})
    assert reasons_of(answer) == ["false_promise_unrecorded"]
    desk.register(check, "承诺前的检测报告", "inspector1", collectors=["inspector1", "inspector2"])
    reason = {"reason": "见承诺前的检测报告，承诺时已具备条件"}
    assert desk.take(check, "spare", "approver", reason).status_code == 200


def test_whoever_was_told_that_it_forged_does_not_go_before_it_is_decided(
    front: Front, town: Town
) -> None:
    number = town.committed()
    follow(town, number, ("give_prior_notice", "reviewer"), ("serve_prior_notice", "reviewer"))
    gone = front.step("applicant", number, "withdraw", {"reason": "不再经营"})
    assert reasons_of(gone) == ["told_of_false_material"]


def test_nor_does_whoever_asks_for_repair(front: Front, town: Town) -> None:
    town.breached(town.granted())
    repair = town.newest("credit_repair")
    town.time.pass_(days=120)
    town.office.catch_up(town.case(repair).id)
    follow(town, repair, *REPAIR["applied"], ("give_prior_notice", "credit"))
    front.log_in_again()
    gone = front.step("applicant", repair, "withdraw", usual("credit_repair", "withdraw"))
    assert reasons_of(gone) == ["told_of_false_material"]


# --- What leads back 恢复 ----


@pytest.mark.parametrize("former", [False, True])
def test_a_licence_that_may_not_open_yet_does_not_by_giving_it_back(
    town: Town, former: bool
) -> None:
    with under_former_versions(town, {LICENCE.key: _LED_ANYWHERE}) if former else nullcontext():
        number = promised_for_later(town, address(3))
    licence = town.relative(number, "licence").number
    assert town.case(licence).state == "not_ready"
    check_to(town, number, "closed")
    follow(town, licence, ("request_closure", "applicant"), ("keep_open", "applicant"))
    assert town.case(licence).state == "not_ready"
    follow(town, licence, ("prove_conditions", "applicant"), ("confirm_ready", "reviewer"))
    follow(town, licence, ("request_closure", "applicant"), ("keep_open", "applicant"))
    assert town.case(licence).state == "valid"


@pytest.mark.parametrize("supplied", [False, True])
def test_what_its_applicant_left_incomplete_is_not_deemed_renewed(
    town: Town, supplied: bool
) -> None:
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    granted = town.granted()
    licence = town.relative(granted, "licence").number
    town.time.instant = datetime(2026, 9, 18, 9, 0, tzinfo=ZONE)
    town.office.catch_up(town.case(licence).id)
    renewal = renewal_of(town, granted)
    follow(town, renewal, ("submit", "applicant"))
    town.time.pass_(days=4)
    follow(town, renewal, ("request_supplement", "window"))
    if supplied:
        follow(town, renewal, ("supply", "applicant"))
    town.time.go_to(date(2026, 10, 25))
    town.office.catch_up(town.case(licence).id)
    state = "deemed_renewed" if supplied else "expired"
    assert town.case(licence).state == state
    assert town.case(renewal).state == ("deemed" if supplied else "terminated")


# --- Promised anew 再次承诺 ----


@pytest.mark.parametrize("turned", [False, True])
def test_what_officers_saw_is_not_promised_anew_by_another_application(
    front: Front, town: Town, turned: bool
) -> None:
    first = apply_to(town, "received", address(6))
    follow(town, first, ("accept", "window"))
    if turned:
        front.upload("approver", first, "refusal_finding", "审查意见.pdf")
        ground = {"ground": "申请材料不能支持所作的承诺", "reason": "图纸与现场不符"}
        follow(town, first, *PROMISING)
        follow(town, first, ("turn_to_ordinary", "approver"), turn_to_ordinary=ground)
    else:
        follow(town, first, ("inform", "window"), ("decline", "applicant"))
        seen = {**usual("instant_licence", "check_site")}
        seen["results"] = [{**one, "met": False} for one in seen["results"]]
        follow(town, first, ("check_site", "reviewer+inspector1"), check_site=seen)
    follow(town, first, ("withdraw", "applicant"))
    again = apply_to(town, "received", address(6))
    follow(town, again, ("accept", "window"), ("inform", "window"), ("study", "applicant"))
    answer = front.step("applicant", again, "commit", promise())
    assert reasons_of(answer) == ["seen_unmet"]
    elsewhere = apply_to(town, "received", address(7))
    follow(town, elsewhere, ("accept", "window"), *PROMISING)


# --- What was looked at 核查 ----

DOOR_PLATE = {
    **look(met=True),
    "results": [{"clause": "门牌", "met": True, "finding": "与申请一致"}],
}


@pytest.mark.parametrize("ordered", [False, True])
def test_what_was_found_unmet_is_kept_only_once_it_was_looked_at_again(
    desk: Desk, ordered: bool
) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=not ordered) if ordered else look(met=True))
    if ordered:
        follow(town, check, ("order_rectification", "inspector1"), ("serve_order", "inspector1"))
        town.take(check, "recheck", PAIR, DOOR_PLATE)
        answer = desk.take(check, "find_kept", PAIR, {})
        assert reasons_of(answer) == ["clause_not_seen_again"]
        assert "室内空气质量" in answer.json()["reasons"][0]["text"]
        town.take(check, "recheck", PAIR, look(met=True))
    assert desk.take(check, "find_kept", PAIR, {}).status_code == 200


def test_nothing_is_found_kept_by_one_who_looked_at_a_part_of_it(desk: Desk) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, DOOR_PLATE)
    answer = desk.take(check, "find_kept", PAIR, {})
    assert reasons_of(answer) == ["clause_not_looked_at"]
    assert AIR in answer.json()["reasons"][0]["text"]
    # What is for a swimming pool is not asked of a hotel.
    assert "游泳场" not in answer.json()["reasons"][0]["text"]
    # They look at the rest in the same check, which is on the party's record once.
    town.take(check, "inspect", PAIR, look(met=True))
    with town.session() as session:
        rows = session.query(CreditEvent).filter_by(case_id=town.case(check).id).all()
        shown = session.query(Publication).filter_by(case_id=town.case(check).id).all()
    assert [one.kind for one in rows] == ["inspected"]
    assert [one.register for one in shown] == ["inspections"]
    assert desk.take(check, "find_kept", "inspector1", {}).status_code == 202
    assert desk.state(check) == "inspected"


def test_a_look_at_the_door_plate_grants_nothing(front: Front, town: Town) -> None:
    number = apply_to(town, "received", address(8))
    follow(town, number, ("accept", "window"), ("inform", "window"), ("decline", "applicant"))
    both = "reviewer+inspector1"
    follow(town, number, ("check_site", both), check_site=DOOR_PLATE)
    assert reasons_of(front.step("approver", number, "grant")) == ["clause_not_looked_at"]
    follow(town, number, ("check_site", both), check_site=look(met=True))
    assert front.step("approver", number, "grant").status_code == 200


def test_what_a_part_of_a_look_found_unmet_is_not_made_good_by_a_second_look(desk: Desk) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", PAIR, look(met=False))
    answer = desk.take(check, "inspect", PAIR, look(met=True))
    assert reasons_of(answer) == ["unmet_is_ordered"]


def test_a_change_is_granted_on_a_look_at_what_it_changes(front: Front, town: Town) -> None:
    granted, name = town.granted(), "南通江海宾馆有限公司"
    with town.session() as session:
        session.query(Party).filter_by(code=exemptions.FIRM).one().name = name
    asked = {"kind": "变更单位名称", "place_name": name, "reason": "更名"}
    number = change_of(town, granted, **asked)
    told = (("submit", "applicant"), ("accept", "window"), ("inform", "window"))
    follow(town, number, *told, ("decline", "applicant"))
    follow(town, number, ("check_site", "reviewer+inspector1"), check_site=DOOR_PLATE)
    assert front.step("approver", number, "grant").status_code == 200


def test_whoever_granted_does_not_check_whether_he_was_right(desk: Desk) -> None:
    town = desk.town
    appoint(town, "inspector1", "approver")
    number = town.committed()
    town.take(number, "grant", "inspector1")
    check = town.relative(number, "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    desk.refused(check, "inspect", PAIR, look(met=True), "separation_of_duties")


def test_what_was_ordered_is_seen_after_the_order(desk: Desk) -> None:
    town = desk.town
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    rules, *others = look(met=True)["results"]
    missing = {**look(met=True), "results": [{**rules, "met": False}, *others]}
    town.take(check, "inspect", PAIR, missing)
    # The order is about the air, which that look called clean.
    follow(town, check, ("order_rectification", "inspector1"), ("serve_order", "inspector1"))
    seen = [one for one in (rules, *others) if one["clause"] != AIR]
    town.take(check, "recheck", PAIR, {**look(met=True), "results": seen})
    answer = desk.take(check, "find_kept", PAIR, {})
    assert reasons_of(answer) == ["clause_not_seen_again"]
    town.take(check, "recheck", PAIR, look(met=True))
    assert desk.take(check, "find_kept", PAIR, {}).status_code == 200


def test_a_second_look_at_the_door_plate_grants_nothing(front: Front, town: Town) -> None:
    number = apply_to(town, "received", address(8))
    follow(town, number, ("accept", "window"), ("inform", "window"), ("decline", "applicant"))
    both = "reviewer+inspector1"
    follow(town, number, ("check_site", both), check_site=look(met=False))
    follow(town, number, ("check_site", both), check_site=DOOR_PLATE)
    assert reasons_of(front.step("approver", number, "grant")) == ["clause_not_seen_again"]
    follow(town, number, ("check_site", both), check_site=look(met=True))
    assert front.step("approver", number, "grant").status_code == 200


def test_what_silence_accepted_is_not_granted_without_its_papers(front: Front, town: Town) -> None:
    applicant = town.people["applicant"]
    number = town.office.open_case("one_matter", joint_application(), applicant).number
    follow(town, number, ("submit", "applicant"))
    town.time.pass_(days=12)
    town.office.catch_up(town.case(number).id)
    front.log_in_again()
    against = {"findings": "防护不足", "conclusion": "不符合防护标准，不予通过"}
    follow(town, number, ("dispatch", "window"))
    answer = front.step("reviewer", number, "pass_health", against)
    assert reasons_of(answer) == ["opinion_contradicts"]
    follow(town, number, ("pass_health", "reviewer"), ("pass_eco", "eco"))
    for by, step in (("approver", "decide_health"), ("eco_approver", "decide_eco")):
        answer = front.step(by, number, step, usual("one_matter", step))
        assert reasons_of(answer) == ["materials_missing"], step


# --- Which time and which record 追责期限、前科 ----


def test_five_years_are_for_harm_that_is_proved(desk: Desk) -> None:
    days = {"act_on": "2023-10-01", "found_on": "2026-09-01"}
    number = desk.open(violation=_OF_HEALTH, harmed=True, **days)
    answer = desk.take(number, "file", "handler1", INPUTS["file"])
    assert reasons_of(answer) == ["harm_unproved"]
    desk.register(number, "医院诊断证明")
    assert desk.take(number, "file", "handler1", INPUTS["file"]).status_code == 200


def test_whoever_goes_on_under_another_code_is_punished_as_before(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *WAYS["decision_pending"])
    new = desk.town.register("91320602MA1W01000L", name="南通滨江宾馆有限公司")
    claim = desk.town.claim(exemptions.FIRM, new)
    desk.town.agree(claim)
    follow(desk.town, claim, ("submit_claim", "window"), ("confirm_succession", "reviewer"))
    today = desk.town.time.now().date().isoformat()
    ended = {
        "name": "南通滨江宾馆有限公司",
        "representative": "陈志远",
        "address": "南通市崇川区人民中路88号",
        "phone": "13800000001",
        "dissolved_on": today,
        "reason": "换发代码",
        "effective_on": today,
    }
    desk.front.log_in_again()
    answer = desk.front.correct(exemptions.FIRM, ended)
    assert answer.status_code == 201, answer.text
    assert desk.take(number, "decide", "approver", decision()).status_code == 200


def test_whoever_was_let_off_once_repeats_nothing(desk: Desk) -> None:
    earlier = {"act_on": "2026-08-01", "found_on": "2026-08-01", "address": "南通市崇川区工农路9号"}
    exempted = desk.open("first_offence_exemption", **{**earlier, "violation": "GC004"})
    desk.front.upload("handler1", exempted, "correction_evidence")
    first = {"violation": "GC004", "stage": "at_once", "would_be_fine": "600.00"}
    proposal = {**exemptions.INPUTS["propose_exemption"], **first, "weight": "standard"}
    way = (*exemptions.CORRECTED, ("check_first", "handler1"), ("propose_exemption", "handler1"))
    follow(desk.town, exempted, *way, ("exempt", "approver"), propose_exemption=proposal)
    number = desk.open()
    desk.go(number, *OPINION[:-1])
    again = {"aggravations": ["屡教不改"], "circumstances": "见现场笔录"}
    given = {**INPUTS["propose"], **sentence(weight="heavier"), **again, "departure": "从严"}
    assert "not_repeated" in reasons_of(desk.take(number, "propose", HANDLERS, given))


# --- The end of a licence 注销 ----


def test_a_firm_does_not_die(front: Front, town: Town) -> None:
    licence = town.relative(town.granted(), "licence").number
    front.upload("approver", licence, "ending_proof", "依据.pdf")
    died = {"ground": "被许可的公民死亡或者丧失行为能力", "reason": "登记"}
    answer = front.step("approver", licence, "deregister", died, empty=True)
    assert reasons_of(answer) == ["holder_end_wrong"]
    hotel = apply_to(town, "received", address(4))
    front.upload("window", hotel, "ending_proof", "依据.pdf")
    died = {"ground": "申请人死亡", "evidence": "证明"}
    answer = front.step("window", hotel, "terminate", died, empty=True)
    assert reasons_of(answer) == ["applicant_end_wrong"]


def test_no_force_majeure_takes_a_licence_unheard_or_from_a_check(front: Front, town: Town) -> None:
    granted = town.granted()
    licence = town.relative(granted, "licence").number
    front.upload("approver", licence, "ending_proof", "依据.pdf")
    ended = {"ground": "因不可抗力导致许可事项无法实施", "reason": "登记"}
    # It is decided first, its holder having been heard (许可法7), and that is served.
    answer = front.step("approver", licence, "deregister", ended, empty=True)
    assert reasons_of(answer) == ["ending_not_served"]
    decided = {**usual("licence", "decide_ending"), "ground": ended["ground"]}
    answer = front.step("approver", licence, "decide_ending", decided, empty=True)
    assert "prior_notice_missing" in reasons_of(answer)
    follow(town, licence, *told_before("reviewer"))
    town.broken(granted)
    front.log_in_again()
    answer = front.step("approver", licence, "decide_ending", decided, empty=True)
    assert reasons_of(answer) == ["check_found_broken"]


def test_no_place_bears_the_registered_name_of_another(front: Front, town: Town) -> None:
    number = town.apply(by="applicant2", address=address(9), place_name="南通滨江宾馆有限公司")
    town.attach(number, by="applicant2")
    follow(town, number, ("submit", "applicant2"))
    given = {**ACCEPTED, "name_difference": "招牌名称"}
    assert reasons_of(front.step("window", number, "accept", given)) == ["name_of_another"]


# --- Whose it is 管辖 ----


@pytest.mark.parametrize("bracket", ["（崇川区滨江宾馆分店）", "(崇川区分店)", "崇川区分店"])
def test_a_district_that_is_named_behind_makes_nothing_ours(
    desk: Desk, front: Front, town: Town, bracket: str
) -> None:
    there = f"南通市通州区金沙镇人民路1号{bracket}"
    hotel = apply_to(town, "received", there)
    answer = front.step("window", hotel, "accept", ACCEPTED, empty=True)
    assert reasons_of(answer) == ["jurisdiction_unproved"]
    number = open_lead(town, address=there)
    desk.go(number, ("file", "handler1"))
    answer = front.step(
        "approver", number, "approve_filing", usual("penalty", "approve_filing"), empty=True
    )
    assert reasons_of(answer) == ["designation_missing"]
    here = f"{address(5)}（通州区分店）"
    assert front.step("window", apply_to(town, "received", here), "accept").status_code == 200
