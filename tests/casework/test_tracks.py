"""Parallel tracks: opened by a state, each with its own clocks, joined in one transaction."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit.proof import verify_case
from casework.common.database import engine_for
from casework.common.problems import NotAllowed, Problem, StaleVersion, StepNotOfState
from casework.common.timekeeping import legal_date
from casework.models import Authority, Case, CaseClock, LogRow, Participant
from casework.rules.versions import publish
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Process,
    Role,
    State,
    Step,
    Track,
    schema,
)
from state_machines.licensing.instant_licence.forms import Application
from tests.support.town import PERMIT, Town, application, opinion


def _track(name: str, role: Role) -> Track:
    return Track(
        name,
        name,
        opens_in=("reviewing",),
        initial=f"{name}_open",
        states=(State(f"{name}_open", "审查中"), State(f"{name}_done", "完成", end=True)),
        steps=(
            Step(f"touch_{name}", "补记", {f"{name}_open": f"{name}_open"}, (role,)),
            Step(f"pass_{name}", "通过", {f"{name}_open": f"{name}_done"}, (role,)),
        ),
        clocks=(
            Clock(
                f"{name}_limit",
                "内部期限",
                (f"{name}_open",),
                Escalate(Role.SUPERVISOR, breach="promise"),
                "licensing.acceptance",
            ),
        ),
    )


TWIN = Process(
    key="twin",
    code="TW",
    label="并联",
    effective_from=date(2021, 7, 1),
    law="",
    initial="waiting",
    opened_by=(Role.APPLICANT,),
    form=schema(Application),
    states=(
        State("waiting", "待转办"),
        State("reviewing", "并联审查"),
        State("joined", "已汇合", end=True),
        State("stopped", "中途撤回", end=True),
    ),
    steps=(
        Step("dispatch", "转办", {"waiting": "reviewing"}, (Role.WINDOW_CLERK,)),
        Step("join", "汇合", {"reviewing": "joined"}, (Role.JOIN,)),
        Step("stop", "撤回", {"reviewing": "stopped"}, (Role.APPLICANT,), optional=True),
    ),
    tracks=(_track("left", Role.REVIEWER), _track("right", Role.APPROVER)),
    matter="public_place_hygiene",
)


@pytest.fixture
def twin(town: Town) -> str:
    """A case of the twin process, dispatched; gives its number."""
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, {"twin": TWIN}, town.time.now())
        session.commit()
    owner.dispose()
    number = town.office.open_case("twin", application(), town.people["applicant"]).number
    town.take(number, "dispatch", "window")
    return number


def _clocks(town: Town, number: str) -> dict[str, str]:
    with town.session() as session:
        case = town.case(number)
        rows = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id))
        return {row.name: row.status for row in rows}


def _proved(town: Town, number: str) -> None:
    with town.session() as session:
        assert verify_case(session, town.case(number), town.office.versions) == []


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_the_last_track_to_end_joins(town: Town, twin: str, order: tuple[str, str]) -> None:
    by = {"left": "reviewer", "right": "approver"}
    assert town.case(twin).tracks == {"left": "left_open", "right": "right_open"}
    assert town.case(twin).awaiting == ["approver", "reviewer"]
    town.take(twin, f"touch_{order[0]}", by[order[0]])
    town.take(twin, f"pass_{order[0]}", by[order[0]])
    assert town.case(twin).state == "reviewing"
    assert _clocks(town, twin)[f"{order[0]}_limit"] == "ended"
    assert _clocks(town, twin)[f"{order[1]}_limit"] == "running"
    town.take(twin, f"pass_{order[1]}", by[order[1]])
    case = town.case(twin)
    assert (case.state, case.tracks, case.awaiting) == ("joined", {}, [])
    assert set(_clocks(town, twin).values()) == {"ended"}
    _proved(town, twin)


def test_leaving_the_state_ends_its_tracks_and_their_clocks(town: Town, twin: str) -> None:
    town.take(twin, "pass_left", "reviewer")
    town.take(twin, "stop", "applicant")
    assert town.case(twin).tracks == {}
    assert set(_clocks(town, twin).values()) == {"ended"}
    with pytest.raises(StepNotOfState):
        town.take(twin, "pass_right", "approver")
    _proved(town, twin)


def test_a_track_is_for_its_own_people(town: Town, twin: str) -> None:
    with pytest.raises(Problem, match="由审查员办理"):
        town.take(twin, "pass_left", "approver")


def test_a_guest_authority_acts_in_its_own_track_only(town: Town, twin: str) -> None:
    with town.session() as session:
        guest = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        today = legal_date(town.time.now())
        case = town.case(twin).id
        session.add(Participant(case_id=case, authority_id=guest, track="right", valid_from=today))
    with pytest.raises(NotAllowed):
        town.take(twin, "pass_left", "reviewer_b")
    town.take(twin, "pass_right", "approver_b")


def test_clocks_of_a_track_fall_due_alone(town: Town, twin: str) -> None:
    town.take(twin, "pass_left", "reviewer")
    town.time.pass_(days=30)
    town.office.catch_up(town.case(twin).id)
    assert _clocks(town, twin) == {"left_limit": "ended", "right_limit": "expired"}
    town.take(twin, "pass_right", "approver")
    _proved(town, twin)


def test_two_last_approvals_at_once_join_once(town: Town, twin: str) -> None:
    """Both pass having seen the same version: neither is turned away, and one of them joins."""
    version = town.case(twin).version

    def press(what: tuple[str, str]) -> str:
        try:
            town.office.advance(twin, what[0], {}, town.people[what[1]], version=version)
        except Problem as problem:
            return problem.type
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, [("pass_left", "reviewer"), ("pass_right", "approver")]))
    assert said == ["done", "done"]
    assert town.case(twin).state == "joined"
    _proved(town, twin)


def test_the_same_track_moved_meanwhile_is_stale(town: Town, twin: str) -> None:
    version = town.case(twin).version
    town.take(twin, "touch_left", "reviewer")
    with pytest.raises(StaleVersion):
        town.office.advance(twin, "pass_left", {}, town.people["reviewer"], version=version)


def _both_at_once(town: Town, number: str, presses: list[tuple[str, str, Any]]) -> list[str]:
    version = town.case(number).version
    together = Barrier(len(presses))

    def press(what: tuple[str, str, Any]) -> str:
        step, by, given = what
        together.wait()
        try:
            town.office.advance(number, step, given, town.people[by], version=version)
        except Problem as problem:
            return problem.type
        return "done"

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, presses))


def _joins(town: Town, numbers: list[str], names: tuple[str, ...]) -> dict[str, int]:
    with town.session() as session:
        rows = session.execute(
            select(Case.number, LogRow.header)
            .join(LogRow, LogRow.case_id == Case.id)
            .where(Case.number.in_(numbers))
        ).all()
    return Counter(number for number, header in rows if header["name"] in names)


@pytest.mark.parametrize(
    "pairs", [pytest.param(50, marks=pytest.mark.slow), pytest.param(1000, marks=pytest.mark.heavy)]
)
def test_of_many_pairs_of_last_approvals_every_join_happens_once(
    town: Town, twin: str, pairs: int
) -> None:
    numbers = []
    for n in range(pairs):
        about = application(address=f"南通市崇川区并联路{n}号")
        numbers.append(town.office.open_case("twin", about, town.people["applicant"]).number)
        town.take(numbers[-1], "dispatch", "window")
        presses = [("pass_left", "reviewer", {}), ("pass_right", "approver", {})]
        assert _both_at_once(town, numbers[-1], presses) == ["done", "done"]
    assert set(_joins(town, numbers, ("join",)).values()) == {1}
    assert len(_joins(town, numbers, ("join",))) == pairs
    with town.session() as session:
        states = set(session.scalars(select(Case.state).where(Case.number.in_(numbers))))
    assert states == {"joined"}
    for number in numbers[::50]:
        _proved(town, number)


@pytest.mark.slow
def test_two_departments_that_pass_and_decide_at_the_same_moment(town: Town) -> None:
    numbers = []
    for n in range(25):
        numbers.append(town.dispatched(address=f"南通市崇川区并审路{n}号"))
        said = [
            [("pass_health", "reviewer", opinion()), ("pass_eco", "eco", opinion())],
            [("decide_health", "approver", PERMIT), ("decide_eco", "eco_approver", PERMIT)],
        ]
        for presses in said:
            assert _both_at_once(town, numbers[-1], presses) == ["done", "done"]
        assert town.case(numbers[-1]).state == "decided"
        _proved(town, numbers[-1])
    assert _joins(town, numbers, ("join_passed",)) == dict.fromkeys(numbers, 1)
    assert _joins(town, numbers, ("join_decided",)) == dict.fromkeys(numbers, 1)
