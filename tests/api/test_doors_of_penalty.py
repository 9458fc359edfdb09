"""Doors that stood open before a penalty, walked through over HTTP as an adversary would: without
its legal review, twice for one act, on an empty evidence register.

Each is refused with its code and article, in cases of older versions too; the lawful way goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.parts.legal_review import collect as legal_review
from casework.rules.versions import VersionCache
from state_machines.enforcement.penalty.forms import OTHERWISE, UNPROVED
from tests.support import exemptions, penalties
from tests.support.desk import Desk
from tests.support.exemptions import HANDLERS
from tests.support.former import under_former_versions
from tests.support.front import refused
from tests.support.journeys import address, check_to, follow, usual
from tests.support.licence_penalties import CANCELLING
from tests.support.penalties import (
    CLOSURE,
    DECIDED,
    HEAVY,
    INPUTS,
    NOTIFIED,
    OPINION,
    PUNISHED,
    RECONSIDERED,
    SERVED,
    WARNED,
    WARNING,
    decision,
    fine,
    inputs_of,
    reconsidered,
    sentence,
    spot,
)
from tests.support.rules import add_penalty, set_key
from tests.support.signed import png
from tests.support.town import NOTICE, Town

REVIEW, ONCE, PROVED = (f"《行政处罚法》第{n}条" for n in ("五十八", "二十九", "四十"))
# One hotel, one day, one act: as `another_act` would have it of the first case only.
ACT = {"found_on": "2026-09-01", "act_on": "2026-09-01", "address": "南通市崇川区人民中路88号"}
_WAIVED = (
    *NOTIFIED,
    ("waive_defence", "applicant"),
    ("waive_hearing", "applicant"),
    ("reconsider", "handler1"),
)
_REVIEWED = (("submit_review", "handler1"), ("pass_review", "legal"))
_PANEL = (*(("vote", f"head{n}") for n in (1, 2, 3)), ("conclude_panel", "approver"))
PHOTO = ("现场照片.png", png())


# What was quashed is decided anew for other reasons only (行诉法71).
_ANEW: Mapping[str, Any] = {
    step: {"reasons": "经重新检测，另查明原因和数量"}
    for step in ("propose", "notify", "reconsider", "decide")
}


def _turned_away(
    desk: Desk, number: str, step: str, by: str, code: str, law: str, given: Any = None
) -> str:
    """The step is refused for that one reason, by that article; gives what is said."""
    said = inputs_of(desk.town, number, step, {step: given or {}})
    problem = refused(desk.take(number, step, by, said), 409, "guard-refused")
    assert [one["code"] for one in problem["reasons"]] == [code], problem["reasons"]
    assert law in problem["reasons"][0]["law"]
    return str(problem["reasons"][0]["text"])


def _whole(town: Town, number: str) -> bool:
    with town.session() as session:
        return verify_case(session, town.case(number), VersionCache()) == []


# --- Door 5: no legal review 不经法制审核 ---------------------------------------------------------


def _goods(amount: str) -> dict[str, Any]:
    return {"kind": "没收非法财物", "amount": amount, "days": 0, "detail": "消毒液"}


def _of(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "amount": "", "days": 0, "detail": "", **more}


MAJOR: Mapping[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "停产停业": ((WARNING, CLOSURE), "责令停产停业"),
    "吊销": ((WARNING, CANCELLING), "吊销许可证件"),
    "降级": ((_of("降低资质等级"),), "降低资质等级"),
    "关闭": ((_of("责令关闭"),), "责令关闭"),
    "限制从业": ((_of("限制从业", days=365),), "限制从业"),
    "限制开展生产经营活动": ((_of("限制开展生产经营活动", days=30),), "限制开展生产经营活动"),
    "没收财物五万": ((_goods("50000.00"),), "没收较大数额"),
}


def _said(*measures: dict[str, Any]) -> dict[str, Any]:
    return {
        "propose": {**INPUTS["propose"], **sentence(*measures)},
        "notify": sentence(*measures),
        "reconsider": reconsidered(*measures),
        "decide": decision(*measures, publicity="serious"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", MAJOR)
def test_a_major_measure_is_reviewed_though_no_hearing_was_held(desk: Desk, name: str) -> None:
    measures, told = MAJOR[name]
    with desk.town.session() as session:
        for n, measure in enumerate(measures):
            if measure["kind"] not in ("警告", "罚款"):
                add_penalty(session, "gc004", measure["kind"])
                assert n < 2
    number = desk.open()
    desk.go(number, *_WAIVED, **_said(*measures))
    text = _turned_away(desk, number, "forgo_review", "handler1", "review_compulsory", REVIEW)
    assert told in text
    desk.go(number, *_REVIEWED)
    assert desk.state(number) == "panel_discussion"


@pytest.mark.slow
def test_a_large_fine_is_reviewed_and_a_small_one_need_not_be(desk: Desk) -> None:
    large = {
        "violation": "CR001",
        "basis": "《传染病防治法》第一百零四条第一款第二项",
        "departure": "按裁量基准集体讨论确定",
    }
    for amount, refused_it in (("50000.00", True), ("49999.99", False)):
        inputs = {name: {**said, **large} for name, said in _said(fine(amount)).items()}
        number = desk.open(violation="CR001")
        steps = [one for one in _WAIVED if refused_it or one[0] != "waive_hearing"]
        desk.go(number, *steps, **inputs)
        if refused_it:
            _turned_away(desk, number, "forgo_review", "handler1", "review_compulsory", REVIEW)
        else:
            assert desk.go(number, ("forgo_review", "handler1")) == "panel_discussion"


@pytest.mark.slow
def test_a_complex_case_is_reviewed_however_small(desk: Desk) -> None:
    number = desk.open()
    told = {"reconsider": reconsidered(complex_case=True)}
    desk.go(number, *RECONSIDERED, **told)
    _turned_away(desk, number, "forgo_review", "handler1", "review_compulsory", REVIEW)


@pytest.mark.slow
def test_that_major_measures_are_reviewed_is_a_rule_that_may_be_switched(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_WAIVED, **HEAVY)
    with desk.town.session() as session:
        set_key(session, "review.major_measures", value=False)
    assert desk.go(number, ("forgo_review", "handler1")) == "panel_discussion"


@pytest.mark.slow
def test_a_review_that_was_forgone_before_is_made_up_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that an earlier release let go without is not decided; it is reviewed, and then is."""
    number = desk.open()
    desk.go(number, *_WAIVED, **HEAVY)
    with monkeypatch.context() as before:
        before.setattr(legal_review, "major_measures", lambda *_: ())
        desk.go(number, ("forgo_review", "handler1"), *_PANEL)
    text = _turned_away(
        desk, number, "decide", "approver", "review_left_out", REVIEW, HEAVY["decide"]
    )
    assert "送法制审核" in text
    assert desk.go(number, *_REVIEWED, *_PANEL, ("decide", "approver"), **HEAVY) == "decided"
    assert _whole(desk.town, number)


