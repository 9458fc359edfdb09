"""The verification of service finds what could count as served without a receipt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state_machines.language.vocabulary import Issue, Process, RecordService, Role, Step
from state_machines.parts.delivery import guards
from state_machines.processes import PROCESSES
from state_machines.radiation.one_matter.process import ONE_MATTER
from state_machines.verification.findings import DocumentKnowledge
from state_machines.verification.service import NOT_SERVED, check_service
from tests.support.fine import FINE


def _with(name: str, **changes: object) -> Process:
    steps = tuple(replace(s, **changes) if s.name == name else s for s in FINE.steps)  # type: ignore[arg-type]
    return replace(FINE, steps=steps)


def _kinds(process: Process) -> dict[str, str]:
    titles = {"refusal_decision": DocumentKnowledge(None, label="不予许可决定书")}
    return {finding.kind: finding.message for finding in check_service(process, titles)}


def test_the_small_fine_has_no_hole() -> None:
    assert _kinds(FINE) == {}


def test_a_way_past_the_receipt_is_told() -> None:
    shortcut = Step("hand_over", "口头告知", {"decided": "served"}, (Role.INSPECTOR,))
    found = _kinds(replace(FINE, steps=(*FINE.steps, shortcut)))
    assert "处罚决定 –hand_over→ 已送达" in found["served_without_receipt"]


@pytest.mark.parametrize("without", [guards.service_is_proved, guards.last_receipt_is_here])
def test_a_receipt_that_nobody_proves_is_found(without: object) -> None:
    kept = tuple(g for g in FINE.step("serve").guards if g is not without)
    assert "service_unproved" in _kinds(_with("serve", guards=kept))


def test_an_announcement_without_tries_is_found() -> None:
    assert "service_unproved" in _kinds(_with("announce", guards=()))


def test_only_the_period_deems_something_served() -> None:
    assert "deemed_by_a_person" in _kinds(_with("deem_served", by=(Role.INSPECTOR,)))


def test_what_was_never_issued_is_not_served() -> None:
    story = _kinds(_with("decide", effects=()))["served_never_issued"]
    assert "review_opinion, which was not issued on this way" in story


def test_a_decision_that_nobody_serves_is_found() -> None:
    titles = {"service_receipt": DocumentKnowledge(None, label="某决定书")}
    found = {finding.kind: finding.message for finding in check_service(FINE, titles)}
    assert "某决定书" in found["decision_unserved"]


def test_what_one_step_made_is_not_served_as_the_paper_of_another() -> None:
    titles = {"refusal_decision": DocumentKnowledge(None, label="不予许可决定书")}
    assert not [one for one in check_service(ONE_MATTER, titles) if one.kind == "decision_unserved"]
    steps = tuple(one for one in ONE_MATTER.steps if not one.name.endswith("_refuse_eco"))
    found = list(check_service(replace(ONE_MATTER, steps=steps), titles))
    assert [one.kind for one in found] == ["decision_unserved"]
    assert "step refuse_eco issues refusal_decision" in found[0].message


def test_whatever_is_not_served_is_issued_unserved_and_says_why() -> None:
    """The list of reasons has no more than it needs."""
    unserved = {
        effect.document
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, Issue)
        and not any(
            isinstance(one, RecordService) and effect.document in one.documents
            for other in process.every_step
            for one in other.effects
        )
    }
    assert NOT_SERVED.keys() <= unserved


def test_a_clock_that_counts_from_no_service_is_found() -> None:
    clocks = tuple(
        replace(c, anchor="service.notice.served_on") if c.name == "payment" else c
        for c in FINE.clocks
    )
    assert "unknown_field" in _kinds(replace(FINE, clocks=clocks))


def test_what_nobody_can_serve_is_found() -> None:
    bare = tuple(
        replace(s, effects=tuple(e for e in s.effects if not isinstance(e, RecordService)))
        if s.name == "serve"
        else s
        for s in FINE.steps
    )
    assert "never_served" in _kinds(replace(FINE, steps=bare))
