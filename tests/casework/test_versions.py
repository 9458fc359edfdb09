"""A declaration is edited while cases stand in every state: each finishes under its own version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import StepNotOfState
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Case, CaseClock
from casework.rules.versions import VersionCache, publish
from state_machines.language.canonical import digest
from state_machines.language.vocabulary import Process, Role, Step, during
from state_machines.processes import PROCESSES
from tests.support.journeys import (
    OFFICERS,
    Numbers,
    address,
    apply_to,
    follow,
    usual,
)
from tests.support.people import appoint, newcomer
from tests.support.processes import journeys_of
from tests.support.town import START, Town, look

# From each state, the next step on the way to an end, and who takes it.
_ONWARD: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "instant_licence": {
        "draft": ("submit", "applicant"),
        "received": ("accept", "window"),
        "awaiting_supplement": ("supply", "applicant"),
        "supplemented": ("accept", "window"),
        "accepted": ("inform", "window"),
        "informed": ("decline", "applicant"),
        # The firm is barred by now: what it promised carries no grant any more.
        "committed": ("withdraw_commitment", "applicant"),
        "paused_technical": ("resume", "reviewer"),
        "granted": ("deliver", "window"),
    },
    "commitment_check": {
        "task_created": ("assign", "supervisor"),
        "assigned": ("inspect", OFFICERS),
        "unreachable": ("inspect", OFFICERS),
        "inspected": ("order_rectification", "inspector1"),
        "rectification_ordered": ("recheck", OFFICERS),
        "rechecked": ("find_broken", OFFICERS),
        "broken": ("notify_revocation", "inspector1+inspector2"),
        "false_commitment": ("notify_revocation", "inspector1+inspector2"),
        "revocation_notified": ("submit_review", "inspector1"),
        "hearing_requested": ("withdraw_hearing", "applicant"),
        "hearing_scheduled": ("withdraw_hearing", "applicant"),
        "hearing_held": ("submit_review", "inspector1"),
        "hearing_abandoned": ("submit_review", "inspector1"),
        "review_passed": ("revoke", "approver"),
        "review_returned": ("submit_review", "inspector1"),
        "breach_decided": ("serve_breach", "inspector1"),
        "revoked": ("serve", "inspector1"),
        "revocation_announced": ("serve", "inspector1"),
        "revocation_served": ("deregister", "approver"),
        "decision_undone": ("serve_undoing", "inspector1"),
        "undoing_announced": ("serve_undoing", "inspector1"),
        "kept": ("close", "inspector1"),
    },
    "licence": {"expired": ("deregister", "approver")},
    "licence_renewal": {
        "paused_technical": ("resume", "reviewer"),
        "draft": ("discard", "applicant"),
        "received": ("accept", "window"),
        "awaiting_supplement": ("supply", "applicant"),
        "supplemented": ("accept", "window"),
        "granted": ("deliver", "window"),
        "deemed": ("deliver", "window"),
    },
    "licence_change": {
        "paused_technical": ("resume", "reviewer"),
        "draft": ("submit", "applicant"),
        "received": ("accept", "window"),
        "awaiting_supplement": ("supply", "applicant"),
        "supplemented": ("accept", "window"),
        "accepted": ("reissue", "window"),
        "granted": ("deliver", "window"),
    },
    **{process: journeys.ONWARD for process, journeys in journeys_of().items()},
    "deferral": {
        "awaiting_materials": ("hand_in", "applicant"),
        "handed_in": ("confirm", "window"),
        "lapsed": ("refer", "window"),
    },
}


_HEARD = ("hearing_held", "hearing_abandoned")


def _without_state(process: Process, state: str) -> Process:
    """The process without a state, the steps only it had, and the clocks that ran nowhere else."""
    steps = []
    for step in process.steps:
        moves = {a: b for a, b in step.moves.items() if state not in (a, b)}
        if moves:
            steps.append(replace(step, moves=moves))
    clocks = tuple(
        replace(
            clock,
            runs_in=tuple(name for name in clock.runs_in if name != state),
            stops=tuple(stop for stop in clock.stops if stop.states != (state,)),
        )
        for clock in process.clocks
        if clock.runs_in != (state,)
    )
    states = tuple(one for one in process.states if one.name != state)
    return replace(process, states=states, steps=tuple(steps), clocks=clocks)


def _with_limit(process: Process, clock: str, limit: str) -> Process:
    return replace(
        process,
        clocks=tuple(
            replace(one, limit=limit) if one.name == clock else one for one in process.clocks
        ),
    )


def edited() -> dict[str, Process]:
    """A limit, a new step and a removed state, over the three processes."""
    application = _without_state(PROCESSES["instant_licence"], "paused_technical")
    application = _with_limit(application, "decision", "licensing.joint_decision")
    asked = Step("ask", "电话核实", during("accepted", "informed"), (Role.REVIEWER,), optional=True)
    application = replace(application, steps=(*application.steps, asked))
    check = _without_state(PROCESSES["commitment_check"], "unreachable")
    check = _with_limit(check, "check", "check.rectification")
    licence = _with_limit(PROCESSES["licence"], "expiring", "licence.renewal_window")
    return {one.key: one for one in (application, check, licence)}


def _publish(town: Town, processes: Mapping[str, Process]) -> None:
    """As a release does it: as the database's owner, for the application may not."""
    town.time.pass_(minutes=1)
    engine = engine_for(town.url, role=None)
    with Session(engine) as session:
        assert len(publish(session, processes, town.time.now())) == len(processes)
        session.commit()
    engine.dispose()


