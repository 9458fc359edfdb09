"""The parts that lead to a decision: composed whole they have no hole, and each hole is found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from casework.common.typed_inputs import read
from casework.operations.knowledge import knowledge
from casework.operations.release import shipped_rules
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK
from state_machines.language.canonical import digest, from_json, to_json
from state_machines.language.vocabulary import Binding, Process, Step
from state_machines.parts.approvals.measures import Measure, heavier, in_words
from state_machines.processes import PROCESSES
from state_machines.verification import Finding, Knowledge, verify
from tests.support.small_penalty import SMALL_PENALTY


@cache
def _house() -> Knowledge:
    known, faults = knowledge(shipped_rules())
    assert faults == []
    return known


def _found(process: Process) -> list[Finding]:
    # The small penalty has no relatives.
    family = {process.key: process} if process.key == "small_penalty" else PROCESSES
    family = {**family, process.key: process}
    return [f for f in verify(family, _house()) if f.process == process.key]


def _with_step(process: Process, name: str, **changes: Any) -> Process:
    assert any(step.name == name for step in process.steps)
    steps = (replace(s, **changes) if s.name == name else s for s in process.steps)
    return replace(process, steps=tuple(steps))


def _without_guard(step: Step, name: str) -> tuple[Any, ...]:
    kept = tuple(guard for guard in step.guards if guard.name != name)
    assert len(kept) < len(step.guards)
    return kept


def _with_binding(process: Process, name: str, **changes: Any) -> Process:
    assert any(one.name == name for one in process.binds)
    binds = (replace(one, **changes) if one.name == name else one for one in process.binds)
    return replace(process, binds=tuple(binds))


@pytest.mark.slow
@pytest.mark.parametrize("process", [SMALL_PENALTY, COMMITMENT_CHECK], ids=lambda p: p.key)
def test_the_parts_composed_have_no_hole(process: Process) -> None:
    assert _found(process) == []


@pytest.mark.parametrize("process", [SMALL_PENALTY, COMMITMENT_CHECK], ids=lambda p: p.key)
def test_what_binds_is_part_of_the_version_and_comes_back_from_it(process: Process) -> None:
    rebuilt = from_json(to_json(process))

    assert rebuilt.binds == process.binds
    assert digest(rebuilt) == digest(process)
    assert digest(replace(process, binds=())) != digest(process)
    assert "binds" not in to_json(replace(process, binds=()))  # older versions keep their hash


class TestAWayPastAnApprovalIsTold:
    """`nuoxin check` tells the way on which a decision needs no approval."""

    def test_past_the_notice(self) -> None:
        step = SMALL_PENALTY.step("reconsider")
        broken = _with_step(
            SMALL_PENALTY, "reconsider", moves={"opinion": "reconsidered", **step.moves}
        )

        told = [f.message for f in _found(broken) if f.kind == "decision_without_approval"]

        assert told == [
            "调查终结 –investigate→ 合议 –reconsider→: taken without 事先告知 on this way",
            "调查终结 –investigate→ 合议 –reconsider→ 复核 –forgo_review→ 集体讨论 "
            "–conclude_panel→ 待作出决定 –decide→: taken without 事先告知 on this way",
        ]

    def test_past_the_review(self) -> None:
        step = SMALL_PENALTY.step("submit_review")
        broken = _with_step(
            SMALL_PENALTY, "submit_review", moves={**step.moves, "reconsidered": "panel_discussion"}
        )

        (told,) = [f for f in _found(broken) if f.kind == "decision_without_approval"]

        assert "复核 –submit_review→ 集体讨论 –conclude_panel→ 待作出决定 –decide→" in told.message
        assert "without 法制审核" in told.message

    def test_past_the_panel(self) -> None:
        step = SMALL_PENALTY.step("pass_review")
        broken = _with_step(
            SMALL_PENALTY, "pass_review", moves=dict.fromkeys(step.moves, "decision_pending")
        )

        (told,) = [f for f in _found(broken) if f.kind == "decision_without_approval"]

        assert "–pass_review→ 待作出决定 –decide→: taken without 集体讨论" in told.message

    @pytest.mark.slow
    def test_after_a_return(self) -> None:
        broken = _with_step(
            COMMITMENT_CHECK, "return_review", moves={"legal_review": "review_passed"}
        )

        kinds = {f.kind: f.message for f in _found(broken)}

        assert "法制审核 –return_review→ 审核通过 –revoke→" in kinds["decision_after_lapse"]

    @pytest.mark.slow
    def test_a_pass_that_leaves_the_case_where_it_waits(self) -> None:
        broken = _with_step(COMMITMENT_CHECK, "revoke", moves={"legal_review": "revoked"})

        found = [f for f in _found(broken) if f.kind == "decision_without_approval"]

        assert [f.message.rpartition(": ")[2] for f in found] == [
            "taken without 法制审核 on this way"
        ]


def test_a_new_notice_that_gives_no_new_time_is_found() -> None:
    clocks = tuple(
        replace(clock, runs_in=("notified", "statement_heard"))
        if clock.name == "defence"
        else clock
        for clock in SMALL_PENALTY.clocks
    )

    (found,) = _found(replace(SMALL_PENALTY, clocks=clocks))

    assert found.kind == "time_not_anew"
    assert "已陈述申辩 –notify→ 已告知: clock 陈述申辩期限" in found.message


@pytest.mark.parametrize("guard", ["approvals_are_there", "approvals_are_kept"])
def test_a_bound_step_that_does_not_ask_is_found(guard: str) -> None:
    step = SMALL_PENALTY.step("decide")
    broken = _with_step(SMALL_PENALTY, "decide", guards=_without_guard(step, guard))

    found = [f for f in _found(broken) if f.kind == "binding_not_asked"]

    assert len(found) == 3  # the notice, the review and the panel
    assert all(f"decide is bound by {label}" in "".join(f.message for f in found)
               for label in ("事先告知", "法制审核", "集体讨论"))  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"by": ("pass",)}, "unknown_step"),
        ({"lapses": ("gone",)}, "unknown_step"),
        ({"parts": ("facts", "sum")}, "binding_without_content"),
        ({"milder": ("facts",)}, "binding_not_weighed"),
    ],
)
def test_a_binding_that_names_nothing_is_found(changes: dict[str, Any], kind: str) -> None:
    broken = _with_binding(SMALL_PENALTY, "review", **changes)

    assert kind in {f.kind for f in _found(broken)}


def test_a_binding_is_dispensed_with_by_name() -> None:
    review = next(one for one in SMALL_PENALTY.binds if one.name == "review")

    assert [s.name for s in SMALL_PENALTY.steps if review.dispensed_by(s)] == ["forgo_review"]
    assert not any(Binding("x", "", (), (), (), ()).dispensed_by(s) for s in SMALL_PENALTY.steps)


def _measure(kind: str, amount: str = "", days: int = 0, detail: str = "") -> Measure:
    return read(Measure, {"kind": kind, "amount": amount, "days": days, "detail": detail})


@pytest.mark.parametrize(
    ("told", "now", "worse"),
    [
        ([_measure("罚款", "3000")], [_measure("罚款", "3000.00")], 0),
        ([_measure("罚款", "3000")], [_measure("罚款", "2999.99")], 0),
        ([_measure("罚款", "3000")], [_measure("罚款", "3000.01")], 1),
        ([_measure("罚款", "3000")], [_measure("警告")], 1),
        ([_measure("罚款", "3000"), _measure("警告")], [_measure("警告")], 0),
        ([_measure("罚款", "3000")], [_measure("罚款", "2000"), _measure("罚款", "2000")], 1),
        ([_measure("责令停产停业", days=10)], [_measure("责令停产停业", days=11)], 1),
        ([_measure("责令停产停业", days=10)], [_measure("责令停产停业", days=3)], 0),
        ([_measure("罚款", "9007199254740993.01")], [_measure("罚款", "9007199254740993.02")], 1),
    ],
)
def test_what_is_heavier(told: list[Measure], now: list[Measure], worse: int) -> None:
    assert len(heavier(told, now)) == worse


def test_a_measure_in_words() -> None:
    assert in_words(_measure("罚款", "3000")) == "罚款人民币3000.00元（大写：叁仟元整）"
    assert in_words(_measure("责令停产停业", days=10, detail="至整改合格")) == (
        "责令停产停业10日（至整改合格）"
    )
