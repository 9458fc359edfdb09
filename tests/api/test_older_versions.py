"""过渡规定: what holds for cases of every version from this release on, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.audit.court_file import court_file
from casework.audit.court_file_proof import verify_file
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.kernel.office import Office
from casework.models import Case
from casework.rules.versions import VersionCache, publish
from state_machines.door.transition import held_to_release
from state_machines.language.canonical import digest, from_json, to_json
from state_machines.processes import PROCESSES
from tests.support.desk import Desk, payment
from tests.support.front import Front
from tests.support.journeys import usual
from tests.support.penalties import (
    DECIDED,
    HEAVY,
    INPUTS,
    JUDGED,
    OPINION,
    go,
    inputs_of,
    penalty_to,
    spot_to,
)
from tests.support.town import Town
from tests.support.yesterday import yesterday

pytestmark = pytest.mark.slow

KEYS = ("penalty", "simple_penalty", "credit_repair", "commitment_check", "licence")
_QUASHED = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))


def _release(town: Town, *, older: bool) -> None:
    """Let a release be installed: its versions published, the office started anew."""
    town.time.pass_(minutes=1)
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(
            session,
            {key: yesterday(key) if older else PROCESSES[key] for key in KEYS},
            town.time.now(),
        )
        session.commit()
    owner.dispose()
    town.office = Office(town.database, town.time, public_url="http://127.0.0.1:8000")


@pytest.fixture
def before(town: Town) -> Town:
    """A town under the release before."""
    _release(town, older=True)
    return town


def _desk(town: Town) -> Desk:
    """The handlers' desk after the release."""
    _release(town, older=False)
    return Desk(Front(town))


def _old(desk: Desk, number: str) -> Case:
    """The case, which is still of the version that it was opened with."""
    case = desk.town.case(number)
    assert case.version_digest == digest(yesterday(case.process))
    return case


def _debt(desk: Desk, number: str) -> Any:
    desk.front.log_in_again()
    return desk.front.get("handler1", f"/cases/{number}").json()["debt"]


def _proved(desk: Desk) -> None:
    with desk.town.session() as session:
        assert not verify_database(session, VersionCache()).faults


def _as_then(town: Town, number: str, *steps: tuple[str, str]) -> None:
    """Take steps as the release before let them be taken: of the stored version alone."""
    case = town.case(number)
    stored = from_json(to_json(yesterday(case.process)))
    town.office.versions._loaded[case.version_digest] = stored
    go(town, number, *steps)
    del town.office.versions._loaded[case.version_digest]


def test_money_of_a_running_case_is_taken(before: Town) -> None:
    number, spot = penalty_to(before, "overdue"), spot_to(before, "overdue")
    desk = _desk(before)
    for one in (number, spot):
        part = payment(desk.town, "600.00", f"{one}/1")
        answer = desk.take(one, "record_payment", "handler1", part)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "overdue"
        assert _debt(desk, one)["fine_open"] == "400.00"
        rest = payment(desk.town, "1500.00", f"{one}/2")
        assert desk.take(one, "record_payment", "handler1", rest).json()["state"] == "paid"
        _old(desk, one)
    assert _debt(desk, number)["overpaid"]
    _proved(desk)


def test_what_was_paid_before_the_release_is_proved_as_it_was(before: Town) -> None:
    """The old step settled the case by itself; the new one does not."""
    number = penalty_to(before, "served")
    _as_then(before, number, ("record_payment", "handler1"))
    desk = _desk(before)
    assert _old(desk, number).state == "paid"
    _proved(desk)
    more = payment(desk.town, "1.00", "M-1")
    assert desk.take(number, "record_payment", "handler1", more).json()["state"] == "paid"
    with desk.town.session() as session:
        made = court_file(desk.town.office, session, desk.town.people["handler1"], number)
    assert verify_file(made.content).faults == ()
    _proved(desk)


def test_a_suit_ends_as_it_was_judged(before: Town) -> None:
    number = penalty_to(before, "archived")
    _as_then(before, number, ("file_litigation", "legal"), JUDGED[0])
    desk = _desk(before)
    first = {"number": "（2026）苏0613行初21号", "instance": "一审", "result": "驳回请求"}
    # No clock runs in a case of that version once it has ended; its time runs all the same.
    said = desk.refused(number, "end_litigation", "legal", first, "judgment_not_in_force")
    assert "2026-09-16届满" in said
    desk.town.time.go_to(date(2026, 9, 17))
    desk.refused(number, "end_litigation", "legal", first, "ending_differs_from_judgment")
    quashed = {**INPUTS["change_by_litigation"], "instance": "一审"}
    assert desk.take(number, "change_by_litigation", "legal", quashed).status_code == 200
    assert _debt(desk, number)["overpaid"] == "1000.00"
    _old(desk, number)
    _proved(desk)


