"""What the door asks of each step: tests/data/processes, by hand from the law, against what is
declared and told from the declarations."""

from __future__ import annotations

import json

import pytest

from state_machines.door import acts
from state_machines.language.canonical import digest, from_json, to_json
from state_machines.language.fields import DeliveryMethod
from state_machines.language.vocabulary import (
    BringInLine,
    Escalate,
    LegalDay,
    Mark,
    Notify,
    Process,
    Publish,
    Role,
    Step,
    Withdraw,
)
from state_machines.licences import LICENCES
from state_machines.licensing.food_standard.process import FOOD_STANDARD
from state_machines.licensing.interested_party.process import INTERESTED_PARTY
from state_machines.licensing.licence.forms import GIVE_BACK
from state_machines.licensing.licence.process import HELD, LICENCE
from state_machines.parts.delivery.forms import Way
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE
from state_machines.parts.remedies.forms import BRING_BACK
from state_machines.processes import PROCESSES
from state_machines.radiation.diagnosis_licence.process import DIAGNOSIS_LICENCE
from state_machines.radiation.diagnosis_licence.process import STANDING as DIAGNOSED
from state_machines.radiation.safety_licence.process import SAFETY_LICENCE
from state_machines.radiation.safety_licence.process import STANDING as SAFE
from tests.support.signed import STATEMENTS
from tests.support.versions import asking_nothing
from tools.expectations import expected_processes

_BY_HAND = {"直接送达", "留置送达"}


def _certificate(step: Step) -> str:
    """When the step asks for a certificate, tried for each role and each way of delivery."""
    roles = [role for role in step.by if not role.automatic]
    offered = {*Way, *DeliveryMethod} if acts.delivers(step) else {""}
    asks = {"way", "method"}.intersection((step.form or {}).get("properties", {}))
    ways = {
        str(way)
        for way in offered
        for role in roles
        if acts.needs_certificate(step, role, dict.fromkeys(asks, str(way)))
    }
    if not ways:
        return ""
    return "by hand" if ways == _BY_HAND else "yes"


def test_the_tables_say_of_every_step_what_the_declarations_say() -> None:
    found = {
        (
            process.key,
            step.name,
            step.label,
            frozenset(role.value for role in step.by),
            acts.legal_day(step).value,
            _certificate(step),
            tuple(acts.waits_for(process, step)),
        )
        for process in PROCESSES.values()
        for step in process.every_step
    }
    wanted = {
        (
            key,
            name,
            step.label,
            frozenset(role for roles in step.roles.values() for role in roles),
            step.day,
            step.certificate,
            step.waits_for,
        )
        for key, expected in expected_processes().items()
        for name, step in expected.steps.items()
    }
    assert found - wanted == set()
    assert wanted - found == set()


def test_no_step_that_issues_a_decision_bears_another_day_than_that_of_its_entry() -> None:
    """By the head of an authority, in a review, or in a panel: they have no certificate either."""
    deciding = {
        Role.APPROVER, Role.ECO_APPROVER, Role.LEGAL_REVIEWER, Role.PANEL_MEMBER, Role.SUPERVISOR,
    }  # fmt: skip
    remedies = {"reconsideration", "litigation"}
    # What criminal justice decided or sent back bears the day of its paper (处罚法27).
    others = {("penalty", "take_back"), ("penalty", "end_with_justice")}
    for process in PROCESSES.values():
        for step in process.every_step:
            track = process.track_of(step.name)
            outside = (track and track.name in remedies) or (process.key, step.name) in others
            if set(step.by) & deciding and not outside:
                assert acts.legal_day(step) is LegalDay.ENTRY, (process.key, step.name)
            for role in deciding & set(step.by):
                assert not acts.needs_certificate(step, role), (process.key, step.name)


def test_a_holder_is_told_by_two_that_it_is_to_lose_what_it_holds() -> None:
    """One officer tells only those who hold nothing yet, or of what is no right of theirs."""
    by_one = {
        process.key
        for process in PROCESSES.values()
        for step in process.steps
        if step.name == GIVE_PRIOR_NOTICE and not step.two_officers
    }
    assert by_one == {
        "instant_licence",
        "one_matter",
        "single_health",
        "single_eco",
        "credit_repair",
    }


