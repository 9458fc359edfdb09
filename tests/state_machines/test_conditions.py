"""Which conditions stand before each step: tests/data/conditions.csv, read against the rulebook,
and that each way in which they can refuse is expected by some test."""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from state_machines.facts.fines import InstalmentDue
from state_machines.facts.right_to_be_heard import HearingRequestTime
from state_machines.facts.service import ServiceDay, ToServe
from state_machines.facts.successions import ContinuedCode
from state_machines.facts.training import ExamPaper
from state_machines.gates import GATES, guards_of
from state_machines.guards.evidence import evidence_is_on_file
from state_machines.guards.fines import an_instalment_is_missed
from state_machines.guards.right_to_be_heard import hearing_is_asked_in_time
from state_machines.guards.service import last_receipt_is_here, service_day_fits
from state_machines.guards.successions import old_code_may_be_continued
from state_machines.guards.training import paper_is_drawn
from state_machines.processes import PROCESSES
from state_machines.vocabulary import Guard, Issue, Role

DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)
_OLD = ContinuedCode(
    "91320602MA1W01780L",
    registered=True,
    own=False,
    other_kind=False,
    circular=False,
    continued_by="",
)
# What the doors before them keep from coming about: a day that no act may bear, a claim that was
# judged when it was opened, a step that is not there without what it is about.
BEHIND_A_DOOR: Mapping[str, tuple[Guard, object]] = {
    "served_later": (service_day_fits, ServiceDay(NEXT, DAY, DAY)),
    "nothing_waits": (last_receipt_is_here, ToServe((), (), ())),
    "hearing_not_told": (hearing_is_asked_in_time, HearingRequestTime(DAY, None, waived=False)),
    "instalment_not_missed": (an_instalment_is_missed, InstalmentDue(1, "400.00", DAY, 1, DAY)),
    "bank_too_small": (paper_is_drawn, ExamPaper("", ("one",), 2)),
    "old_code_unknown": (old_code_may_be_continued, replace(_OLD, registered=False)),
    "old_code_own": (old_code_may_be_continued, replace(_OLD, own=True)),
    "old_code_other_kind": (old_code_may_be_continued, replace(_OLD, other_kind=True)),
    "old_code_circular": (old_code_may_be_continued, replace(_OLD, circular=True)),
}

_HERE = Path(__file__).parent
TABLE = _HERE.parent / "data" / "conditions.csv"
_CODE = re.compile(r'Refusal\(\s*"(\w+)"')


def test_each_step_has_the_conditions_of_the_table() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        wanted = {
            (row["process"], step, row["guard"])
            for row in csv.DictReader(file)
            for step in row["steps"].split()
        }
    declared = {
        (process.key, step.name, guard.name)
        for process in PROCESSES.values()
        for step in process.every_step
        for guard in guards_of(process, step)
    }
    assert declared == wanted


@pytest.mark.parametrize("code", BEHIND_A_DOOR)
def test_what_nobody_gets_as_far_as_is_refused_all_the_same(code: str) -> None:
    guard, fact = BEHIND_A_DOOR[code]
    refused = guard.judge({type(fact): fact})
    assert refused is not None
    assert refused.code == code


def test_what_every_version_asks_is_asked_of_steps_that_there_are() -> None:
    known = {
        f"{process.key}.{step.name}"
        for process in PROCESSES.values()
        for step in process.every_step
    }
    assert GATES.keys() <= known


# Papers that tell the party of facts, or decide on them, against it or for it.
TOLD_OR_DECIDED = {
    "penalty_notice",
    "penalty_decision",
    "spot_decision",
    "no_penalty_decision",
    "revocation_notice",
    "revocation_decision",
}


def test_no_paper_tells_facts_without_evidence() -> None:
    issuing = {
        f"{process.key}.{step.name}"
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, Issue) and effect.document in TOLD_OR_DECIDED
    }
    proved = {key for key, asked in GATES.items() if evidence_is_on_file in asked}
    assert issuing <= proved


def test_every_refusal_is_expected_somewhere() -> None:
    tests = (path.read_text(encoding="utf-8") for path in _HERE.parent.rglob("*.py"))
    words = {word for test in tests for word in re.findall(r"\w+", test)}
    unseen = {
        (guard.name, code)
        for process in PROCESSES.values()
        for step in process.every_step
        if Role.JOIN not in step.by  # between joins a refusal only chooses
        for guard in guards_of(process, step)
        for code in _codes(guard.rule)
        if code not in words
    }
    assert sorted(unseen) == []


def _codes(rule: Callable[..., object]) -> set[str]:
    """The codes that a rule may refuse with, itself or through what helps it in its module."""
    module = inspect.getmodule(rule)
    codes = set(_CODE.findall(inspect.getsource(rule)))
    for name in rule.__code__.co_names:
        helper = getattr(module, name, None)
        if inspect.isfunction(helper) and helper.__module__ == rule.__module__:
            codes |= _codes(helper)
    return codes
