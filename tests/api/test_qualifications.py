"""Qualifications that follow from the file (情形、等次), walked over HTTP by somebody who would
choose them: what is not proved is refused with its article, in cases of older versions too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from casework.enforcement.exemption import door as exemption_door
from tests.support import exemptions
from tests.support.desk import Desk
from tests.support.exemptions import HANDLERS, results
from tests.support.front import refused
from tests.support.licence_penalties import CANCELLING
from tests.support.penalties import (
    CLOSURE,
    DECIDED,
    FACTS,
    FAILED,
    GRAVE,
    HEAVY,
    INPUTS,
    NOTIFIED,
    OPINION,
    PROVED_BY,
    PUNISHED,
    RECONSIDERED,
    SERVED,
    UNCORRECTED,
    VARIED,
    WARNED,
    WARNING,
    decision,
    fine,
    inputs_of,
    reconsidered,
    sentence,
    spot,
)
from tests.support.rules import add_penalty, set_articles, set_key

PROVED = "第四十条"
_INVESTIGATED = OPINION[:-1]


def _refusals(desk: Desk, number: str, step: str, by: str, given: Any) -> dict[str, dict[str, str]]:
    said = {**inputs_of(desk.town, number, step, {}), **given}
    problem = refused(desk.take(number, step, by, said), 409, "guard-refused")
    return {one["code"]: one for one in problem["reasons"]}


def _proposed(desk: Desk, number: str, *measures: dict[str, Any], **changes: Any) -> Any:
    """What is refused of an opinion, by code."""
    given = {**INPUTS["propose"], **sentence(*measures, **changes)}
    return _refusals(desk, number, "propose", HANDLERS, given)


def _order(desk: Desk, number: str, step: str, **changes: Any) -> Any:
    """A step of the order to correct that a penalty gave."""
    order = desk.town.relative(number, "correction").number
    return desk.take(order, step, HANDLERS, {**INPUTS[step], **changes})


_Way = Callable[[Desk, str], Any]


def _no_order(desk: Desk, number: str) -> None:
    desk.go(number, *(one for one in _INVESTIGATED if one[0] != "order_correction"))


def _not_served(desk: Desk, number: str) -> None:
    desk.go(number, *_INVESTIGATED)
    desk.wait(number, days=11)
    assert _order(desk, number, "find_not_corrected").status_code == 200


def _refused_at_once(desk: Desk, number: str) -> None:
    """As one may have been found before a record of it was asked for."""
    desk.go(number, *_INVESTIGATED, ("serve_order", "handler1"))
    with pytest.MonkeyPatch.context() as before:
        before.setattr(exemption_door, "refusals", lambda _act: [])
        assert _order(desk, number, "find_not_corrected", refused=True).status_code == 200


def _refused_without_a_record(desk: Desk, number: str) -> None:
    _refused_at_once(desk, number)
    desk.wait(number, days=11)


def _served_too_late(desk: Desk, number: str) -> None:
    desk.go(number, *_INVESTIGATED)
    desk.wait(number, days=11)
    desk.go(number, ("serve_order", "handler1"))
    assert _order(desk, number, "find_not_corrected").status_code == 200


def _not_rechecked(desk: Desk, number: str) -> None:
    desk.go(number, *_INVESTIGATED, ("serve_order", "handler1"))
    desk.wait(number, days=11)


def _corrected(desk: Desk, number: str) -> None:
    desk.go(number, *_INVESTIGATED, ("serve_order", "handler1"))
    assert _order(desk, number, "recheck").status_code == 200
    desk.wait(number, days=11)


UNPROVED: dict[str, tuple[_Way, str]] = {
    "没有责令改正": (_no_order, "没有责令改正"),
    "没有送达": (_not_served, "没有送达"),
    "当日拒绝": (_refused_at_once, "尚未届满"),
    "拒绝没有证据": (_refused_without_a_record, "拒绝改正的证据"),
    "届满后送达": (_served_too_late, "届满后才送达"),
    "没有复查": (_not_rechecked, "没有复查"),
    "已经改正": (_corrected, "没有复查"),
}


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("name", UNPROVED)
def test_not_corrected_in_time_is_what_the_file_proves(desk: Desk, name: str, former: bool) -> None:
    way, told = UNPROVED[name]
    number = desk.open(former=former)
    way(desk, number)
    found = _proposed(desk, number, WARNING, fine("11000.00"), **FAILED)
    assert told in found["not_proved_uncorrected"]["text"]
    assert PROVED in found["not_proved_uncorrected"]["law"]
    assert list(found) == ["not_proved_uncorrected"]
    # As a circumstance it is not proved either.
    unmended = {"aggravations": ["责令改正后逾期不改正"], "circumstances": "未改"}
    assert "not_failed_to_correct" in _proposed(
        desk, number, WARNING, fine("1800.00"), weight="heavier", **unmended
    )


@pytest.mark.parametrize("former", [False, True])
def test_an_order_that_was_served_and_ran_out_proves_it(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *UNCORRECTED)
    # Whoever is milder says why.
    assert list(_proposed(desk, number, WARNING, fine())) == ["milder_stage_without_reason"]
    failed = {**sentence(WARNING, fine("11000.00")), **FAILED}
    desk.go(number, ("propose", HANDLERS), propose={**INPUTS["propose"], **failed})
    desk.go(number, ("notify", "handler1"), notify=failed)
    assert "（逾期不改正）" in desk.paper(number, "penalty_notice")


@pytest.mark.parametrize("former", [False, True])
def test_the_second_range_wants_what_else_the_law_asks_for(desk: Desk, former: bool) -> None:
    """细则36: the place fails its standard besides, as a report says that the notice tells of."""
    number = desk.open(former=former)
    desk.go(number, *UNCORRECTED[:-2])
    order = desk.town.relative(number, "correction").number
    desk.register(number, "当事人拒绝改正的记录")
    given = inputs_of(desk.town, order, "find_not_corrected", {})
    assert desk.take(order, "find_not_corrected", HANDLERS, given).status_code == 200
    desk.go(number, UNCORRECTED[-1])
    plain, measures = {**FAILED, "facts": FACTS}, (WARNING, fine("11000.00"))
    for said in (plain, FAILED):
        found = _proposed(desk, number, *measures, **said)
        assert list(found) == ["finding_not_proved"]
        assert "第三十六条" in found["finding_not_proved"]["law"]
    # A photograph of that name is no report.
    desk.register(number, "卫生检测报告", kind="视听资料")
    assert list(_proposed(desk, number, *measures, **FAILED)) == ["finding_not_proved"]
    desk.register(number, "卫生检测报告", kind="书证", origin="鉴定、检测机构出具")
    assert list(_proposed(desk, number, *measures, **plain)) == ["finding_not_proved"]
    failed = {**sentence(*measures), **FAILED}
    desk.go(number, ("propose", HANDLERS), propose={**INPUTS["propose"], **failed})
    told = _refusals(desk, number, "notify", "handler1", {**failed, "facts": FACTS})
    assert list(told) == ["finding_not_proved"]
    desk.go(number, ("notify", "handler1"), notify=failed)


def test_a_refusal_that_is_on_record_proves_it_when_the_day_is_over(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATED[:-1], ("record_scene", HANDLERS))
    desk.go(number, ("serve_order", "handler1"), _INVESTIGATED[-1])
    for paper in PROVED_BY["find_not_corrected"]:
        desk.register(number, paper, kind="书证")
    assert _order(desk, number, "find_not_corrected", refused=True).status_code == 200
    desk.wait(number, days=11)
    given = {**INPUTS["propose"], **sentence(fine("11000.00")), **FAILED}
    assert desk.go(number, ("propose", HANDLERS), propose=given) == "opinion"


def test_an_order_is_served_with_its_proof_and_once(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATED[:-2])
    given = INPUTS["serve_order"]
    assert "nothing_waits" in _refusals(desk, number, "serve_order", "handler1", given)
    desk.go(number, _INVESTIGATED[-2])
    unsigned = {**given, "signed": False}
    assert "not_signed" in _refusals(desk, number, "serve_order", "handler1", unsigned)
    early = (desk.town.time.now().date() - timedelta(days=1)).isoformat()
    assert "served_earlier" in _refusals(desk, number, "serve_order", "handler1", {"on": early})
    desk.go(number, ("serve_order", "handler1"))
    assert "nothing_waits" in _refusals(desk, number, "serve_order", "handler1", given)
    assert "责令改正通知书" in desk.paper(number, "service_receipt")


def test_what_an_exemption_ordered_counts_once_it_was_served(desk: Desk) -> None:
    for served in (False, True):
        number = desk.open("first_offence_exemption", violation="GC004")
        given = {
            "order_correction": {
                "until": (desk.town.time.now().date() + timedelta(days=5)).isoformat()
            },
            "find_not_corrected": {"results": results(met=False), "refused": False},
        }
        way = (
            ("file", "handler1"),
            ("approve_filing", "approver"),
            ("record_scene", HANDLERS),
            ("investigate", HANDLERS),
            ("order_correction", "handler1"),
            *((("serve_order", "handler1"),) if served else ()),
        )
        desk.go(number, *way, **given)
        desk.wait(number, days=6)
        with pytest.MonkeyPatch.context() as before:  # service was asked for
            before.setattr(exemption_door, "refusals", lambda _act: [])
            desk.go(number, ("find_not_corrected", HANDLERS), **given)
        desk.go(number, ("convert", "handler1"), convert=exemptions.INPUTS["convert"])
        penalty = desk.town.relative(number, "penalty").number
        desk.go(penalty, ("investigate", HANDLERS), ("close_investigation", HANDLERS))
        found = {**INPUTS["propose"], **sentence(fine("11000.00")), **FAILED}
        if served:
            assert desk.go(penalty, ("propose", HANDLERS), propose=found) == "opinion"
        else:
            assert (
                "没有送达"
                in _proposed(desk, penalty, fine("11000.00"), **FAILED)["not_proved_uncorrected"][
                    "text"
                ]
            )


# --- Door 3: kinds of penalty hang on their stage 处罚种类与情形 ----------------------------------


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("measure", [CANCELLING, CLOSURE])
def test_a_licence_is_not_cancelled_at_the_ordinary_grade(
    desk: Desk, measure: dict[str, Any], former: bool
) -> None:
    number = desk.open(former=former)
    desk.go(number, *_INVESTIGATED)
    plain = {"gravity": ""}
    found = _proposed(desk, number, WARNING, measure, **plain)
    assert "情节严重" in found["measure_not_of_the_stage"]["text"]
    assert PROVED in found["measure_not_of_the_stage"]["law"]
    assert list(found) == ["measure_not_of_the_stage"]
    # What was not there in the opinion does not come into the notice, or after the defence.
    desk.go(number, ("propose", HANDLERS))
    given = {**sentence(WARNING, measure), **plain}
    assert "measure_not_of_the_stage" in _refusals(desk, number, "notify", "handler1", given)
    grave = sentence(WARNING, measure)
    desk.go(number, *NOTIFIED[len(OPINION) :], notify=grave)
    assert GRAVE in desk.paper(number, "penalty_notice")
    desk.go(number, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    given = {**reconsidered(WARNING, measure), **plain}
    assert "measure_not_of_the_stage" in _refusals(desk, number, "reconsider", "handler1", given)


def test_gravity_that_was_not_told_is_not_decided(desk: Desk) -> None:
    number = desk.open(violation="GC001")
    told = {"violation": "GC001"}
    mild = {**sentence(WARNING, fine("2000.00")), **told}
    desk.go(number, *NOTIFIED, propose={**INPUTS["propose"], **mild}, notify=mild)
    desk.go(number, ("waive_defence", "applicant"))
    worse = {**mild, "stage": "grave", "departure": "擅自营业时间长"}
    ungrounded = {**worse, "gravity": "", "defence_considered": "不采纳"}
    assert "gravity_not_found" in _refusals(desk, number, "reconsider", "handler1", ungrounded)
    grave = {**reconsidered(), **worse, "gravity": "擅自营业三个月以上，有现场笔录为证"}
    grave["measures"] = [WARNING, fine("2000.00")]
    assert "fine_out_of_range" in _refusals(desk, number, "reconsider", "handler1", grave)
    low = {**grave, "weight": "reduced", "mitigations": ["主动消除或者减轻违法行为危害后果"]}
    low = {**low, "circumstances": "现场笔录"}
    desk.go(
        number,
        ("reconsider", "handler1"),
        ("forgo_review", "handler1"),
        *(("vote", head) for head in ("head1", "head2", "head3")),
        ("conclude_panel", "approver"),
        reconsider=low,
    )
    decided = {**decision(), **{name: low[name] for name in decision() if name in low}}
    decided = {**decided, "mitigations": low["mitigations"], "circumstances": "现场笔录"}
    found = _refusals(desk, number, "decide", "approver", decided)
    assert "告知" in found["gravity_not_told"]["text"]


def test_gravity_is_decided_by_the_panel(desk: Desk) -> None:
    """A grave fine that is too small for a hearing is discussed all the same."""
    number = desk.open(violation="GC001")
    grave = {
        "violation": "GC001",
        "stage": "grave",
        "gravity": "擅自营业三个月以上，有现场笔录为证",
        "measures": [fine("15000.00")],
    }
    inputs = {
        name: {**INPUTS[name], **grave} for name in ("propose", "notify", "reconsider", "decide")
    }
    desk.go(number, *RECONSIDERED[: len(OPINION) - 1], **inputs)
    # 细则35: less than three months is no ground for the graver range, whatever paper is named.
    for short in ("擅自营业不满三个月，有现场笔录为证", "擅自营业两个月，有现场笔录为证"):
        short_of = {**grave, "gravity": short}
        found = _proposed(desk, number, fine("15000.00"), **short_of)
        assert list(found) == ["finding_not_proved"], found
    desk.go(number, *RECONSIDERED[len(OPINION) - 1 :], ("forgo_review", "handler1"), **inputs)
    found = _refusals(desk, number, "forgo_panel", "approver", {})
    assert list(found) == ["gravity_not_discussed"]
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    desk.go(number, *votes, ("conclude_panel", "approver"), ("decide", "approver"), **inputs)
    assert "擅自营业三个月以上" in desk.paper(number, "penalty_decision")
    assert "（情节严重）" in desk.paper(number, "penalty_decision")


def test_nobody_is_called_grave_or_uncorrected_on_the_spot(desk: Desk) -> None:
    number = desk.open("simple_penalty")
    desk.go(number, PUNISHED[0])
    failed = spot(WARNING, fine("2500.00"), **FAILED, departure="情节较轻")
    assert "not_proved_uncorrected" in _refusals(desk, number, "punish", HANDLERS, failed)
    grave = spot(fine("2500.00"), stage="grave", gravity="拒绝监督", departure="情节较轻")
    assert "gravity_not_for_the_spot" in _refusals(desk, number, "punish", HANDLERS, grave)
    # For what is punished only after an order to correct there is no warning on the spot.
    early = spot(WARNING, violation="GC006")
    assert "measure_not_of_the_stage" in _refusals(desk, number, "punish", HANDLERS, early)
    assert desk.go(number, ("punish", HANDLERS)) == "punished"


def test_the_heavy_case_of_the_other_tests_is_grave() -> None:
    assert all(HEAVY[step]["gravity"] == GRAVE for step in HEAVY)


# --- Door 15: the class of the record 失信信息类别 ------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_a_small_fine_is_no_serious_record(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *DECIDED[:-1])
    assert "轻微失信信息，依法公示" in desk.paper(number, "penalty_notice")
    for worse in ("general", "serious"):
        found = _refusals(desk, number, "decide", "approver", decision(publicity=worse))
        assert "“轻微”" in found["publicity_class_graver"]["text"]
        assert "36" in found["publicity_class_graver"]["law"]
    desk.go(number, ("decide", "approver"))
    assert "轻微失信信息，依法公示" in desk.paper(number, "penalty_decision")


def test_a_warning_makes_a_record_that_is_not_shown(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *DECIDED, **WARNED)
    assert "轻微失信信息，不予公示" in desk.paper(number, "penalty_decision")


def test_a_variation_calls_nobody_worse_than_what_stands(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, ("file_reconsideration", "legal"))
    worse = {**VARIED, "publicity": "serious"}
    assert "publicity_class_graver" in _refusals(
        desk, number, "vary_by_reconsideration", "legal", worse
    )
    desk.go(number, ("vary_by_reconsideration", "legal"))


# --- Door 32: the basis 法律依据 ------------------------------------------------------------------

_LAW = "《公共场所卫生管理条例实施细则》"
BASELESS = {
    "随便写写": "basis_missing",
    f"{_LAW}": "basis_missing",
    f"{_LAW}第三十六条": "basis_missing",
    f"{_LAW}第三十七条第二项": "basis_missing",
    f"{_LAW}第三十六条第二项、第三十七条第二项": "basis_unknown",
    f"{_LAW}第三十六条第二项，《食品安全法》第一百二十六条": "basis_unknown",
    f"{_LAW}第三十六条第二项，《本市卫生管理办法》": "basis_unknown",
    f"{_LAW}第三十六条第二项，且当事人态度恶劣": "basis_is_free_text",
}


@pytest.mark.parametrize("former", [False, True])
def test_a_basis_cites_what_the_catalogue_has(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *_INVESTIGATED)
    for basis, code in BASELESS.items():
        found = _proposed(desk, number, basis=basis)
        assert list(found) == [code], basis
        assert "第五十九条" in found[code]["law"]
        assert f"{_LAW}第三十六条第二项" in found[code]["text"]
    general = "《中华人民共和国行政处罚法》第二十八条第一款"
    lawful = f"依据{_LAW}第十四条、第三十六条第一款第二项和{general}的规定"
    given = {**INPUTS["propose"], "basis": lawful}
    assert desk.go(number, ("propose", HANDLERS), propose=given) == "opinion"
    told = {**sentence(), "basis": "随便写写"}
    assert "basis_missing" in _refusals(desk, number, "notify", "handler1", told)
    on_the_spot = desk.open(process="simple_penalty", former=former)
    desk.go(on_the_spot, PUNISHED[0])
    free = spot(basis="随便写写")
    assert "basis_missing" in _refusals(desk, on_the_spot, "punish", HANDLERS, free)


def test_of_a_law_without_articles_in_the_catalogue_one_is_named(desk: Desk) -> None:
    vague = "《传染病防治法》（2025年修订）法律责任章（医疗机构）"
    with desk.town.session() as session:
        set_articles(session, "cr001", law=vague, violated="《传染病防治法》（2025年修订）预防章")
    number = desk.open(violation="CR001")
    desk.go(number, *_INVESTIGATED)
    said = {"violation": "CR001", "departure": "按裁量基准集体讨论确定"}
    assert "basis_missing" in _proposed(desk, number, **said, basis=vague)
    given = {**INPUTS["propose"], **said, "basis": "《传染病防治法》第一百零四条第一款第二项"}
    assert desk.go(number, ("propose", HANDLERS), propose=given) == "opinion"


def test_gains_are_taken_though_the_article_says_nothing_of_them(desk: Desk) -> None:
    """处罚法28(2) takes them from whoever has any; an office may hold that it wants an article."""
    gains = {"kind": "没收违法所得", "amount": "800.00", "days": 0, "detail": ""}
    number = desk.open()
    desk.go(number, *_INVESTIGATED)
    found = {"illegal_income": "800.00"}
    given = {**INPUTS["propose"], **sentence(WARNING, gains), **found}
    assert desk.go(number, ("propose", HANDLERS), propose=given) == "opinion"
    with desk.town.session() as session:
        set_key(session, "penalty.gains_confiscated", value=False)
    told = {**sentence(WARNING, gains), **found}
    assert "measure_not_of_the_article" in _refusals(desk, number, "notify", "handler1", told)


# --- Door 14: what confiscated goods are worth 没收财物的价值 -------------------------------------


def _goods(amount: str) -> dict[str, Any]:
    return {"kind": "没收非法财物", "amount": amount, "days": 0, "detail": "消毒液八百箱"}


@pytest.mark.parametrize("former", [False, True])
def test_goods_are_valued_and_give_a_right_to_be_heard(desk: Desk, former: bool) -> None:
    with desk.town.session() as session:
        add_penalty(session, "gc004", "没收非法财物")
    number = desk.open(former=former)
    desk.go(number, *_INVESTIGATED)
    for nothing in ("", "0", "0.00"):
        found = _proposed(desk, number, WARNING, _goods(nothing))
        assert list(found) == ["goods_value_missing"]
        assert "第六十三条" in found["goods_value_missing"]["law"]
    desk.go(number, ("propose", HANDLERS))
    told = sentence(WARNING, _goods(""))
    assert "goods_value_missing" in _refusals(desk, number, "notify", "handler1", told)
    told = sentence(WARNING, _goods("50000.00"))
    desk.go(number, *NOTIFIED[len(OPINION) :], notify=told)
    paper = desk.paper(number, "penalty_notice")
    assert "没收非法财物，价值人民币50000.00元" in paper
    assert "听证告知书" in paper
    given = INPUTS["request_hearing"]
    assert desk.take(number, "request_hearing", "applicant", given).status_code == 200


def test_goods_that_are_taken_are_no_debt(desk: Desk) -> None:
    with desk.town.session() as session:
        add_penalty(session, "gc004", "没收非法财物")
    number = desk.open()
    measures = (fine("800.00"), _goods("900.00"))
    steps = ("propose", "notify", "reconsider")
    inputs = {name: {**INPUTS[name], **sentence(*measures)} for name in steps}
    inputs["decide"] = decision(*measures, publicity="general")
    desk.go(number, *SERVED, **inputs)
    desk.front.log_in_again()
    assert desk.front.get("handler1", f"/cases/{number}").json()["debt"]["left"] == "800.00"
