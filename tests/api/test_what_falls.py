"""一并落空: what becomes of everything that came of a decision once it falls, over HTTP; also after
its case was paid, closed, put into the archive (处罚法48; 国家赔偿法36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from casework.audit.proof import verify_database
from casework.common.timekeeping import ZONE
from casework.models import Case, CreditEvent, Notice, Publication
from casework.rules.versions import VersionCache
from state_machines.processes import PROCESSES
from tests.support import journeys, licence_penalties, penalties
from tests.support.desk import Desk, payment
from tests.support.exemptions import FIRM
from tests.support.journeys import address, follow, usual
from tests.support.penalties import (
    INPUTS,
    JUDGED,
    WARNING,
    WAYS,
    correct,
    decision,
    fine,
    go,
    inputs_of,
    open_lead,
    penalty_to,
    reconsidered,
    sentence,
    spot_to,
)
from tests.support.rules import add_penalty
from tests.support.town import Town

_FILED = ("file_reconsideration", "legal")
_QUASHED = (_FILED, ("change_by_reconsideration", "legal"))
_VARIED = (_FILED, ("vary_by_reconsideration", "legal"))
_BY_COURT = (("file_litigation", "legal"), *JUDGED, ("change_by_litigation", "legal"))
_UNLAWFUL = {"result": "确认违法（不撤销）", "measures": []}


def _repair(town: Town, penalty: str) -> Case:
    origin = town.case(penalty).id
    with town.session() as session:
        return session.query(Case).filter_by(origin_id=origin, relation="repair").one()


def _get(desk: Desk, number: str) -> Any:
    desk.front.log_in_again()
    return desk.front.get("handler1", f"/cases/{number}").json()


def _file(desk: Desk, number: str) -> dict[str, str]:
    """What the case wrote into the firm's file, and why it does not count any more."""
    desk.front.log_in_again()
    file = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    with desk.town.session() as session:
        mine = {
            event.id
            for event in session.query(CreditEvent).filter_by(case_id=desk.town.case(number).id)
        }
    return {one["kind"]: one["ended"] for one in file["events"] if one["id"] in mine}


def _score(desk: Desk) -> int:
    desk.front.log_in_again()
    found: int = desk.front.get("credit", f"/parties/{FIRM}/credit").json()["rating"]["score"]
    return found


def _withdrawn(desk: Desk, number: str) -> list[str | None]:
    with desk.town.session() as session:
        rows = session.query(Publication).filter_by(case_id=desk.town.case(number).id)
        return [row.withdrawn_because for row in rows.order_by(Publication.id)]


def _told(desk: Desk, key: str) -> list[Notice]:
    with desk.town.session() as session:
        return session.query(Notice).filter(Notice.key.startswith(key)).all()


def _proved(desk: Desk) -> None:
    with desk.town.session() as session:
        assert not verify_database(session, VersionCache()).faults


@pytest.mark.parametrize("how", [_QUASHED, _BY_COURT], ids=["复议", "法院"])
@pytest.mark.parametrize("state", ["closed", pytest.param("archived", marks=pytest.mark.slow)])
def test_what_was_paid_closed_and_filed_away_falls_whole(
    desk: Desk, state: str, how: tuple[tuple[str, str], ...]
) -> None:
    before = _score(desk)
    number = penalty_to(desk.town, state)
    assert _score(desk) < before
    repair = _repair(desk.town, number)
    assert repair.state == "not_eligible"
    ended = desk.town.case(number).ended_at
    assert desk.go(number, *how) == state
    case = desk.town.case(number)
    assert case.ended_at == ended
    # Debt: nothing, and what was paid is to be given back; party and authority are told.
    for who in ("handler1", "applicant"):
        debt = desk.front.get(who, f"/cases/{number}").json()["debt"]
        assert (debt["left"], debt["overpaid"]) == ("0.00", "1000.00")
    told = _told(desk, f"refund/{case.id}/")
    assert {one.to_role or "party" for one in told} == {"party", "case_handler"}
    assert all("多缴的罚没款1,000元应当退还" in one.body for one in told)
    # Publication, record, rating, repair.
    assert _withdrawn(desk, number) == [None, "事实不清，证据不足"]
    assert _file(desk, number)["penalised_minor"].startswith("原案件已更正")
    assert _score(desk) == before
    repair = _repair(desk.town, number)
    assert (repair.state, repair.ended_at is not None) == ("lapsed", True)
    assert "记录已经更正" in repair.data["lapse"]["reason"]
    _proved(desk)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["overdue", "urged", "court_applied", "instalment"])
