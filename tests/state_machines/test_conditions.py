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

from state_machines.credit.training.facts import ExamPaper
from state_machines.credit.training.guards import paper_is_drawn
from state_machines.door.gates import GATES, guards_of
from state_machines.enforcement.fines.facts import (
    Debt,
    InstalmentDue,
    PaymentMade,
    PlanHeld,
    Settlement,
)
from state_machines.enforcement.fines.guards import (
    all_is_paid,
    an_instalment_is_due,
    an_instalment_is_missed,
    instalment_is_in_time,
    instalment_is_paid_in_full,
    it_is_the_last_instalment,
    more_instalments_follow,
    only_the_late_fee_is_left,
    payment_is_what_is_owed,
    plan_goes_on,
)
from state_machines.language.vocabulary import Guard, Issue, Role
from state_machines.licensing.penalised.facts import LicenceToGiveBack
from state_machines.licensing.penalised.guards import licence_is_given_back
from state_machines.parties.code_change.facts import ContinuedCode
from state_machines.parties.code_change.guards import old_code_may_be_continued
from state_machines.parts.delivery.facts import ServiceDay, ToServe
from state_machines.parts.delivery.guards import last_receipt_is_here, service_day_fits
from state_machines.parts.evidence.guards import evidence_is_on_file
from state_machines.parts.hearing.facts import HearingRequestTime
from state_machines.parts.hearing.guards import hearing_is_asked_in_time
from state_machines.parts.remedies.facts import ComeBack
from state_machines.parts.remedies.guards import decision_is_back
from state_machines.processes import PROCESSES

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
    # It is given back by itself, or cannot be any more.
    "licence_not_given_back": (licence_is_given_back, LicenceToGiveBack("已撤销", ("L-1",))),
    "served_later": (service_day_fits, ServiceDay(NEXT, DAY, DAY)),
    "nothing_waits": (last_receipt_is_here, ToServe((), (), ())),
    "hearing_not_told": (hearing_is_asked_in_time, HearingRequestTime(DAY, None, waived=False)),
    "instalment_not_missed": (an_instalment_is_missed, InstalmentDue(1, "400.00", DAY, 1, DAY)),
    # Steps that follow by themselves are not told why they do not.
    "other_duties_stand": (
        all_is_paid,
        Settlement("0.00", sums=False, other_duties=("责令停产停业",)),
    ),
    "plan_is_not_kept": (plan_goes_on, PlanHeld(1, "400.00")),
    "decision_is_not_back": (decision_is_back, ComeBack(given_up=True, stands=False)),
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


_PART = InstalmentDue(1, "400.00", DAY, 1, NEXT)
_LAST = replace(_PART, after=0)
_DEBT = Debt(DAY, "1000.00", "0.00", "0.00", "0.00", "1000.00", "")
_PAID = PaymentMade(
    "300.00", NEXT, NEXT, DAY, "A-1",
    used=False, on_the_spot=False, spot_most="100.00", simple=False,
)  # fmt: skip
# What only cases of older versions are asked, which enter each instalment as such.
OF_OLDER_VERSIONS: Mapping[str, tuple[Guard, tuple[object, ...], bool]] = {
    "sum_wrong": (payment_is_what_is_owed, (_PAID, _DEBT), False),
    "paid to the cent": (payment_is_what_is_owed, (replace(_PAID, amount="1000.00"), _DEBT), True),
    "no_instalment_due": (an_instalment_is_due, (replace(_PART, amount="0.00"),), False),
    "one is due": (an_instalment_is_due, (_PART,), True),
    "sum_wrong of a part": (instalment_is_paid_in_full, (_PAID, _PART), False),
    "a part in full": (instalment_is_paid_in_full, (replace(_PAID, amount="400.00"), _PART), True),
    "instalment_missed": (instalment_is_in_time, (_PAID, _PART), False),
    "in time": (instalment_is_in_time, (replace(_PAID, on=DAY), _PART), True),
    "last_instalment": (more_instalments_follow, (_LAST,), False),
    "more follow": (more_instalments_follow, (_PART,), True),
    "not_last_instalment": (it_is_the_last_instalment, (_PART,), False),
    "the last one": (it_is_the_last_instalment, (_LAST,), True),
}


@pytest.mark.parametrize("what", OF_OLDER_VERSIONS)
def test_cases_of_older_versions_are_asked_as_they_were(what: str) -> None:
    guard, known, allowed = OF_OLDER_VERSIONS[what]
    refused = guard.judge({type(fact): fact for fact in known})
    if allowed:
        assert refused is None
    else:
        assert refused is not None
        assert refused.code == what.partition(" ")[0]


def test_a_fee_alone_is_left_once_the_plan_is_paid() -> None:
    def left(sum_: str, parts: int) -> str:
        known = {PlanHeld: PlanHeld(parts, "0.00"), Debt: replace(_DEBT, left=sum_)}
        refused = only_the_late_fee_is_left.judge(known)
        return refused.code if refused else ""

    assert left("48.00", 0) == ""
    assert left("648.00", 1) == left("0.00", 0) == "not_the_late_fee_alone"


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
