"""The machine fires what is declared, with every verdict in favour, and nothing else."""

from __future__ import annotations

import pytest

from state_machines.language.builder import StepRefused, fire, machine
from state_machines.language.vocabulary import Process, Refusal, Step
from state_machines.processes import PROCESSES
from state_machines.verification.lines import lines
from tests.state_machines.small import PERMIT, REFUSES, SMALL, WANTS_INPUT, with_step

EVERY = [*PROCESSES.values(), PERMIT]
MOVES = [
    pytest.param(
        process, step, [state.name for state in part.states], id=f"{process.key}.{step.name}"
    )
    for process in EVERY
    for part in lines(process)
    for step in part.steps
]


def allowing(step: Step) -> dict[str, Refusal | None]:
    return {guard.key: None for guard in step.guards}


@pytest.mark.parametrize(("process", "step", "states"), MOVES)
def test_a_step_leads_where_it_is_declared_to_and_nowhere_else(
    process: Process, step: Step, states: list[str]
) -> None:
    led = {}
    for source in states:
        try:
            led[source] = fire(process, step, source, allowing(step))
        except StepRefused:
            continue
    assert led == dict(step.moves)


GUARDED = [(process, step) for process in EVERY for step in process.steps if step.guards]


@pytest.mark.parametrize(
    ("process", "step"), GUARDED, ids=[f"{p.key}.{s.name}" for p, s in GUARDED]
)
def test_no_step_fires_past_a_guard(process: Process, step: Step) -> None:
    source = next(iter(step.moves))
    with pytest.raises(StepRefused):
        fire(process, step, source, {})
    for guard in step.guards:
        missing = {key: None for key in allowing(step) if key != guard.key}
        with pytest.raises(StepRefused):
            fire(process, step, source, missing)
        with pytest.raises(StepRefused):
            fire(process, step, source, {**missing, guard.key: Refusal("no", "不行")})


def test_the_verdict_of_another_revision_does_not_count() -> None:
    guarded = with_step(SMALL, "permit", "lapse", guards=(REFUSES,))["permit"]
    with pytest.raises(StepRefused):
        fire(guarded, guarded.step("lapse"), "filed", {"refuse_always@2": None})
    assert fire(guarded, guarded.step("lapse"), "filed", {REFUSES.key: None}) == "ended"


def test_every_guard_of_a_step_has_its_say() -> None:
    guarded = with_step(SMALL, "permit", "lapse", guards=(REFUSES, WANTS_INPUT))["permit"]
    verdicts: dict[str, Refusal | None] = {REFUSES.key: None, WANTS_INPUT.key: Refusal("x", "不")}
    with pytest.raises(StepRefused, match="lapse"):
        fire(guarded, guarded.step("lapse"), "filed", verdicts)


@pytest.mark.parametrize("process", EVERY, ids=lambda process: process.key)
def test_the_machine_knows_no_way_past_the_declaration(process: Process) -> None:
    """`transitions` adds a `to_<state>` for every state unless it is told not to."""
    for track in (None, *(track.name for track in process.tracks)):
        part = process.track(track) if track else process
        assert set(machine(process, track).events) == {step.name for step in part.steps}


def test_a_version_is_built_once_for_all_its_cases() -> None:
    assert machine(PERMIT) is machine(PERMIT)
    assert machine(PERMIT, "eco") is not machine(PERMIT, "health")


def test_cases_do_not_share_their_state() -> None:
    submit = PERMIT.step("submit")
    assert fire(PERMIT, submit, "draft", {}) == "filed"
    assert fire(PERMIT, submit, "draft", {}) == "filed"