@pytest.mark.slow
def test_what_is_decided_and_not_what_was_drafted_says_whether_it_is_reviewed(desk: Desk) -> None:
    """Told of a closure, weighed down to a warning without review, and decided with the closure."""
    with desk.town.session() as session:
        set_key(session, "panel.grave_if_heard", value=False)
    number = desk.open()
    inputs = {**HEAVY, "reconsider": reconsidered(WARNING)}
    desk.go(number, *_WAIVED, ("forgo_review", "handler1"), ("forgo_panel", "approver"), **inputs)
    problem = refused(
        desk.take(number, "decide", "approver", HEAVY["decide"]), 409, "guard-refused"
    )
    codes = {one["code"] for one in problem["reasons"]}
    assert codes == {"review_left_out", "gravity_not_discussed"}
    warned = WARNED["decide"]
    assert desk.go(number, ("decide", "approver"), decide=warned) == "decided"


@pytest.mark.slow
def test_a_heavier_notice_after_the_review_is_reviewed_anew(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *RECONSIDERED, ("forgo_review", "handler1"), ("forgo_panel", "approver"))
    told = (("notify", "handler1"), ("serve_notice", "handler1"), *_WAIVED[-3:])
    desk.go(number, *told, **HEAVY)
    _turned_away(desk, number, "forgo_review", "handler1", "review_compulsory", REVIEW)
    assert desk.go(number, *_REVIEWED, *_PANEL, ("decide", "approver"), **HEAVY) == "decided"


# --- Door 12: two fines for one act 一事二罚 ------------------------------------------------------


def _apart(desk: Desk, number: str, former: str, by: str = "handler1", **changes: Any) -> Any:
    """Put down what tells a case apart from another one."""
    desk.front.log_in_again()
    said = {
        "case": former,
        "differs_in": ["时间", "地点"],
        "statement": "先前案件为一号楼客房毛巾，本案为二号楼浴场拖鞋，分别清洗、分别查获",
        **changes,
    }
    return desk.front.post(by, f"/cases/{number}/differences", said)


@pytest.mark.slow
def test_three_fines_for_one_act_of_one_firm(desk: Desk) -> None:
    first, second, third = (desk.open(**ACT) for _ in range(3))
    on_the_spot = desk.open("simple_penalty", **ACT)
    assert desk.go(first, *SERVED) == "served"
    desk.go(second, *OPINION)
    text = _turned_away(desk, second, "notify", "handler1", "act_fined_before", ONCE)
    assert first in text
    assert "说明与先前案件的区别" in text
    desk.go(on_the_spot, PUNISHED[0])
    text = _turned_away(desk, on_the_spot, "punish", HANDLERS, "act_fined_before", ONCE)
    assert "转普通程序" in text
    # A second fine is what is forbidden: a warning may be given.
    assert desk.go(on_the_spot, ("punish", HANDLERS), punish=spot(WARNING)) == "punished"
    assert desk.go(third, *SERVED, **WARNED) == "served"


@pytest.mark.slow
def test_who_files_sees_the_party_s_other_cases(desk: Desk) -> None:
    first = desk.open(**ACT)
    desk.go(first, *SERVED)
    number = desk.open(**ACT)
    other = desk.open(violation="GC003", found_on="2026-08-01", act_on="2026-08-01")
    desk.front.log_in_again()
    seen = desk.front.get("handler1", f"/cases/{number}").json()["other_cases"]
    assert [(one["number"], one["same_act"], one["fined"]) for one in seen] == [
        (other, False, False),
        (first, True, True),
    ]
    told = ("violation", "act_on", "state_label", "decided_on")
    assert [seen[1][name] for name in told] == [
        "未按照规定清洗、消毒、保洁顾客用品用具",
        "2026-09-01",
        "已送达",
        "2026-09-01",
    ]
    assert "罚款人民币1000.00元" in seen[1]["decision"]
    # Not the party, and not another authority.
    desk.go(number, *OPINION[:2])
    assert desk.front.get("applicant", f"/cases/{number}").json()["other_cases"] == []
    refused(desk.front.get("handler1_b", f"/cases/{number}"), 404, "not-found")


@pytest.mark.slow
def test_another_room_of_the_house_is_no_other_place(desk: Desk) -> None:
    first = desk.open(**ACT)
    desk.go(first, *SERVED)
    room = {"found_on": "2026-08-31", "act_on": "2026-08-31", "address": f"{ACT['address']}二楼"}
    number = desk.open(**room)
    desk.go(number, *OPINION)
    text = _turned_away(desk, number, "notify", "handler1", "act_fined_before", ONCE)
    assert first in text


