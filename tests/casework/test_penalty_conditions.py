"""What a penalty is refused for (处罚的条件), each with its reason, where nothing else says it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casework.common.problems import GuardRefused
from tests.support.exemptions import HANDLERS
from tests.support.penalties import (
    CLOSURE,
    HEAVY,
    NOTIFIED,
    OPINION,
    SERVED,
    UNDOING,
    WARNED,
    WARNING,
    decision,
    fine,
    go,
    inputs_of,
    open_lead,
    penalty_to,
    sentence,
)
from tests.support.refusals import refused
from tests.support.serving import TRY
from tests.support.town import Town

pytestmark = pytest.mark.slow

_REVIEWED = (("submit_review", "handler1"), ("pass_review", "legal"))
_VOTED = (*(("vote", head) for head in ("head1", "head2", "head3")), ("conclude_panel", "approver"))


@pytest.fixture(scope="module")
def taken(module_town: Town) -> Town:
    """A town that all of these share: what is refused moves nothing."""
    return module_town


def _refused(town: Town, number: str, step: str, by: str, code: str, **given: Any) -> None:
    """It is refused for that reason, maybe among others."""
    said = {**inputs_of(town, number, step, {}), **given}
    problem = refused(town, GuardRefused, lambda: town.take(number, step, by, said))
    assert code in [reason["code"] for reason in problem.extra["reasons"]], problem.detail


def _proposed(town: Town, number: str, said: dict[str, Any], code: str) -> None:
    _refused(town, number, "propose", HANDLERS, code, **said)


def test_a_sentence_says_what_it_rests_on(taken: Town) -> None:
    number = penalty_to(taken, "investigated")
    _proposed(taken, number, sentence(stage="grave"), "no_fine_at_this_stage")
    harm = {"aggravations": ["造成较重危害后果"], "circumstances": ""}
    heavier = sentence(WARNING, fine("1800.00"), weight="heavier", **harm)
    _proposed(taken, number, heavier, "circumstances_not_told")
    lighter = sentence(WARNING, fine("300.00"), weight="lighter")
    _proposed(taken, number, lighter, "weight_without_reason")


def test_a_record_is_of_the_class_of_its_gravest_measure(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *NOTIFIED, ("waive_hearing", "applicant"), **HEAVY)
    go(taken, number, ("waive_defence", "applicant"), ("reconsider", "handler1"), **HEAVY)
    go(taken, number, *_REVIEWED, *_VOTED)
    said = HEAVY["decide"]
    milder = {**said, "publicity": "general"}
    _refused(taken, number, "decide", "approver", "publicity_class_wrong", **milder)
    hidden = {**said, "shown": False}
    _refused(taken, number, "decide", "approver", "publicity_wrong", **hidden)


def test_a_hearing_is_asked_for_by_those_who_were_told_of_one(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *NOTIFIED)
    _refused(taken, number, "request_hearing", "applicant", "no_hearing_right")
    heavy = open_lead(taken)
    go(taken, heavy, *NOTIFIED, **HEAVY)
    go(taken, heavy, ("waive_hearing", "applicant"))
    _refused(taken, heavy, "request_hearing", "applicant", "hearing_waived")


def test_where_nothing_is_owed_nothing_is_paid_put_off_or_urged(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *SERVED, **WARNED)
    _refused(taken, number, "ask_for_time", "applicant", "nothing_owed")


def test_performance_is_not_put_down_where_a_fine_is_owed(taken: Town) -> None:
    number = penalty_to(taken, "served")
    _refused(taken, number, "record_performance", "handler1", "still_owed")


def test_a_decision_is_undone_and_not_changed(taken: Town) -> None:
    number = penalty_to(taken, "served")
    changed = {**UNDOING, "kind": "变更", "instead": "罚款变更为六百元"}
    go(taken, number, ("propose_undoing", "handler1"), propose_undoing=changed)
    go(taken, number, ("review_undoing", "legal"))
    _refused(taken, number, "undo_decision", "approver", "penalty_not_changed", **changed)


def test_papers_are_served_when_they_are_there(taken: Town) -> None:
    number = penalty_to(taken, "decided")
    day = taken.time.now().date()
    taken.time.pass_(days=3)
    for way in ("直接送达", "邮寄送达"):
        tried = {**TRY, "way": way, "on": (day + timedelta(days=3)).isoformat()}
        taken.take(number, "record_try", "handler1", tried)
    before = {"published_on": (day + timedelta(days=1)).isoformat()}
    _refused(taken, number, "announce", "handler1", "announced_too_early", **before)


def test_an_opinion_that_is_not_punishing_needs_no_notice(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *OPINION, ("release", "approver"))
    assert taken.case(number).state == "not_punished"


def test_a_heavy_penalty_is_never_decided_without_its_review(taken: Town) -> None:
    """Whatever is left out of the way of a heavy case, the decision is refused for it."""
    number = open_lead(taken)
    go(taken, number, *NOTIFIED, **HEAVY)
    go(taken, number, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    go(
        taken,
        number,
        ("reconsider", "handler1"),
        reconsider={**HEAVY["reconsider"], "complex_case": True},
    )
    _refused(taken, number, "forgo_review", "handler1", "review_compulsory")
    go(taken, number, *_REVIEWED)
    _refused(taken, number, "forgo_panel", "approver", "panel_compulsory")
    go(taken, number, *_VOTED)
    heavier = decision(WARNING, fine(), {**CLOSURE, "days": 20}, publicity="serious")
    _refused(taken, number, "decide", "approver", "notice_heavier", **heavier)