def test_what_falls_falls_whole(before: Town) -> None:
    closed, urged = penalty_to(before, "closed"), penalty_to(before, "urged")
    desk = _desk(before)
    for number, state in ((closed, "closed"), (urged, "exec_ended")):
        assert desk.go(number, *_QUASHED) == state
        with desk.town.session() as session:
            repair = (
                session.query(Case)
                .filter_by(origin_id=desk.town.case(number).id, relation="repair")
                .one()
            )
            # Its version did not know that end either.
            assert (repair.state, repair.ended_at is not None) == ("lapsed", True)
        _old(desk, number)
    assert _debt(desk, closed)["overpaid"] == "1000.00"
    _proved(desk)


def test_what_makes_a_case_grave_can_be_said_in_its_form(before: Town) -> None:
    """The door asks for it in cases of every version; the form of that version had no place."""
    number = penalty_to(before, "opinion")
    desk = _desk(before)
    mild = {**HEAVY["notify"], "gravity": ""}
    said = inputs_of(desk.town, number, "notify", {"notify": mild})
    desk.refused(number, "notify", "handler1", said, "measure_not_of_the_stage")
    desk.go(number, ("notify", "handler1"), **HEAVY)
    assert desk.town.case(number).state == "notice_issued"
    assert desk.town.case(number).data["notify"]["gravity"]
    _old(desk, number)
    _proved(desk)


def test_what_was_never_reported_is_reported_and_closed(before: Town) -> None:
    number = spot_to(before, "exec_ended")
    desk = _desk(before)
    closing = INPUTS["close"]
    desk.refused(number, "close", "handler1", closing, "not_reported")
    report = usual("simple_penalty", "report_penalty")
    assert desk.take(number, "report_penalty", "handler1", report).json()["state"] == "exec_ended"
    assert desk.take(number, "close", "handler1", closing).json()["state"] == "closed"
    _old(desk, number)
    _proved(desk)


@pytest.mark.parametrize("back", [True, False])
def test_what_criminal_justice_took_goes_on(before: Town, *, back: bool) -> None:
    """Its version knows neither that state nor a step that leaves it."""
    number = penalty_to(before, "opinion")
    desk = _desk(before)
    assert desk.go(number, ("refer_crime", "approver")) == "with_justice"
    if back:
        assert desk.go(number, ("take_back", "approver")) == "investigating"
        again = DECIDED[DECIDED.index(("close_investigation", OPINION[-1][1])) :]
        assert desk.go(number, *again) == "decided"
    else:
        assert desk.go(number, ("end_with_justice", "approver")) == "transferred"
        assert desk.town.case(number).ended_at is not None
    _old(desk, number)
    _proved(desk)


@pytest.mark.parametrize("ended_by", ["end_litigation", "change_by_litigation"])
def test_a_suit_ends_whose_appeal_was_withdrawn(before: Town, ended_by: str) -> None:
    number = penalty_to(before, "served")
    desk = _desk(before)
    found, result = (
        ("驳回诉讼请求", "驳回请求") if ended_by == "end_litigation" else ("撤销", "撤销")
    )
    judged = {**INPUTS["record_judgment"], "result": found}
    desk.go(number, ("file_litigation", "legal"), *JUDGED, record_judgment=judged)
    desk.go(number, ("withdraw_appeal", "legal"))
    assert desk.town.case(number).tracks["litigation"] == "appeal_withdrawn"
    said = {**INPUTS[ended_by], "instance": "一审", "number": judged["number"], "result": result}
    desk.go(number, (ended_by, "legal"), **{ended_by: said})
    ended = {"end_litigation": "litigated", "change_by_litigation": "litigation_changed"}
    tracks = desk.town.case(number).tracks
    assert tracks.get("litigation", ended[ended_by]) == ended[ended_by]
    _old(desk, number)
    _proved(desk)


def test_what_was_quashed_before_the_release_is_annulled_by_hand(before: Town) -> None:
    number = penalty_to(before, "served")
    _as_then(before, number, *_QUASHED)
    assert before.case(number).state == "served"
    desk = _desk(before)
    assert desk.go(number, ("annul", "approver")) == "exec_ended"
    _proved(desk)


def test_a_version_of_this_release_is_taken_as_it_is() -> None:
    for process in PROCESSES.values():
        assert held_to_release(process) is process


def test_what_a_version_did_not_know_leads_nowhere_it_does_not_know() -> None:
    """Each state that a step of the release names is there, and no old one is lost."""
    for key in KEYS:
        stored = from_json(to_json(yesterday(key)))
        held = held_to_release(stored)
        for line, old in ((held, stored), *zip(held.tracks, stored.tracks, strict=True)):
            states = {state.name for state in line.states}
            assert {state.name for state in old.states} <= states
            assert {step.name for step in old.steps} <= {step.name for step in line.steps}
            for step in line.steps:
                assert {*step.moves, *step.moves.values()} <= states
            # And none of them leads to where nothing leads on.
            for state in {state.name for state in line.states} - {s.name for s in old.states}:
                declared = next(one for one in line.states if one.name == state)
                assert declared.end or any(state in step.moves for step in line.steps), state
        assert digest(stored) == digest(yesterday(key))