@pytest.mark.slow
def test_a_different_act_is_shown_told_and_reviewed(desk: Desk) -> None:
    first, second = (desk.open(**ACT) for _ in range(2))
    desk.go(first, *SERVED)
    desk.go(second, *OPINION)
    refused(_apart(desk, second, first, by="applicant"), 403, "not-allowed")
    refused(_apart(desk, second, first, statement="不同"), 422, "bad-input")
    wrong = refused(_apart(desk, second, second), 409, "guard-refused")
    assert wrong["reasons"][0]["code"] == "no_such_earlier_case"
    assert _apart(desk, second, first).status_code == 201
    desk.go(second, *RECONSIDERED[len(OPINION) :])
    assert f"本案与{first}号案件不是同一个违法行为（时间、地点不同）" in desk.paper(
        second, "penalty_notice"
    )
    # Whether it is the same act is for the legal review to say.
    _turned_away(desk, second, "forgo_review", "handler1", "review_compulsory", REVIEW)
    desk.go(second, *_REVIEWED, ("forgo_panel", "approver"))
    assert "二号楼浴场拖鞋" in desk.paper(second, "legal_review_opinion")
    assert desk.go(second, ("decide", "approver")) == "decided"
    assert "二号楼浴场拖鞋" in desk.paper(second, "penalty_decision")
    lines = desk.front.get("handler1", f"/cases/{second}/log").json()
    assert "说明与先前案件的区别" in {line["label"] for line in lines}
    assert _whole(desk.town, second)


@pytest.mark.slow
def test_of_two_that_were_told_the_second_is_not_decided(desk: Desk) -> None:
    first, second = (desk.open(**ACT) for _ in range(2))
    for number in (first, second):
        desk.go(number, *DECIDED[:-1])
    assert desk.go(first, ("decide", "approver")) == "decided"
    _turned_away(desk, second, "decide", "approver", "act_fined_before", ONCE)
    # What was never told to the party does not help.
    assert _apart(desk, second, first).status_code == 201
    problem = refused(desk.take(second, "decide", "approver", decision()), 409, "guard-refused")
    codes = {one["code"]: one["text"] for one in problem["reasons"]}
    assert set(codes) == {"difference_not_told", "review_left_out"}
    assert "重新告知" in codes["difference_not_told"]
    again = (("notify", "handler1"), ("serve_notice", "handler1"), *RECONSIDERED[-2:])
    desk.go(second, *again, *_REVIEWED, ("forgo_panel", "approver"))
    assert desk.go(second, ("decide", "approver")) == "decided"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "same"),
    [
        # Another provision of the same day, or found by the same inspection.
        ({"violation": "GC003"}, True),
        ({"violation": "GC003", "act_on": "2026-08-20"}, True),
        # The record of the scene says when it was found, whatever the lead says.
        ({"violation": "GC003", "act_on": "2026-08-20", "found_on": "2026-08-20"}, True),
        (
            {
                "violation": "GC003",
                "act_on": "2026-08-20",
                "found_on": "2026-08-20",
                "address": "南通市崇川区工农路9号",
            },
            False,
        ),
        # The same violation that goes on at the same place, or nobody says where.
        ({"act_on": "2026-08-20", "found_on": "2026-08-20"}, True),
        ({"act_on": "2026-08-20", "found_on": "2026-08-20", "address": ""}, True),
        (
            {
                "act_on": "2026-08-20",
                "found_on": "2026-08-20",
                "address": "南通市崇川区工农路9号",
            },
            False,
        ),
    ],
)
def test_what_is_the_same_act(desk: Desk, changes: dict[str, str], same: bool) -> None:
    desk.go(desk.open(**ACT), *DECIDED)
    number = desk.open("simple_penalty", **{**ACT, **changes})
    desk.go(number, PUNISHED[0])
    given = spot(violation=changes.get("violation", "GC004"))
    if same:
        _turned_away(desk, number, "punish", HANDLERS, "act_fined_before", ONCE, given)
    else:
        answer = desk.take(number, "punish", HANDLERS, given)
        assert answer.status_code == 200, answer.text


@pytest.mark.slow
def test_what_goes_on_after_its_time_to_correct_is_another_act(desk: Desk) -> None:
    first = desk.open(**ACT)
    desk.go(first, *SERVED)  # to be corrected by 11 September
    for day, same in ((date(2026, 9, 11), True), (date(2026, 9, 12), False)):
        desk.town.time.go_to(day)
        number = desk.open("simple_penalty", **ACT | {"found_on": str(day), "act_on": str(day)})
        desk.go(number, PUNISHED[0])
        if same:
            _turned_away(desk, number, "punish", HANDLERS, "act_fined_before", ONCE)
        else:
            assert desk.go(number, ("punish", HANDLERS)) == "punished"


@pytest.mark.slow
def test_what_goes_on_after_it_was_punished_on_the_spot_is_another_act(desk: Desk) -> None:
    desk.go(desk.open("simple_penalty", **ACT), *PUNISHED)
    desk.town.time.go_to(date(2026, 9, 2))
    later = {"found_on": "2026-09-02", "act_on": "2026-09-02"}
    assert desk.go(desk.open("simple_penalty", **ACT | later), *PUNISHED) == "punished"