def test_what_is_still_collected_falls_whole(desk: Desk, state: str) -> None:
    desk.town.time.instant = datetime(2025, 9, 1, 9, 0, tzinfo=ZONE)
    number = penalty_to(desk.town, state)
    # Nothing is collected any more, without anybody's doing.
    assert desk.go(number, *_QUASHED) == "exec_ended"
    assert _get(desk, number)["debt"] is None
    live = {one["name"] for one in _get(desk, number)["clocks"] if one["live"]}
    assert not live & {"payment", "instalments", "after_urging", "execution", "urging"}
    assert all(ended for ended in _file(desk, number).values())
    if state in ("urged", "court_applied"):
        [letter] = [one for one in _get(desk, number)["documents"] if one["key"] == "urging_notice"]
        assert "催告不再执行" in letter["marks"][0]
    _proved(desk)


@pytest.mark.slow
def test_what_was_merely_found_unlawful_loses_its_publicity_only(desk: Desk) -> None:
    number = penalty_to(desk.town, "archived")
    score = _score(desk)
    desk.go(number, *_VARIED, vary_by_reconsideration=_UNLAWFUL)
    assert _withdrawn(desk, number) == [None, "处罚明显不当，罚款过重"]
    assert _file(desk, number) == {"penalised_minor": ""}
    assert _score(desk) == score
    assert _repair(desk.town, number).state == "not_eligible"
    assert _get(desk, number)["debt"] is None  # nothing is owed, and nothing to be given back
    marks = [one["marks"] for one in _get(desk, number)["documents"] if one["marks"]]
    assert marks == [["已被行政复议确认违法，不撤销（2026-09-01）"]]
    _proved(desk)


@pytest.mark.slow
def test_what_was_varied_after_it_was_filed_away_is_told_published_and_given_back(
    desk: Desk,
) -> None:
    number = penalty_to(desk.town, "archived")
    assert desk.go(number, *_VARIED) == "archived"
    debt = _get(desk, number)["debt"]
    assert (debt["fine"], debt["overpaid"], debt["left"]) == ("400.00", "600.00", "0.00")
    assert len(_told(desk, f"refund/{desk.town.case(number).id}/")) == 2
    assert _withdrawn(desk, number) == [None, "处罚明显不当，罚款过重", None]
    assert _file(desk, number) == {"penalised_minor": ""}
    _proved(desk)


@pytest.mark.slow
def test_a_delay_that_a_milder_sentence_never_had_is_none(desk: Desk) -> None:
    """700 yuan were paid in time; what was open falls to nothing (ex tunc)."""
    number = penalty_to(desk.town, "served")
    paid = payment(desk.town, "700.00")
    assert desk.take(number, "record_payment", "handler1", paid).json()["state"] == "served"
    assert desk.wait(number, days=20) == "overdue"
    less = {"measures": [WARNING, fine("600.00")]}
    assert desk.go(number, *_VARIED, vary_by_reconsideration=less) == "paid"
    assert _file(desk, number)["fine_overdue"].startswith("原案件已更正")
    assert _get(desk, number)["debt"]["overpaid"] == "100.00"


