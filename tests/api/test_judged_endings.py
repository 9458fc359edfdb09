"""审结与裁判一致: a suit ends as it was judged, over HTTP (行诉法69 to 78, 85)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.models import Publication
from casework.rules.versions import VersionCache
from tests.support import journeys
from tests.support.desk import Desk
from tests.support.front import refused
from tests.support.penalties import INPUTS, JUDGED, WARNING, fine, penalty_to, spot_to

_SUED = ("file_litigation", "legal")
_NUMBER = "（2026）苏0613行初21号"
_REASONS = {"reasons": "按判决登记"}
_MILDER = [WARNING, fine("400.00")]
# What may be entered once the time to appeal is over: by which step, with what.
ENDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "维持": ("end_litigation", {"result": "维持原决定"}),
    "驳回": ("end_litigation", {"result": "驳回请求"}),
    "撤诉": ("end_litigation", {"result": "申请人（原告）撤回"}),
    "终止": ("end_litigation", {"result": "终止审理"}),
    "撤销": ("change_by_litigation", {"result": "撤销", **_REASONS}),
    "重作": ("change_by_litigation", {"result": "撤销并责令重新作出", **_REASONS}),
    "无效": ("change_by_litigation", {"result": "确认无效", **_REASONS}),
    "变更": ("vary_by_litigation", {"result": "变更", "measures": _MILDER, **_REASONS}),
    "部分": ("vary_by_litigation", {"result": "部分撤销", "measures": _MILDER, **_REASONS}),
    "违法": ("vary_by_litigation", {"result": "确认违法（不撤销）", "measures": [], **_REASONS}),
}
# What each judgment of first instance leads to, and to nothing else.
LEADS_TO = {
    "驳回诉讼请求": {"维持", "驳回"},
    "驳回起诉": {"驳回", "终止"},
    "撤销": {"撤销", "重作"},
    "部分撤销": {"部分"},
    "变更": {"变更"},
    "确认违法": {"违法"},
    "确认无效": {"无效"},
}


def _judged(desk: Desk, number: str, result: str, **said: Any) -> None:
    """Sue, and have it judged today in first instance."""
    if result in ("部分撤销", "变更"):
        said = {"measures": _MILDER, **said}
    desk.go(number, _SUED, JUDGED[0], record_judgment={"result": result, **said})


def _given(how: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    step, said = ENDINGS[how]
    return step, {"number": _NUMBER, "instance": "一审", **said, **changes}


def _track(desk: Desk, number: str) -> str:
    return str(desk.town.case(number).tracks["litigation"])


def _proved(desk: Desk, number: str) -> None:
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_a_judgment_that_quashes_is_not_entered_as_one_that_upholds(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    _judged(desk, number, "撤销")
    desk.town.time.go_to(date(2026, 9, 17))
    for how in ("维持", "驳回", "撤诉", "终止"):
        step, given = _given(how)
        said = desk.refused(number, step, "legal", given, "ending_differs_from_judgment")
        assert "“撤销”" in said
    assert _track(desk, number) == "judgment_served"
    step, given = _given("撤销")
    assert desk.take(number, step, "legal", given).json()["state"] == "exec_ended"
    with desk.town.session() as session:
        rows = session.query(Publication).filter_by(case_id=desk.town.case(number).id)
        assert [row.withdrawn_because for row in rows.order_by(Publication.id)] == [
            None,
            "按判决登记",
        ]
    _proved(desk, number)


@pytest.mark.slow
@pytest.mark.parametrize("result", LEADS_TO)
def test_each_judgment_leads_to_its_own_ending_and_no_other(desk: Desk, result: str) -> None:
    number = penalty_to(desk.town, "served")
    _judged(desk, number, result)
    desk.town.time.go_to(date(2026, 9, 17))
    for how in ENDINGS.keys() - LEADS_TO[result]:
        step, given = _given(how)
        desk.refused(number, step, "legal", given, "ending_differs_from_judgment")
    step, given = _given(min(LEADS_TO[result]))
    assert desk.take(number, step, "legal", given).status_code == 200
    _proved(desk, number)


@pytest.mark.slow
def test_a_sentence_that_was_varied_is_the_one_that_the_judgment_has(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    shared.go(number, _SUED)
    silent = {**INPUTS["record_judgment"], "result": "变更", "on": _today(shared)}
    shared.refused(number, "record_judgment", "legal", silent, "judgment_without_measures")
    chatty = {**silent, "result": "撤销", "measures": _MILDER}
    shared.refused(number, "record_judgment", "legal", chatty, "judgment_with_measures")
    said = {**silent, "measures": _MILDER}
    assert shared.take(number, "record_judgment", "legal", said).status_code == 200
    shared.town.time.pass_(days=16)
    other = {"measures": [WARNING, fine("500.00")]}
    step, given = _given("变更", **other)
    shared.refused(number, step, "legal", given, "measures_differ_from_judgment")
    # In another order, and written otherwise, it is the same.
    same = {"measures": [fine("400"), WARNING]}
    step, given = _given("变更", **same)
    assert shared.take(number, step, "legal", given).status_code == 200
    debt = shared.front.get("handler1", f"/cases/{number}").json()["debt"]
    assert debt["fine"] == "400.00"


def _today(desk: Desk) -> str:
    return desk.town.time.now().date().isoformat()


def test_after_an_appeal_another_first_judgment_needs_the_ruling_that_sent_it_back(
    shared: Desk,
) -> None:
    number = penalty_to(shared.town, "served")
    _judged(shared, number, "撤销")
    shared.go(number, ("appeal", "legal"))
    again = {"number": _NUMBER, "result": "驳回诉讼请求", "on": _today(shared)}
    code = "first_judgment_was_appealed_against"
    shared.refused(number, "record_judgment", "legal", again, code)
    back = {**again, "remanded_by": "（2026）苏06行终9号"}
    # By whichever brackets it is typed, it is the number of the one before.
    for number_typed in (_NUMBER, "(2026)苏0613行初21号", "〔2026〕 苏0613行初21号"):
        same = {**back, "number": number_typed}
        shared.refused(number, "record_judgment", "legal", same, code)
    anew = {**back, "number": "（2026）苏0613行初88号"}
    assert shared.take(number, "record_judgment", "legal", anew).status_code == 200
    _proved(shared, number)


def test_no_judgment_is_served_before_the_suit_nor_in_force_before_its_entry_allows(
    desk: Desk,
) -> None:
    number = penalty_to(desk.town, "served")
    desk.town.time.go_to(date(2026, 9, 10))
    desk.go(number, _SUED)
    judged = {"number": _NUMBER, "result": "驳回诉讼请求", "on": "2026-08-01"}
    desk.refused(number, "record_judgment", "legal", judged, "judgment_before_suit")
    desk.town.time.go_to(date(2026, 9, 30))
    judged["on"] = "2026-09-11"
    assert desk.take(number, "record_judgment", "legal", judged).status_code == 200
    step, given = _given("维持")
    said = desk.refused(number, step, "legal", given, "party_time_pending")
    assert "2026年10月15日届满" in said
    desk.town.time.go_to(date(2026, 10, 16))
    assert desk.take(number, step, "legal", given).status_code == 200


@pytest.mark.slow
def test_a_ruling_is_appealed_against_within_ten_days(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    _judged(desk, number, "驳回起诉")
    case = desk.front.get("handler1", f"/cases/{number}").json()
    [clock] = [one for one in case["clocks"] if one["name"] == "appeal"]
    # Served on Tuesday 1 September: the tenth day is Friday the 11th, of a judgment the 16th.
    assert clock["due_on"] == "2026-09-11"
    step, given = _given("驳回")
    desk.town.time.go_to(date(2026, 9, 11), hour=23)
    said = desk.refused(number, step, "legal", given, "judgment_not_in_force")
    assert "2026-09-11届满" in said
    desk.town.time.go_to(date(2026, 9, 12))
    late = {**INPUTS["appeal"], "on": "2026-09-12"}
    desk.refused(number, "appeal", "legal", late, "appeal_too_late")
    assert desk.take(number, step, "legal", given).status_code == 200
    _proved(desk, number)


@pytest.mark.slow
def test_a_second_instance_may_say_otherwise_on_a_paper_of_its_own(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    _judged(shared, number, "撤销")
    shared.go(number, JUDGED[1])
    # Of the suit nothing is taken back any more as if nobody had judged it.
    for how in ("撤诉", "终止"):
        step, given = _given(how)
        shared.refused(number, step, "legal", given, "appeal_is_pending")
    step, given = _given("驳回", instance="二审")
    shared.refused(number, step, "legal", given, "second_judgment_is_own")
    step, given = _given("驳回", instance="二审", number="（2026）苏06行终9号")
    assert shared.take(number, step, "legal", given).status_code == 200
    assert _track(shared, number) == "litigated"


@pytest.mark.slow
def test_an_appeal_that_was_withdrawn_leaves_the_first_judgment_in_force(shared: Desk) -> None:
    number = penalty_to(shared.town, "served")
    shared.go(number, _SUED)
    ruling = INPUTS["withdraw_appeal"]
    shared.refused(number, "withdraw_appeal", "legal", ruling, "nobody_appealed")
    said = {**INPUTS["record_judgment"], "on": _today(shared)}
    assert shared.take(number, "record_judgment", "legal", said).status_code == 200
    shared.go(number, JUDGED[1], ("withdraw_appeal", "legal"))
    assert _track(shared, number) == "appeal_withdrawn"
    step, given = _given("驳回")
    shared.refused(number, step, "legal", given, "ending_differs_from_judgment")
    # At once: nobody has time to appeal any more.
    step, given = _given("撤销")
    assert shared.take(number, step, "legal", given).json()["state"] == "exec_ended"
    _proved(shared, number)


@pytest.mark.slow
def test_the_court_is_not_asked_between_a_withdrawn_appeal_and_the_end_of_the_suit(
    desk: Desk,
) -> None:
    number = penalty_to(desk.town, "urged")
    desk.town.time.go_to(date(2027, 2, 22))
    desk.go(number, _SUED, JUDGED[0], record_judgment={"result": "驳回诉讼请求"})
    desk.go(number, JUDGED[1], ("withdraw_appeal", "legal"))
    application = INPUTS["apply_to_court"]
    for code in ("remedy_pending", "suit_not_entered_as_over"):
        desk.refused(number, "apply_to_court", "approver", application, code)


@pytest.mark.slow
def test_a_penalty_on_the_spot_and_a_revocation_end_as_they_were_judged_too(desk: Desk) -> None:
    spot = spot_to(desk.town, "punished")
    _judged(desk, spot, "确认违法")
    desk.town.time.pass_(days=16)
    step, given = _given("撤销")
    desk.refused(spot, step, "legal", given, "ending_differs_from_judgment")
    step, given = _given("违法")
    answer = desk.take(spot, step, "legal", given)
    assert answer.json().get("state") == "overdue", answer.text
    granted = desk.town.granted()
    check = journeys.check_to(desk.town, granted, "revocation_served")
    desk.front.log_in_again()
    for step, given in (
        ("file_litigation", journeys.usual("", "file_litigation")),
        ("record_judgment", {"number": _NUMBER, "result": "确认违法", "on": _today(desk)}),
    ):
        assert desk.take(check, step, "legal", given).status_code == 200
    desk.town.time.go_to(date(2026, 10, 10))  # the last day is after National Day
    given = {"number": _NUMBER, "instance": "一审", "result": "撤销", **_REASONS}
    problem = refused(
        desk.take(check, "change_by_litigation", "legal", given), 409, "guard-refused"
    )
    assert [one["code"] for one in problem["reasons"]] == ["ending_differs_from_judgment"]
    given["result"] = "确认违法"
    assert desk.take(check, "change_by_litigation", "legal", given).status_code == 200
    # It stands, and so does what came of it.
    assert desk.town.relative(granted, "licence").state == "revoked"
    assert desk.town.case(check).state == "revocation_served"
    _proved(desk, check)