@pytest.mark.slow
def test_a_fine_that_was_quashed_or_revoked_stands_in_nobody_s_way(desk: Desk) -> None:
    quashed, revoked, number = (desk.open(**ACT) for _ in range(3))
    desk.go(
        quashed, *SERVED, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal")
    )
    desk.go(
        revoked,
        *SERVED,
        ("propose_undoing", "handler1"),
        ("review_undoing", "legal"),
        ("undo_decision", "approver"),
        **_ANEW,
    )
    assert desk.go(number, *DECIDED, **_ANEW) == "decided"


@pytest.mark.slow
def test_a_new_code_is_no_new_party(desk: Desk) -> None:
    town = desk.town
    desk.go(desk.open(**ACT), *DECIDED)
    new = town.register("91320602MA1W01000L")
    claim = town.claim(exemptions.FIRM, new)
    town.agree(claim)
    number = desk.open("simple_penalty", party=new, **ACT)
    desk.go(number, PUNISHED[0])
    follow(town, claim, ("submit_claim", "window"), ("confirm_succession", "reviewer"))
    _turned_away(desk, number, "punish", HANDLERS, "act_fined_before", ONCE)


@pytest.mark.slow
def test_of_another_authority_s_fine_no_more_than_its_number_is_told(desk: Desk) -> None:
    town, front = desk.town, desk.front
    data = penalties.lead(**ACT)
    data.pop("filed_on")
    body = {"process": "simple_penalty", "data": data, "party": exemptions.FIRM}
    theirs = front.post("handler1_b", "/cases", body).json()["number"]
    for step in ("record_scene", "punish"):
        town.take(theirs, step, "handler1_b+handler2_b", INPUTS[step])
    number = desk.open(**ACT)
    desk.go(number, *OPINION)
    text = _turned_away(desk, number, "notify", "handler1", "act_fined_before", ONCE)
    assert f"（{theirs}，南通市通州区卫生健康委员会）" in text
    [seen] = front.get("handler1", f"/cases/{number}").json()["other_cases"]
    assert (seen["number"], seen["authority"]) == (theirs, "南通市通州区卫生健康委员会")
    assert {seen[name] for name in ("violation", "state_label", "decision")} == {""}
    assert _apart(desk, number, theirs).status_code == 201
    assert desk.go(number, ("notify", "handler1")) == "notice_issued"


@pytest.mark.slow
def test_an_act_that_was_let_off_is_not_punished(desk: Desk) -> None:
    exempted = desk.open("first_offence_exemption", **ACT)
    desk.front.upload("handler1", exempted, "correction_evidence")
    follow(desk.town, exempted, *exemptions.WAYS["exempted"])
    number, on_the_spot = desk.open(**ACT), desk.open("simple_penalty", **ACT)
    desk.go(number, *OPINION)
    text = _turned_away(
        desk, number, "notify", "handler1", "act_exempted_before", "第三十三条", sentence(WARNING)
    )
    assert exempted in text
    desk.go(on_the_spot, PUNISHED[0])
    _turned_away(
        desk, on_the_spot, "punish", HANDLERS, "act_exempted_before", "第三十三条", spot(WARNING)
    )
    released = desk.open(found_on="2026-08-30", act_on="2026-08-30")
    desk.go(released, *RECONSIDERED, ("release", "approver"))
    again = desk.open(found_on="2026-08-30", act_on="2026-08-30")
    desk.go(again, *OPINION)
    _turned_away(desk, again, "notify", "handler1", "act_exempted_before", "第三十三条")


@pytest.mark.slow
def test_what_was_not_proved_may_be_punished_once_it_is(desk: Desk) -> None:
    unproven = desk.open("first_offence_exemption", **ACT)
    follow(
        desk.town,
        unproven,
        *exemptions.WAYS["investigating"],
        ("investigate", HANDLERS),
        ("check_other", "handler1"),
        ("propose_exemption", "handler1"),
        ("exempt", "approver"),
    )
    released = desk.open(**ACT)
    ground = {**INPUTS["release"], "ground": "违法事实不能成立（第五十七条第一款第三项）"}
    desk.go(released, *RECONSIDERED, ("release", "approver"), release=ground)
    assert desk.go(desk.open(**ACT), *DECIDED) == "decided"


@pytest.mark.slow
def test_a_check_refers_no_act_that_was_fined(desk: Desk) -> None:
    town = desk.town
    check = check_to(town, town.granted(address=address(1)), "revoked")
    today = town.time.now().date().isoformat()
    act = {**ACT, "violation": "GC001", "found_on": today, "act_on": today}
    fined = desk.open("simple_penalty", **act)
    desk.go(fined, *PUNISHED, punish=spot(fine("2000.00"), violation="GC001"))
    referral = {**usual("commitment_check", "refer_penalty"), "found_on": today, "act_on": today}
    text = _turned_away(
        desk, check, "refer_penalty", "inspector1", "act_fined_before", ONCE, referral
    )
    assert fined in text
    assert _apart(desk, check, fined, by="inspector1").status_code == 201
    assert desk.take(check, "refer_penalty", "inspector1", referral).status_code == 200
    # What told them apart in the check does so in the penalty.
    penalty = town.relative(check, "penalty").number
    seen = desk.front.get("handler1", f"/cases/{penalty}").json()["other_cases"]
    assert [bool(one["apart"]) for one in seen if one["number"] == fined] == [True]


@pytest.mark.slow
def test_older_versions_fine_no_act_twice_either(desk: Desk) -> None:
    with under_former_versions(desk.town):
        told, on_the_spot, first = (
            desk.open(**ACT),
            desk.open("simple_penalty", **ACT),
            desk.open(**ACT),
        )
    assert desk.go(first, *DECIDED) == "decided"
    desk.go(told, *OPINION)
    _turned_away(desk, told, "notify", "handler1", "act_fined_before", ONCE)
    desk.go(on_the_spot, PUNISHED[0])
    _turned_away(desk, on_the_spot, "punish", HANDLERS, "act_fined_before", ONCE)
    assert _apart(desk, told, first).status_code == 201
    desk.go(told, *RECONSIDERED[len(OPINION) :], *_REVIEWED, ("forgo_panel", "approver"))
    assert desk.go(told, ("decide", "approver")) == "decided"
    assert _whole(desk.town, told)