@pytest.mark.slow
def test_a_licence_that_was_taken_is_given_back_after_the_case_was_filed_away(desk: Desk) -> None:
    licence = desk.town.relative(desk.town.granted(), "licence").number
    number = desk.open(violation="GC003")
    cancelling = licence_penalties.inputs(licence_penalties.CANCELLING)
    desk.go(number, *licence_penalties.SERVED, **cancelling)
    given = licence_penalties.taking(desk.town, number)
    assert desk.take(licence, "cancel", "approver", given).json()["state"] == "cancelled"
    correct(desk.town, number)
    desk.go(number, ("record_performance", "handler1"), ("close", "handler1"))
    desk.go(number, ("archive", "handler1"), *_QUASHED)
    found = desk.front.get(None, f"/verify/{desk.town.case(licence).tracking_code}").json()
    assert (found["state_label"], found["stands"]) == ("有效", True)
    assert desk.town.case(licence).data["give_back"]["decision"].startswith("〔2026〕崇行复21号")
    assert _file(desk, number)["penalised_serious"].startswith("原案件已更正")
    _proved(desk)


def test_a_licence_that_was_struck_off_in_a_hurry_stands_again(desk: Desk) -> None:
    licence = desk.town.relative(desk.town.granted(), "licence").number
    number = desk.open(violation="GC003")
    cancelling = licence_penalties.inputs(licence_penalties.CANCELLING)
    desk.go(number, *licence_penalties.SERVED, **cancelling)
    given = licence_penalties.taking(desk.town, number)
    assert desk.take(licence, "cancel", "approver", given).json()["state"] == "cancelled"
    ended = {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "已被吊销"}
    assert desk.take(licence, "deregister", "approver", ended).json()["state"] == "deregistered"
    desk.go(number, *_QUASHED)
    assert desk.town.case(licence).state == "valid"
    assert _told(desk, f"licence/{desk.town.case(number).id}/") == []
    _proved(desk)


@pytest.mark.slow
def test_where_the_place_was_licensed_anew_the_judgment_stands_and_somebody_is_told(
    desk: Desk,
) -> None:
    granted = desk.town.granted()
    licence = desk.town.relative(granted, "licence").number
    follow(desk.town, granted, ("deliver", "window"))
    number = desk.open(violation="GC003")
    cancelling = licence_penalties.inputs(licence_penalties.CANCELLING)
    desk.go(number, *licence_penalties.SERVED, **cancelling)
    given = licence_penalties.taking(desk.town, number)
    assert desk.take(licence, "cancel", "approver", given).json()["state"] == "cancelled"
    # The record bars its promise, so it is another firm's.
    other = desk.town.granted(by="applicant2")
    desk.go(number, *_QUASHED)
    assert desk.town.case(licence).state == "cancelled"
    [told] = _told(desk, f"licence/{desk.town.case(number).id}/")
    assert (told.to_role, licence in told.body) == ("approver", True)
    assert desk.town.licence_of(other)["number"] in told.body
    penalties.correct(desk.town, number)
    # Who has the place now keeps it; the case does not stay open for ever over that.
    assert desk.go(number, ("close", "handler1")) == "closed"
    assert _file(desk, number)["penalised_serious"].startswith("原案件已更正")
    _proved(desk)


@pytest.mark.slow
def test_a_suspension_falls_and_is_shortened_with_its_penalty(desk: Desk) -> None:
    with desk.town.session() as session:
        add_penalty(session, "gc003", "暂扣许可证件")
    licence = desk.town.relative(desk.town.granted(), "licence").number
    thirty = licence_penalties.SUSPENDING
    number = desk.open(violation="GC003")
    desk.go(number, *licence_penalties.SERVED, **licence_penalties.inputs(thirty))
    given = licence_penalties.suspending(desk.town, number)
    assert desk.take(licence, "suspend", "approver", given).is_success
    ten = {"measures": [WARNING, {**thirty, "days": 10}], "publicity": "general"}
    desk.go(number, *_VARIED, vary_by_reconsideration=ten)
    [clock] = [one for one in _get(desk, licence)["clocks"] if one["name"] == "suspension_term"]
    assert clock["due_on"] == "2026-09-11"
    desk.go(number, *_BY_COURT)
    assert desk.town.case(licence).tracks["suspension"] == "not_suspended"
    _proved(desk)