# In which states somebody holds a licence, or what he filed.
_HELD = {
    LICENCE.key: set(HELD),
    DIAGNOSIS_LICENCE.key: set(DIAGNOSED),
    SAFETY_LICENCE.key: set(SAFE),
    FOOD_STANDARD.key: {"filed", "revising", "revision_noticed"},
}
# What gives it back: the step by which a case, a court or 复议 has that done.
_BACK = (BRING_BACK, GIVE_BACK, "reinstate")


def test_whatever_an_authority_takes_comes_back_if_that_is_quashed() -> None:
    """From wherever a licence, or a filing, may stand after an authority took it."""
    assert set(_HELD) == {*LICENCES, FOOD_STANDARD.key}
    for key, held in _HELD.items():
        process = PROCESSES[key]
        gone = {
            to
            for step in process.steps
            for source, to in step.moves.items()
            if source in held and to not in held and set(step.by) - {Role.TIMER, Role.APPLICANT}
        }
        while (
            more := {
                step.moves[state] for step in process.steps for state in gone if state in step.moves
            }
            - gone
            - held
        ):
            gone |= more
        assert gone
        for state in gone:
            ways = {
                step.name
                for step in process.steps
                if step.moves.get(state) in held and step.name in _BACK
            }
            assert ways, (key, state)


@pytest.mark.parametrize("process", PROCESSES.values(), ids=list(PROCESSES))
def test_what_a_court_may_change_has_consequences(process: Process) -> None:
    """Where a remedy lies over a decision, its end does something to what was decided, and takes
    down what was shown of it."""
    shown = any(isinstance(one, Publish) for step in process.steps for one in step.effects)
    for step in process.every_step:
        if step.name.startswith("change_by_"):
            caused = {type(effect) for effect in step.effects}
            assert {Mark, BringInLine} <= caused, (process.key, step.name)
            assert (Withdraw in caused) == shown, (process.key, step.name)


def test_whichever_department_hears_learns_what_comes_of_it() -> None:
    """What tells one of those who may hold the hearing, or decide upon it, tells both."""
    told = [
        *({one.to for one in step.effects if isinstance(one, Notify)}
          for step in INTERESTED_PARTY.steps),
        *({one.to for one in clock.remind} for clock in INTERESTED_PARTY.clocks),
        *(set(clock.on_expiry.told) for clock in INTERESTED_PARTY.clocks
          if isinstance(clock.on_expiry, Escalate)),
    ]  # fmt: skip
    for health, ecology in (
        (Role.REVIEWER, Role.ECO_REVIEWER),
        (Role.APPROVER, Role.ECO_APPROVER),
    ):
        assert any(health in these for these in told)
        assert all((health in these) == (ecology in these) for these in told)


def test_what_the_party_signs_when_another_enters_it() -> None:
    asked = {
        (step.name, acts.in_writing(step))
        for process in PROCESSES.values()
        for step in process.every_step
        if acts.in_writing(step)
    }
    assert asked == set(STATEMENTS.items())


@pytest.mark.parametrize("way", Way)
def test_what_is_posted_or_passed_on_bears_the_day_that_others_wrote_down(way: Way) -> None:
    serve = PROCESSES["penalty"].step("serve")
    others = way in (Way.POST, Way.ENTRUSTED, Way.FORWARDED)
    expected = LegalDay.OTHERS if others else LegalDay.AWAY
    assert acts.legal_day(serve, {"way": way.value}) is expected


@pytest.mark.parametrize("process", PROCESSES.values(), ids=list(PROCESSES))
def test_what_the_door_asks_is_no_part_of_a_version(process: Process) -> None:
    """So it binds cases of every version; but a version carries what was asked when published."""
    assert digest(asking_nothing(process)) == digest(process)
    again = from_json(json.loads(json.dumps(to_json(process))))
    for step in process.every_step:
        kept = again.step(step.name)
        assert (kept.legal_day, kept.entered_within, kept.certified, kept.waits_for) == (
            step.legal_day,
            step.entered_within,
            step.certified,
            step.waits_for,
        )