@pytest.mark.parametrize("former", [False, True])
def test_a_day_of_discovery_before_the_record_makes_no_other_act(desk: Desk, former: bool) -> None:
    """Another provision, day and address, made up for what one inspection found."""
    rigged = {"violation": "GC003", "found_on": "2026-08-11", "act_on": "2026-08-11"}
    first = desk.open(**ACT)
    if former:
        with under_former_versions(desk.town):
            second = desk.open(**{**ACT, **rigged})
            third = desk.open(**{**ACT, **rigged, "address": "南通市崇川区人民中路90号"})
    else:
        second = desk.open(**{**ACT, **rigged})
        third = desk.open(**{**ACT, **rigged, "address": "南通市崇川区人民中路90号"})
    desk.go(first, *DECIDED)
    said = {"violation": "GC003"}
    inputs = {"propose": {**INPUTS["propose"], **said}, "notify": said}
    # The record of the scene names the place that was inspected.
    seen = {"record_scene": {"place": f"{ACT['address']}洗消间"}}
    for number in (second, third):
        desk.go(number, *OPINION, **inputs, **seen)
        _turned_away(desk, number, "notify", "handler1", "act_fined_before", ONCE, said)


def test_a_fine_that_a_court_revives_does_not_stand_beside_another(desk: Desk) -> None:
    first, second = (desk.open(**ACT) for _ in range(2))
    quashed = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    assert desk.go(first, *SERVED, *quashed) == "exec_ended"
    assert desk.go(second, *SERVED, ("record_payment", "handler1"), **_ANEW) == "paid"
    restored = {
        "measures": desk.town.case(first).data["decide"]["measures"],
        "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
    }
    sued = (("file_litigation", "legal"), ("record_judgment", "legal"), ("appeal", "legal"))
    back = {"vary_by_litigation": restored}
    assert desk.go(first, *sued, ("vary_by_litigation", "legal"), **back) == "served"
    desk.front.log_in_again()
    for who in ("approver", "supervisor", "handler1"):
        told = desk.front.get(who, "/notices").json()
        assert any(one["subject"] == f"同一违法行为有两项罚款：{first}" for one in told)
    penalties.correct(desk.town, second)
    text = _turned_away(desk, second, "close", "handler1", "act_fined_twice", ONCE)
    assert first in text
    desk.wait(first, days=18)
    assert desk.state(first) == "overdue"
    _turned_away(desk, first, "urge", "handler1", "act_fined_twice", ONCE)
    # One of the two falls, and the other goes on.
    undone = (("propose_undoing", "handler1"), ("review_undoing", "legal"))
    desk.go(second, *undone, ("undo_decision", "approver"))
    assert desk.go(first, ("urge", "handler1")) == "urging_issued"


# --- Door 25: an empty evidence register 没有证据 -------------------------------------------------


def _item(**changes: Any) -> dict[str, Any]:
    """A record on paper that two officers made."""
    return {
        "kind": "勘验笔录、现场笔录",
        "title": "现场笔录",
        "origin": "执法人员收集、调取",
        "collectors": ["handler1", "handler2"],
        "collected_on": "2026-09-01",
        "place": "南通滨江宾馆洗消间",
        "proves": "毛巾未按规定清洗消毒",
        "storage": "本案卷",
        **changes,
    }


def _register(
    desk: Desk, number: str, by: str = "handler1", *, file: bool = True, **changes: Any
) -> int:
    desk.front.log_in_again()
    day = {"collected_on": desk.town.time.now().date().isoformat()}
    body = {"item": json.dumps(_item(**{**day, **changes}))}
    files = {"file": PHOTO} if file else None
    answer = desk.front.ask(by, "POST", f"/cases/{number}/evidence", data=body, files=files)
    assert answer.status_code == 201, answer.text
    n: int = answer.json()["n"]
    return n


def _withdraw(desk: Desk, number: str, n: int, by: str = "handler1") -> None:
    said = {"replaces": 1, "reason": "与本案无关"}
    answer = desk.front.post(by, f"/cases/{number}/evidence/{n}/withdrawals", said)
    assert answer.status_code == 201, answer.text


UNREGISTERED = tuple(one for one in OPINION if one[0] != "record_scene")
_BARE = {"facts": "毛巾未按规定清洗消毒"}


def _codes(desk: Desk, number: str, step: str, by: str, given: Any = None) -> list[str]:
    said = inputs_of(desk.town, number, step, {step: given or {}})
    problem = refused(desk.take(number, step, by, said), 409, "guard-refused")
    assert all(PROVED in one["law"] or "许可法" in one["law"] for one in problem["reasons"])
    return [one["code"] for one in problem["reasons"]]