@pytest.mark.slow
def test_what_the_authority_undoes_after_closing_falls_whole(desk: Desk) -> None:
    before = _score(desk)
    number = penalty_to(desk.town, "closed")
    undone = (
        ("propose_undoing", "handler1"),
        ("review_undoing", "legal"),
        ("undo_decision", "approver"),
    )
    assert desk.go(number, *undone) == "decision_undone"
    assert _get(desk, number)["debt"]["overpaid"] == "1000.00"
    assert _score(desk) == before
    assert _repair(desk.town, number).state == "lapsed"
    assert len(_told(desk, f"refund/{desk.town.case(number).id}/")) == 2
    steps = (("serve_undoing", "handler1"), ("close", "handler1"), ("archive", "handler1"))
    assert desk.go(number, *steps) == "archived"
    _proved(desk)


@pytest.mark.slow
def test_a_repair_under_way_ends_and_so_does_what_was_asked_nationally(desk: Desk) -> None:
    desk.town.time.instant = datetime(2026, 4, 1, 9, 0, tzinfo=ZONE)
    number = open_lead(desk.town)
    go(
        desk.town,
        number,
        *WAYS["paid"],
        ("look_again", "handler1+handler2"),
        decide={"publicity": "minor"},
    )
    desk.town.time.pass_(days=3)
    repair = _repair(desk.town, number).number
    desk.town.office.catch_up(desk.town.case(repair).id)
    filing = usual("credit_repair", "file_nationally")
    for step in ("file_nationally", "apply", "commit"):
        given = filing if step == "file_nationally" else usual("credit_repair", step)
        assert desk.take(repair, step, "applicant", given).is_success, step
    national = desk.town.newest("national_repair")
    desk.go(number, *_QUASHED)
    for case in (desk.town.case(repair), desk.town.case(national)):
        assert (case.state, case.ended_at is not None) == ("lapsed", True)
    _proved(desk)


@pytest.mark.slow
def test_a_record_that_was_repaired_already_is_corrected_all_the_same(desk: Desk) -> None:
    desk.town.time.instant = datetime(2026, 4, 1, 9, 0, tzinfo=ZONE)
    number = open_lead(desk.town)
    go(
        desk.town,
        number,
        *WAYS["paid"],
        ("look_again", "handler1+handler2"),
        decide={"publicity": "minor"},
    )
    desk.town.time.pass_(days=3)
    repair = _repair(desk.town, number).number
    desk.town.office.catch_up(desk.town.case(repair).id)
    desk.town.certified()
    follow(desk.town, repair, *journeys.REPAIR["closed"])
    assert _file(desk, number)["penalised_minor"] == "已修复"
    desk.go(number, *_QUASHED)
    assert desk.town.case(repair).state == "closed"
    assert _file(desk, number)["penalised_minor"].startswith("原案件已更正")
    _proved(desk)


def _repeated(town: Town) -> str:
    """A second penalty of the firm, heavier for the first; its number."""
    number = open_lead(town)
    measures = (WARNING, fine("1600.00"))
    graver = {
        "weight": "heavier",
        "aggravations": ["屡教不改"],
        "circumstances": "2026年已因同类违法行为受过行政处罚",
    }
    said = {
        "propose": {**INPUTS["propose"], **sentence(*measures), **graver},
        "notify": {**sentence(*measures), **graver},
        "reconsider": {**reconsidered(*measures), **graver},
        "decide": {**decision(*measures), **graver},
    }
    go(town, number, *WAYS["served"], **said)
    return number


@pytest.mark.slow
def test_whoever_was_punished_more_gravely_for_it_is_looked_at_again(desk: Desk) -> None:
    first = penalty_to(desk.town, "paid")
    second = _repeated(desk.town)
    desk.go(first, *_QUASHED)
    [told] = _told(desk, f"relies/{desk.town.case(second).id}/")
    assert told.to_role == "case_handler"
    assert first in told.body
    # What was decided stands until somebody undoes it.
    assert desk.state(second) == "served"
    _proved(desk)


