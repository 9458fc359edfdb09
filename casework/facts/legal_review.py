"""Legal review (法制审核): what makes it compulsory, and what the reviewer answered."""

from __future__ import annotations

from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.proposals import draft_of
from state_machines.facts.legal_review import Checklist, EarlyReview, ReviewNeed


def _hearing_held(act: Act) -> bool:
    return "hold_hearing" in act.data


def _need(act: Act) -> ReviewNeed:
    stated = (draft_of(act) or {}).get("review_grounds", ())
    return ReviewNeed(tuple(stated), _hearing_held(act))


def _checklist(act: Act) -> Checklist:
    asked = act.rules.value("review.checklist", act.day, act.region)
    answers = {one["item"]: one["ok"] for one in act.input.get("checklist", ())}
    return Checklist(
        tuple(item for item in asked if item not in answers),
        tuple(item for item, ok in answers.items() if not ok),
    )


def _early(act: Act) -> EarlyReview:
    allowed = act.rules.value("review.before_notice", act.day, act.region)
    return EarlyReview(bool(allowed), _hearing_held(act))


GATHERERS: Gatherers = {
    Checklist: _checklist,
    EarlyReview: _early,
    ReviewNeed: _need,
}