@pytest.mark.slow
@pytest.mark.parametrize("former", [False, True])
def test_nothing_is_told_reviewed_or_decided_on_an_empty_register(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *UNREGISTERED)
    empty = ["evidence_missing", "evidence_not_registered"]
    assert _codes(desk, number, "notify", "handler1") == empty
    # A photograph is no record of what was seen or said.
    photo = _register(desk, number, kind="视听资料", title="现场笔录照片")
    assert _codes(desk, number, "notify", "handler1") == ["evidence_missing"]
    _withdraw(desk, number, photo)
    # Nor is one that nobody can read.
    untold = _register(desk, number, file=False, description="见卷")
    assert _codes(desk, number, "notify", "handler1") == ["evidence_missing"]
    _withdraw(desk, number, untold)
    record = _register(desk, number)
    desk.go(number, *RECONSIDERED[len(OPINION) :])
    _withdraw(desk, number, record)
    assert _codes(desk, number, "submit_review", "handler1") == empty
    record = _register(desk, number)
    desk.go(number, ("submit_review", "handler1"))
    _withdraw(desk, number, record)
    assert _codes(desk, number, "pass_review", "legal") == empty
    record = _register(desk, number)
    desk.go(number, ("pass_review", "legal"), ("forgo_panel", "approver"))
    _withdraw(desk, number, record)
    assert set(empty) <= set(_codes_of(desk, number))
    _register(desk, number)
    # The party was told on other evidence, and the review saw another: both come anew.
    seen = [] if former else ["evidence_changed"]
    assert _codes_of(desk, number) == [*seen, "evidence_not_told"]
    desk.go(number, ("notify", "handler1"), *RECONSIDERED[len(OPINION) + 1 :])
    desk.go(number, *_REVIEWED, ("forgo_panel", "approver"))
    assert desk.go(number, ("decide", "approver")) == "decided"
    assert _whole(desk.town, number)


def _codes_of(desk: Desk, number: str) -> list[str]:
    problem = refused(desk.take(number, "decide", "approver", decision()), 409, "guard-refused")
    return [one["code"] for one in problem["reasons"]]


@pytest.mark.slow
def test_what_is_cited_is_registered_by_its_name(desk: Desk) -> None:
    number = desk.open(**ACT)
    listed = {**INPUTS["close_investigation"]}
    listed["evidence"] = [*listed["evidence"], {"item": "ATP 检测报告", "proves": "未消毒"}]
    desk.go(number, *OPINION, close_investigation=listed)
    cited = {**sentence(), "facts": "毛巾未消毒，有现场笔录、询问笔录和ATP检测报告为证"}
    text = _turned_away(
        desk, number, "notify", "handler1", "evidence_not_registered", PROVED, cited
    )
    assert "ATP 检测报告、询问笔录。" in text
    _register(desk, number, kind="鉴定意见", title="ATP检测报告（2026-33号）")
    text = _turned_away(
        desk, number, "notify", "handler1", "evidence_not_registered", PROVED, cited
    )
    assert text.startswith("引用的证据没有登记：询问笔录。")
    _register(desk, number, kind="当事人陈述", title="李敏询问笔录")
    assert desk.go(number, ("notify", "handler1"), notify=cited) == "notice_issued"
    # The notice lists what the register has.
    paper = desk.paper(number, "penalty_notice")
    for title in ("现场笔录（", "ATP检测报告（2026-33号）（", "李敏询问笔录（"):
        assert title in paper


@pytest.mark.parametrize("title", ["录", "记录"])
def test_a_scrap_of_its_name_is_not_the_record(desk: Desk, title: str) -> None:
    number = desk.open(**ACT)
    desk.go(number, *UNREGISTERED)
    _register(desk, number, kind="当事人陈述", title=title)
    cited = {"facts": "毛巾未按规定清洗消毒，有现场笔录为证"}
    assert "evidence_not_registered" in _codes(desk, number, "notify", "handler1", cited)


def test_a_scrap_of_a_title_is_no_citation(desk: Desk) -> None:
    number = desk.open(**ACT)
    listed = {**INPUTS["close_investigation"]}
    listed["evidence"] = [*listed["evidence"], {"item": "笔录", "proves": "未消毒"}]
    desk.go(number, *OPINION, close_investigation=listed)
    text = _turned_away(
        desk, number, "notify", "handler1", "evidence_not_registered", PROVED, sentence()
    )
    assert text.startswith("引用的证据没有登记：笔录。")


@pytest.mark.slow
@pytest.mark.parametrize(
    "measure",
    [
        {**WARNING, "detail": "并责令整个宾馆停业三十日，吊销卫生许可证"},
        {**WARNING, "detail": "限期内不得营业"},
        {**fine("600.00"), "detail": "另处没收"},
        _of("责令停产停业", days=3, detail="并吊销卫生许可证"),
    ],
)
def test_no_penalty_hides_in_the_words_of_another(desk: Desk, measure: dict[str, Any]) -> None:
    """It would be heard by nobody and reviewed by nobody."""
    number = desk.open(**ACT)
    desk.go(number, *OPINION)
    given = {**sentence(measure), "facts": _BARE["facts"]}
    desk.refused(number, "notify", "handler1", given, "detail_adds_penalty")
    spot = desk.open("simple_penalty", **{**ACT, "found_on": "2026-08-20", "act_on": "2026-08-20"})
    desk.go(spot, PUNISHED[0])
    desk.refused(spot, "punish", HANDLERS, penalties.spot(measure), "detail_adds_penalty")


@pytest.mark.slow
def test_what_is_done_after_a_release_was_served_is_another_act(desk: Desk) -> None:
    let_off = desk.open(**ACT)
    without_order = tuple(one for one in OPINION if one[0] != "order_correction")
    desk.go(let_off, *without_order, ("release", "approver"), ("serve_release", "handler1"))
    desk.town.time.go_to(date(2026, 11, 2))
    desk.front.log_in_again()
    again = desk.open(**ACT | {"found_on": "2026-11-02", "act_on": "2026-11-02"})
    assert desk.go(again, *OPINION, ("notify", "handler1")) == "notice_issued"


@pytest.mark.slow
def test_what_a_party_refused_to_say_is_a_record(desk: Desk) -> None:
    number = desk.open(**ACT)
    desk.go(number, *UNREGISTERED, close_investigation={"evidence": [
        {"item": "拒绝接受询问的记录", "proves": "当事人拒绝陈述"}
    ]})  # fmt: skip
    _register(desk, number, kind="当事人陈述", title="拒绝接受询问的记录")
    assert desk.go(number, ("notify", "handler1"), notify=_BARE) == "notice_issued"


