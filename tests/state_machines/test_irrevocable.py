"""Which steps ask before they are taken: tests/data/processes, from the procedures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state_machines.door.irrevocable import given_up, grounds
from state_machines.language.canonical import digest
from state_machines.language.vocabulary import Process, Step
from state_machines.processes import PROCESSES
from tests.state_machines.small import SMALL
from tools.expectations import expected_processes

LICENCE = PROCESSES["instant_licence"]


def _by_people(process: Process) -> list[Step]:
    return [step for step in process.every_step if not all(role.automatic for role in step.by)]


def test_each_step_asks_for_the_reasons_of_the_table() -> None:
    wanted = {
        (key, name, " ".join(step.asks))
        for key, expected in expected_processes().items()
        for name, step in expected.steps.items()
        if step.asks
    }
    found = set()
    for process in PROCESSES.values():
        for step in _by_people(process):
            keys = {one.key for state in step.moves for one in grounds(process, step, state)}
            if keys:
                found.add((process.key, step.name, " ".join(sorted(keys))))
    assert found == wanted


@pytest.mark.parametrize("process", PROCESSES.values(), ids=lambda process: process.key)
def test_no_case_ends_and_nothing_final_is_done_without_a_question(process: Process) -> None:
    for step in _by_people(process):
        for source, target in step.moves.items():
            ended = process.state(source).end  # what comes to it then may be entered again
            ends = process.track_of(step.name) is None and process.state(target).end and not ended
            if ends or step.final or step.asks:
                assert grounds(process, step, source), (step.name, source)


def test_the_usual_way_of_a_licence_asks_nothing_until_it_is_granted() -> None:
    for name in ("submit", "supply", "accept", "inform", "study", "commit", "pause", "resume"):
        step = LICENCE.step(name)
        assert [grounds(LICENCE, step, source) for source in step.moves] == [()] * len(step.moves)


def test_who_declines_to_promise_is_told_what_is_given_up() -> None:
    decline = LICENCE.step("decline")
    assert [step.name for step in given_up(LICENCE, decline, "informed")] == ["commit"]
    [ground] = grounds(LICENCE, decline, "informed")
    assert (ground.key, ground.text) == ("gives_up", "办理后不能再“签署承诺书”")


def test_a_right_that_is_used_is_not_given_up() -> None:
    penalty = PROCESSES["penalty"]
    for name in ("state_defence", "request_hearing"):
        assert grounds(penalty, penalty.step(name), "notified") == ()


def test_what_can_be_taken_back_asks_only_where_it_cannot() -> None:
    licence = PROCESSES["licence"]
    closure = licence.step("request_closure")
    assert grounds(licence, closure, "valid") == ()
    [ground] = grounds(licence, closure, "not_ready")
    assert ground.text == "办理后不能再“报告条件已经具备”"


def test_a_step_that_asks_is_of_the_same_version() -> None:
    permit = SMALL["permit"]
    asking = replace(
        permit,
        steps=tuple(
            replace(step, asks=True) if step.name == "submit" else step for step in permit.steps
        ),
    )
    assert digest(asking) == digest(permit)
    assert grounds(permit, permit.step("submit"), "draft") == ()
    assert [one.key for one in grounds(asking, asking.step("submit"), "draft")] == ["declared"]