def _digests(town: Town) -> dict[str, str]:
    with town.session() as session:
        return dict(session.execute(select(Case.number, Case.version_digest)).tuples().all())


def _finish(town: Town, number: str) -> None:
    """Take a case by its ordinary way to an end."""
    for _ in range(12):
        case = town.case(number)
        if case.ended_at:
            return
        if case.state == "ordinary_review":
            follow(town, number, ("check_site", "reviewer+inspector1"), ("grant", "approver"))
        elif case.process == "licence_renewal" and case.state == "accepted":
            # The firm is barred from promising by now, so two officers look.
            follow(town, number, ("check_site", "reviewer+inspector1"), ("grant", "approver"))
        elif case.state == "legal_review":
            follow(town, number, ("pass_review", "legal"), ("revoke", "approver"))
        elif (case.process, case.state) == ("interested_party", "told"):
            waived = (("waive_defence", "applicant2"), ("waive_hearing", "applicant2"))
            follow(town, number, ("serve_notice", "reviewer"), *waived)
            follow(town, number, ("consider_opinions", "reviewer"))
        elif case.tracks.get("correction") in ("correction_unserved", "correction_announced"):
            follow(town, number, ("serve_correction", "inspector1"))
        else:
            if case.state == "draft":
                town.attach(number)
            if case.state == "rectification_ordered":
                follow(town, number, ("serve_order", "inspector1"))
            if case.state == "revocation_notified":
                if "serve_notice" not in case.data:
                    follow(town, number, ("serve_notice", "inspector1"))
                follow(town, number, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
            elif case.state in _HEARD and "serve_notice" not in case.data:
                # A notice that was never served is given anew.
                follow(town, number, ("notify_revocation", "inspector1+inspector2"))
                continue
            elif case.state in _HEARD:
                town.time.pass_(days=10)  # the time for statements goes on
            follow(town, number, _ONWARD[case.process][case.state])
    raise AssertionError(f"{number} does not end")


@pytest.fixture(scope="module")
def old(full_town: tuple[Town, Numbers]) -> tuple[Town, Numbers, dict[str, str]]:
    """Cases in every state, and then the edited declarations are published."""
    town, numbers = full_town
    before = _digests(town)
    _publish(town, edited())
    # As after a restart: what is remembered of versions is read again.
    town.office = Office(town.database, town.time, public_url="http://127.0.0.1:8000")
    return town, numbers, before


def test_each_case_finishes_under_its_own_version(
    old: tuple[Town, Numbers, dict[str, str]],
) -> None:
    town, numbers, before = old
    applied = _ONWARD.keys() - {"licence"}
    mine = {
        number: state
        for (process, state), number in numbers.items()
        if process in applied or (process, state) == ("licence", "expired")
    }
    for number, state in mine.items():
        case = town.case(number)
        assert state in (case.state, *case.tracks.values())
    # Days go by while others are heard, so that comes last.
    for number in sorted(mine, key=lambda number: "-LX-" in number):
        _finish(town, number)
    with town.session() as session:
        ended = session.scalars(
            select(Case).where(Case.number.in_(numbers.values()), Case.process.in_(applied))
        ).all()
        assert all(case.ended_at for case in ended)
        assert verify_database(session, VersionCache()).faults == ()
    after = _digests(town)
    assert {number: after[number] for number in before} == before


@pytest.mark.slow
def test_an_old_case_keeps_its_steps_states_and_limits(town: Town) -> None:
    reviewed = apply_to(town, "ordinary_review", address(1))
    informed = apply_to(town, "informed", address(2))
    check = town.relative(town.granted(address=address(3)), "check").number
    due = town.case(check).due_on
    _publish(town, edited())
    town.time.pass_(days=1)

    with pytest.raises(StepNotOfState):
        town.take(informed, "ask", "reviewer")
    follow(town, reviewed, ("pause", "reviewer"))
    town.time.pass_(days=2)
    follow(town, reviewed, ("resume", "reviewer"))
    assert _due(town, reviewed, "decision") == date(
        2026, 10, 9
    )  # 20 working days, three of them lost
    follow(town, check, ("assign", "supervisor"), ("record_unreachable", OFFICERS))
    assert town.case(check).state == "unreachable"
    assert _due(town, check, "check") == due


@pytest.mark.slow
def test_a_new_case_runs_under_the_new_version(town: Town) -> None:
    before = town.apply(address=address(1))
    _publish(town, edited())
    number = apply_to(town, "ordinary_review", address(2))
    informed = apply_to(town, "informed", address(3))
    assert _digests(town)[number] != _digests(town)[before]
    with pytest.raises(StepNotOfState, match="没有步骤"):
        town.take(number, "pause", "reviewer", usual("instant_licence", "pause"))
    town.take(informed, "ask", "reviewer")
    assert town.case(informed).state == "informed"
    assert _due(town, number, "decision") == date(2026, 11, 9)  # 45 working days over 国庆

    follow(town, number, ("check_site", "reviewer+inspector1"), ("grant", "approver"))
    licence = town.relative(number, "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    assert _due(town, licence.number, "expiring") == until - timedelta(days=30)


@pytest.mark.slow
def test_a_case_opened_by_an_old_one_runs_under_the_new_version(town: Town) -> None:
    """The grant is the old application's; the check it opens is judged by what now holds."""
    number = town.committed()
    _publish(town, edited())
    town.take(number, "grant", "window")
    check = town.relative(number, "check")
    assert check.version_digest == digest(edited()["commitment_check"])
    assert town.case(number).version_digest == digest(PROCESSES["instant_licence"])
    assert check.due_on == date(2026, 10, 8)  # 30 days, ending in 国庆, so the next working day
    follow(town, check.number, ("assign", "supervisor"))
    with pytest.raises(StepNotOfState):
        follow(town, check.number, ("record_unreachable", OFFICERS))
    # An old licence is moved by a new check all the same.
    follow(
        town,
        check.number,
        ("inspect", OFFICERS),
        ("find_false", OFFICERS),
        ("notify_revocation", "inspector1+inspector2"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"),
        ("pass_review", "legal"),
        ("revoke", "approver"),
        ("serve", "inspector1"),
        ("deregister", "approver"),
    )
    assert town.relative(number, "licence").state == "deregistered"
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def test_a_version_for_a_later_day_waits_for_it(town: Town) -> None:
    day = legal_date(START) + timedelta(days=10)
    _publish(town, {key: replace(one, effective_from=day) for key, one in edited().items()})
    first = _digests(town)
    before = town.apply(address=address(1))
    town.time.pass_(days=9)
    still = town.apply(address=address(2))
    town.time.pass_(days=1)
    after = town.apply(address=address(3))
    found = _digests(town)
    assert found[before] == found[still] != found[after]
    assert first == {}


def test_a_release_that_goes_back_to_an_older_version_brings_it_into_force(town: Town) -> None:
    first = PROCESSES["licence"]
    second = replace(first, steps=first.steps[:-1])
    engine = engine_for(town.url, role=None)
    with Session(engine) as session:
        for days, released in enumerate((second, first), 1):
            publish(session, {"licence": released}, START + timedelta(days=days))
            today = legal_date(START)
            _, in_force = town.office.versions.in_force(session, "licence", today)
            assert in_force == digest(released)
    engine.dispose()


def test_an_act_pending_at_a_release_is_confirmed_under_the_old_version(town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    follow(town, check, ("assign", "supervisor"))
    town.take(check, "inspect", "inspector1", look(met=True))
    version = town.case(check).version
    _publish(town, edited())
    town.office.sign(check, "inspect", town.people["inspector2"], version=version)
    assert town.case(check).state == "inspected"


@pytest.mark.slow
def test_a_role_taken_away_by_a_new_version_is_kept_by_old_cases(town: Town) -> None:
    appoint(town, newcomer(town, "chief"), "approver")
    steps = tuple(
        replace(step, by=(Role.APPROVER,)) if step.name == "accept" else step
        for step in PROCESSES["instant_licence"].steps
    )
    old = apply_to(town, "received", address(1))
    changed = replace(PROCESSES["instant_licence"], steps=steps)
    _publish(town, {changed.key: changed})
    new = apply_to(town, "received", address(2))
    town.take(old, "accept", "window")
    town.take(new, "accept", "chief")


def _due(town: Town, number: str, clock: str) -> date | None:
    with town.session() as session:
        return session.scalars(
            select(CaseClock.due_on).where(
                CaseClock.case_id == town.case(number).id, CaseClock.name == clock
            )
        ).one()