@pytest.mark.parametrize("former", [False, True])
def test_nobody_is_punished_on_the_spot_without_a_record(desk: Desk, former: bool) -> None:
    number = desk.open("simple_penalty", **ACT, former=former)
    empty = ["evidence_missing", "evidence_not_registered"]
    assert _codes(desk, number, "punish", HANDLERS) == empty
    plain = {**_BARE, "proof": "当事人的陈述"}
    assert _codes(desk, number, "punish", HANDLERS, plain) == empty[:1]
    assert desk.go(number, *PUNISHED) == "punished"


def test_nobody_is_let_off_without_a_record(desk: Desk) -> None:
    number = desk.open("first_offence_exemption", **ACT)
    desk.front.upload("handler1", number, "correction_evidence")
    steps = [one for one in exemptions.WAYS["exemption_review"] if one[0] != "record_scene"]
    follow(desk.town, number, *steps[:-1])
    said = exemptions.PROPOSAL
    empty = ["evidence_missing", "evidence_not_registered"]
    assert _said_of(desk, number, "propose_exemption", "handler1", said) == empty
    record = _register(desk, number)
    follow(desk.town, number, steps[-1])
    _withdraw(desk, number, record)
    opinion = exemptions.INPUTS["exempt"]
    assert _said_of(desk, number, "exempt", "approver", opinion) == empty
    _register(desk, number)
    follow(desk.town, number, ("exempt", "approver"))


def _said_of(desk: Desk, number: str, step: str, by: str, given: Any) -> list[str]:
    problem = refused(desk.take(number, step, by, given), 409, "guard-refused")
    return [one["code"] for one in problem["reasons"]]


def test_what_a_check_found_is_evidence_by_itself(desk: Desk) -> None:
    town = desk.town
    check = check_to(town, town.granted(address=address(1)), "revoked")
    items = desk.front.get("inspector1", f"/cases/{check}/evidence").json()
    assert [(one["title"], one["kind"]) for one in items] == [
        ("现场核查记录", "勘验笔录、现场笔录")
    ] * 2


@pytest.mark.slow
@pytest.mark.parametrize("former", [False, True])
def test_nobody_is_released_on_an_empty_register(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *UNREGISTERED)
    empty = ["evidence_missing", "evidence_not_registered"]
    assert _codes(desk, number, "release", "approver") == empty
    # What cannot be proved rests on no proof.
    unproved = {"release": {**INPUTS["release"], "ground": UNPROVED}}
    assert desk.go(number, ("release", "approver"), **unproved) == "not_punished"


@pytest.mark.slow
def test_no_licence_is_revoked_on_an_empty_register(desk: Desk) -> None:
    town = desk.town
    with under_former_versions(town):
        number = town.granted(address=address(1))
    check = check_to(town, number, "broken")
    for look in (1, 2):  # what either look registered, in every version
        _withdraw_by(desk, check, look)
    assert _codes(desk, check, "notify_revocation", "inspector1", NOTICE) == ["evidence_missing"]
    both = {"collectors": ["inspector1", "inspector2"]}
    record = _register(desk, check, "inspector1", title="现场核查记录", **both)
    follow(
        town, check, ("notify_revocation", "inspector1+inspector2"), ("serve_notice", "inspector1")
    )
    town.time.pass_(days=20)
    _withdraw_by(desk, check, record)
    considered = {"defence_considered": "未提出"}
    said = _said_of(desk, check, "submit_review", "inspector1", considered)
    assert said == ["evidence_missing"]
    record = _register(desk, check, "inspector1", title="现场核查记录", **both)
    follow(town, check, ("submit_review", "inspector1"), ("pass_review", "legal"))
    _withdraw_by(desk, check, record)
    assert "evidence_missing" in _said_of(desk, check, "revoke", "approver", NOTICE)
    _register(desk, check, "inspector1", title="现场核查记录", **both)
    follow(town, check, ("submit_review", "inspector1"), ("pass_review", "legal"))
    # What came after the notice is told first.
    assert _said_of(desk, check, "revoke", "approver", NOTICE) == ["evidence_not_told"]
    follow(
        town, check, ("notify_revocation", "inspector1+inspector2"), ("serve_notice", "inspector1")
    )
    town.time.pass_(days=20)
    follow(town, check, ("submit_review", "inspector1"), ("pass_review", "legal"))
    follow(town, check, ("revoke", "approver"))
    assert town.case(check).state == "revoked"


def _withdraw_by(desk: Desk, number: str, n: int) -> None:
    desk.front.log_in_again()
    _withdraw(desk, number, n, by="inspector1")


@pytest.mark.slow
def test_what_comes_over_from_another_case_comes_with_its_evidence(desk: Desk) -> None:
    number = desk.open("simple_penalty", **ACT)
    desk.go(number, PUNISHED[0], ("refer", "handler1"))
    penalty = desk.town.relative(number, "penalty").number
    desk.go(penalty, *UNREGISTERED)
    assert desk.go(penalty, ("notify", "handler1")) == "notice_issued"
    notice = desk.paper(penalty, "penalty_notice")
    assert "现场笔录（" in notice
    assert "，证明公共用品用具未经消毒" in notice


# --- A party that is no more, a first offence 当事人终止、初次违法 --------------------------------


GONE = {"ground": "当事人终止且没有权利义务承受人", "evidence": "注销登记证明"}