# --- 办结以后的复议、诉讼 -------------------------------------------------------------------------


def _overlays() -> Iterator[tuple[str, str, str]]:
    """Every step of an overlay, in every end of its process."""
    for process in PROCESSES.values():
        ends = [state.name for state in process.states if state.end]
        for track in process.tracks:
            for end in ends if track.overlay else ():
                yield process.key, end, track.name


@pytest.mark.slow
@pytest.mark.parametrize("state", ["archived"])
@pytest.mark.parametrize("process", ["penalty", "simple_penalty"])
def test_a_suit_is_heard_to_its_end_when_the_case_has_long_ended(
    desk: Desk, process: str, state: str
) -> None:
    """Also one that nobody appeals: its time to appeal runs although the case has ended."""
    to = penalty_to if process == "penalty" else spot_to
    number = to(desk.town, state)
    desk.go(number, ("file_litigation", "legal"), JUDGED[0], record_judgment={"result": "撤销"})
    [clock] = [one for one in _get(desk, number)["clocks"] if one["name"] == "appeal"]
    assert (clock["due_on"], clock["live"]) == ("2026-09-16", True)
    first = {**INPUTS["change_by_litigation"], "instance": "一审"}
    said = desk.refused(number, "change_by_litigation", "legal", first, "judgment_not_in_force")
    assert "2026-09-16届满" in said
    desk.town.time.go_to(date(2026, 9, 17))
    desk.town.office.catch_up(desk.town.case(number).id)
    assert desk.take(number, "change_by_litigation", "legal", first).json()["state"] == state
    assert _get(desk, number)["debt"]["overpaid"] == "1000.00"
    assert not any(one["live"] for one in _get(desk, number)["clocks"])
    _proved(desk)


@pytest.mark.slow
def test_every_step_of_an_overlay_in_every_end_is_answered_lawfully(
    full_town: tuple[Town, Any], server: str
) -> None:
    """Taken, or refused with a reason: never an error that nobody foresaw."""
    from tests.support.front import Front

    town, numbers = full_town
    front = Front(town)
    taken = set()
    for key, end, name in _overlays():
        number = numbers[key, end]
        track = PROCESSES[key].track(name)
        for step in track.steps:
            by = "legal" if name in ("reconsideration", "litigation") else "approver"
            given = {**usual(key, step.name), **inputs_of(town, number, step.name, {})}
            front.log_in_again()
            answer = front.step(by, number, step.name, given)
            assert answer.status_code in (200, 403, 409), (key, end, step.name, answer.text)
            if answer.status_code == 200:
                taken.add((key, end, step.name))
    # What was decided is contested in every end in which it may stand.
    contested = {(key, end) for key, end, step in taken if step == "file_litigation"}
    assert contested == {
        ("penalty", "archived"),
        ("simple_penalty", "archived"),
        ("commitment_check", "breach_recorded"),
        ("commitment_check", "deregistered"),
        ("commitment_check", "undoing_served"),
    }
    with town.session() as session:
        assert not verify_database(session, VersionCache()).faults


@pytest.mark.slow
def test_a_revocation_that_was_registered_is_quashed_all_the_same(desk: Desk) -> None:
    granted = desk.town.granted(address=address(7))
    check = journeys.check_to(desk.town, granted, "deregistered")
    licence = desk.town.relative(granted, "licence")
    back = desk.take(licence.number, "bring_back", "approver", usual("licence", "bring_back"))
    assert "revocation_stands" in [one["code"] for one in back.json()["reasons"]]
    for step in ("file_reconsideration", "change_by_reconsideration"):
        answer = desk.take(check, step, "legal", usual("", step))
        assert answer.status_code == 200, answer.text
    assert desk.state(check) == "deregistered"
    assert _file(desk, check)["licence_revoked"].startswith("原案件已更正")
    # What was struck off in the meantime stands again with it.
    licence = desk.town.relative(granted, "licence")
    assert licence.state == "valid"
    assert _told(desk, f"licence/{desk.town.case(check).id}/") == []
    _proved(desk)
