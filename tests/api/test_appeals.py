"""上诉: a judgment of first instance has no effect while somebody may still appeal, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.models import Publication
from casework.rules.versions import VersionCache
from tests.support.desk import Desk, payment
from tests.support.penalties import INPUTS, JUDGED, OVERTURNED, VARIED, go, penalty_to

_SUED = ("file_litigation", "legal")
_KEPT = {"number": "（2026）苏0613行初21号", "result": "驳回请求"}


def _track(desk: Desk, number: str) -> str:
    return str(desk.town.case(number).tracks["litigation"])


def _judged(desk: Desk, number: str, result: str = "驳回诉讼请求") -> None:
    """Sue, and have a judgment of first instance served today."""
    desk.go(number, _SUED, JUDGED[0], record_judgment={"result": result})


@pytest.mark.slow
def test_a_suit_is_not_over_before_the_time_to_appeal_is(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    desk.go(number, _SUED)
    kept = {**_KEPT, "instance": "一审"}
    desk.refused(number, "end_litigation", "legal", kept, "judgment_not_served")
    second = {**_KEPT, "instance": "二审"}
    desk.refused(number, "end_litigation", "legal", second, "nobody_appealed")
    desk.go(number, JUDGED[0], record_judgment={"result": "驳回诉讼请求"})
    case = desk.front.get("handler1", f"/cases/{number}").json()
    [clock] = [one for one in case["clocks"] if one["name"] == "appeal"]
    # Served on Tuesday 1 September: the fifteenth day is Wednesday the 16th.
    assert clock["due_on"] == "2026-09-16"
    for step, given in (
        ("end_litigation", kept),
        ("change_by_litigation", {**OVERTURNED, "instance": "一审"}),
        ("vary_by_litigation", {**VARIED, "instance": "一审"}),
    ):
        said = desk.refused(number, step, "legal", given, "judgment_not_in_force")
        assert "2026-09-01送达" in said
        assert "2026-09-16届满" in said
    # What was judged is not withdrawn any more.
    withdrawn = {**kept, "result": "申请人（原告）撤回"}
    desk.refused(number, "end_litigation", "legal", withdrawn, "judgment_not_in_force")
    # What is not in force changes nothing: published once, and still owed.
    with desk.town.session() as session:
        case_id = desk.town.case(number).id
        assert session.query(Publication).filter_by(case_id=case_id).count() == 1
    desk.town.time.go_to(date(2026, 9, 16), hour=23)
    desk.refused(number, "end_litigation", "legal", kept, "judgment_not_in_force")
    desk.town.time.go_to(date(2026, 9, 17))
    late = {**INPUTS["appeal"], "on": "2026-09-17"}
    desk.refused(number, "appeal", "legal", late, "appeal_too_late")
    assert desk.take(number, "end_litigation", "legal", kept).status_code == 200
    assert _track(desk, number) == "litigated"
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_an_appeal_leads_to_the_second_instance(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    _judged(shared, number, "撤销")
    assert _track(shared, number) == "judgment_served"
    shared.go(number, JUDGED[1])
    assert _track(shared, number) == "under_litigation"
    quashed = {**OVERTURNED, "instance": "一审"}
    shared.refused(
        number, "change_by_litigation", "legal", quashed, "judgment_was_appealed_against"
    )
    # Sent back, judged again, appealed against again: the last word is the second court's.
    anew = {"number": "（2026）苏0613行初88号", "remanded_by": "（2026）苏06行终5号"}
    shared.go(number, *JUDGED, record_judgment=anew)
    kept = {**_KEPT, "instance": "二审", "number": anew["number"]}
    # On a paper of its own: what the first one judged is not what it says.
    shared.refused(number, "end_litigation", "legal", kept, "second_judgment_is_own")
    kept["number"] = "(2026) 苏0613行初88号"
    shared.refused(number, "end_litigation", "legal", kept, "second_judgment_is_own")
    kept["number"] = "（2026）苏06行终9号"
    assert shared.take(number, "end_litigation", "legal", kept).status_code == 200
    assert _track(shared, number) == "litigated"


@pytest.mark.slow
def test_an_appeal_in_time_and_registered_late_is_one(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    _judged(desk, number)
    desk.wait(number, days=20)
    late = {**INPUTS["appeal"], "on": "2026-09-17"}
    desk.refused(number, "appeal", "legal", late, "appeal_too_late")
    in_time = {**INPUTS["appeal"], "on": "2026-09-16"}
    assert desk.take(number, "appeal", "legal", in_time).status_code == 200
    assert _track(desk, number) == "under_litigation"


@pytest.mark.slow
def test_the_court_is_not_asked_before_the_judgment_is_in_force(desk: Desk) -> None:
    number = penalty_to(desk.town, "urged")
    application = INPUTS["apply_to_court"]
    desk.town.time.go_to(date(2027, 2, 22))
    _judged(desk, number)
    said = desk.refused(number, "apply_to_court", "approver", application, "appeal_period_open")
    assert "一审裁判于2027-02-22送达，上诉期限至2027-03-09届满，尚未生效，不能申请强制执行" in said
    desk.refused(number, "apply_to_court", "approver", application, "remedy_pending")
    desk.town.time.go_to(date(2027, 3, 10))
    desk.refused(number, "apply_to_court", "approver", application, "suit_not_entered_as_over")
    kept = {**_KEPT, "instance": "一审"}
    assert desk.take(number, "end_litigation", "legal", kept).status_code == 200
    desk.town.time.go_to(date(2027, 3, 11))
    assert desk.go(number, ("apply_to_court", "approver")) == "court_applied"


@pytest.mark.slow
def test_what_a_court_varied_is_enforced_as_the_judgment_has_it(desk: Desk) -> None:
    number = penalty_to(desk.town, "urged")
    desk.town.time.go_to(date(2027, 2, 22))
    desk.go(number, _SUED, *JUDGED, ("vary_by_litigation", "legal"))
    desk.town.time.go_to(date(2027, 2, 23))
    handing = INPUTS["hand_over_execution"]
    desk.refused(number, "hand_over_execution", "approver", handing, "enforcement_is_own")
    assert desk.go(number, ("apply_to_court", "approver")) == "court_applied"
    text = desk.paper(number, "court_application")
    source = "南通市中级人民法院（2026）苏06行终9号生效裁判"
    assert f"该决定已由{source}变更，此后有效的处罚内容为：警告；罚款人民币400.00元" in text
    # 400 yuan and as much again: the late fee is never more than the fine that stands.
    assert "被申请人应缴罚没款400元" in text
    assert "尚欠人民币800元" in text
    assert "《中华人民共和国行政诉讼法》第九十五条" in text
    too_much = {"amount": "800.01", "on": "2027-02-23", "ruling": "执1号"}
    desk.refused(number, "record_execution", "handler1", too_much, "sum_wrong")


@pytest.mark.slow
def test_what_was_varied_on_reconsideration_is_enforced_by_whoever_varied_it(desk: Desk) -> None:
    number = penalty_to(desk.town, "urged")
    for step in ("file_reconsideration", "vary_by_reconsideration"):
        desk.go(number, (step, "legal"))
    desk.town.time.pass_(days=30)  # beyond the fifteen days in which the party may sue
    application = INPUTS["apply_to_court"]
    said = desk.refused(
        number, "apply_to_court", "approver", application, "reconsideration_body_enforces"
    )
    assert "南通市崇川区人民政府" in said
    assert desk.go(number, ("hand_over_execution", "approver")) == "court_applied"
    assert "《行政复议法》第七十八条" in desk.paper(number, "transfer_letter")


@pytest.mark.slow
def test_a_court_may_bring_back_what_was_first_decided(shared: Desk) -> None:
    """It quashes the decision on reconsideration (《行政诉讼法》解释第八十九条)."""
    number = penalty_to(shared.town, "served")
    go(shared.town, number, ("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    shared.go(number, _SUED, *JUDGED)
    first: dict[str, Any] = {**INPUTS["vary_by_litigation"], "measures": _measures(shared, number)}
    shared.refused(number, "vary_by_litigation", "legal", first, "variation_heavier")
    restored = {**first, "heavier_because": "撤销复议决定，恢复原处罚决定的效力"}
    assert shared.take(number, "vary_by_litigation", "legal", restored).status_code == 200
    old = payment(shared.town, "1000.00", "R-1")
    assert shared.take(number, "record_payment", "handler1", old).json()["state"] == "paid"


def _measures(desk: Desk, number: str) -> Any:
    return desk.town.case(number).data["decide"]["measures"]