@pytest.mark.slow
@pytest.mark.parametrize("process", ["penalty", "first_offence_exemption"])
@pytest.mark.parametrize("former", [False, True])
def test_no_case_ends_on_the_word_that_its_party_is_gone(
    desk: Desk, process: str, former: bool
) -> None:
    number = desk.open(process, former=former)
    desk.go(number, *OPINION[:2])
    _turned_away(desk, number, "terminate", "approver", "party_end_unproved", "第四十条", GONE)
    # No record of what was done says that whoever did it is gone.
    desk.register(number, "检查现场的录像")
    scene = {**GONE, "evidence": "检查现场的录像"}
    _turned_away(desk, number, "terminate", "approver", "party_end_unproved", "第四十条", scene)
    desk.register(number, "注销登记证明")
    # A scrap of its name is not the paper.
    bare = {**GONE, "evidence": "证明"}
    _turned_away(desk, number, "terminate", "approver", "party_end_unproved", "第四十条", bare)
    assert desk.take(number, "terminate", "approver", GONE).json()["state"] == "terminated"
    assert _whole(desk.town, number)


@pytest.mark.slow
def test_a_party_that_goes_on_under_another_code_is_not_gone(desk: Desk) -> None:
    town = desk.town
    number = desk.open()
    desk.go(number, *OPINION[:2])
    desk.register(number, "注销登记证明")
    claim = town.claim(exemptions.FIRM, town.register("91320602MA1W01000L"))
    town.agree(claim)
    follow(town, claim, ("submit_claim", "window"), ("confirm_succession", "reviewer"))
    text = _turned_away(desk, number, "terminate", "approver", "party_goes_on", "第六十七条", GONE)
    assert "主体代码变更" in text


def _otherwise(article: str, **more: Any) -> dict[str, Any]:
    return {**INPUTS["release"], "ground": OTHERWISE, "article": article, **more}


FIRST = "第三十三条第一款（初次违法且危害后果轻微并及时改正）"


@pytest.mark.slow
@pytest.mark.parametrize("former", [False, True])
def test_nobody_is_released_as_a_first_offender_without_looking_back(
    desk: Desk, former: bool
) -> None:
    fined = desk.open("simple_penalty", **ACT)
    desk.go(fined, *PUNISHED)
    number = desk.open(former=former)
    desk.go(number, *RECONSIDERED)

    def refusal(code: str, law: str, given: dict[str, Any]) -> str:
        return _turned_away(desk, number, "release", "approver", code, law, given)

    refusal("release_article_missing", "第五十七条", _otherwise(""))
    text = refusal("not_first", "第三十三条", _otherwise(FIRST))
    assert fined in text
    assert desk.town.case(number).state == "reconsidered"


@pytest.mark.slow
def test_a_first_offence_was_corrected_and_is_remembered(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *RECONSIDERED)
    _turned_away(
        desk, number, "release", "approver", "not_corrected", "第三十三条", _otherwise(FIRST)
    )
    corrected = desk.open()
    desk.go(corrected, *RECONSIDERED)
    desk.go(desk.town.relative(corrected, "correction").number, ("recheck", HANDLERS))
    given = _otherwise(FIRST)
    answer = desk.take(corrected, "release", "approver", given)
    assert answer.status_code == 200, answer.text
    # It is none a second time.
    text = _turned_away(desk, number, "release", "approver", "not_first", "第三十三条", given)
    assert corrected in text


OTHER_ARTICLES = {
    "a firm is no child": ("第三十条（不满十四周岁）", "no_natural_person", "第三十条"),
    "nor out of its mind": (
        "第三十一条（不能辨认或者不能控制自己行为）",
        "no_natural_person",
        "第三十一条",
    ),
    "not so long ago": ("第三十六条（超过追责期限）", "not_time_barred", "第三十六条"),
    "without a proof": (
        "第三十三条第二款（有证据足以证明没有主观过错）",
        "release_unproved",
        "第三十三条",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHER_ARTICLES)
def test_each_article_of_a_release_is_what_the_file_has(desk: Desk, name: str) -> None:
    article, code, law = OTHER_ARTICLES[name]
    number = desk.open()
    desk.go(number, *RECONSIDERED)
    given = _otherwise(article, facts="当事人称并不知情")
    _turned_away(desk, number, "release", "approver", code, law, given)


def test_what_is_barred_as_it_is_named_at_last_is_not_told(desk: Desk) -> None:
    """Five years are for harm to life and health; told as what knows two, it is too late."""
    known = {"act_on": "2023-10-01", "found_on": "2026-09-01", "harmed": True}
    number = desk.open(violation="CR001", **known)
    desk.register(number, "医院诊断证明")
    desk.go(number, *OPINION[:-1])
    other = {"violation": "GC004", "basis": penalties.basis_of("GC004")}
    given = {**INPUTS["propose"], **other}
    desk.refused(number, "propose", HANDLERS, given, "time_barred")


def test_who_is_asked_to_stand_aside_punishes_nobody_on_the_spot(desk: Desk) -> None:
    """The head decides on that (处罚法43), and the case goes the ordinary way."""
    number = desk.open("simple_penalty", **ACT)
    desk.go(number, PUNISHED[0], record_scene={"recusal": "申请回避"})
    desk.refused(number, "punish", HANDLERS, spot(), "recusal_asked_on_the_spot")
    desk.go(number, ("refer", "handler1"))


def test_what_was_found_days_ago_is_not_punished_on_the_spot(desk: Desk, town: Town) -> None:
    number = desk.open("simple_penalty", **ACT)
    desk.go(number, PUNISHED[0])
    town.time.pass_(days=30)
    desk.front.log_in_again()
    desk.refused(number, "punish", HANDLERS, spot(), "spot_is_over")
    assert desk.go(number, ("refer", "handler1")) == "referred"
