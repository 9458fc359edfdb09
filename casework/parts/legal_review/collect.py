"""Legal review (法制审核): what makes it compulsory, and what the reviewer answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from casework.acts.act import Act
from casework.acts.party_kinds import who
from casework.acts.proposals import dispensed, draft_of
from casework.kernel.facts import FactTable
from casework.models import Party
from casework.parts.same_act.same_act import distinctions_of
from casework.rules.rule_cache import Rules
from state_machines.parts.approvals.forms import Reconsidered
from state_machines.parts.approvals.measures import (
    CONFISCATIONS,
    FINES,
    Measure,
    total,
    unvalued_goods,
)
from state_machines.parts.hearing.forms import HOLD_HEARING
from state_machines.parts.legal_review.facts import (
    Checklist,
    EarlyReview,
    ReviewLeftOut,
    ReviewNeed,
)
from state_machines.parts.legal_review.forms import ReviewPass


def _hearing_held(act: Act) -> bool:
    return HOLD_HEARING in act.inputs


def _need(act: Act) -> ReviewNeed:
    return ReviewNeed(_grounds(act), _hearing_held(act))


def _left_out(act: Act) -> ReviewLeftOut:
    heard = ("直接关系重大权益，经过听证程序",) if _hearing_held(act) else ()
    return ReviewLeftOut(dispensed(act, "review"), (*_grounds(act), *heard))


def _grounds(act: Act) -> tuple[str, ...]:
    """Why there must be a review, but for a hearing: as stated in the draft, or as it follows from
    what is proposed, or decided, and from the file."""
    draft = draft_of(act, Reconsidered)
    complex_case = ("情节复杂或者重大违法行为",) if draft and draft.complex_case else ()
    apart = distinctions_of(act.session, act.case)
    told_apart = ("本案与先前案件是否同一违法行为，须经审核",) if apart else ()
    proposed = act.filled(Reconsidered).measures or (draft.measures if draft else [])
    return (
        *(draft.review_grounds if draft else ()),
        *complex_case,
        *major_measures(act.rules, act.day, act.region, act.party, proposed),
        *told_apart,
    )


def major_measures(
    rules: Rules, day: date, region: str, party: Party, measures: Iterable[Measure]
) -> tuple[str, ...]:
    """Which of the measures against a party are major ones (处罚法63) by the rules of a day, in
    words; none where the authority does not count them among what must be reviewed.

    Confiscated goods without a value count as large: what nobody has valued is not small.
    """
    if not rules.value("review.major_measures", day, region):
        return ()
    proposed = list(measures)
    sums = rules.value("hearing.sums", day, region)
    kind = who(rules, party, day, region)
    weighty = set(rules.value("review.major_kinds", day, region))
    found: list[str] = [measure.kind for measure in proposed if measure.kind in weighty]
    if total(proposed, FINES) >= Decimal(sums[f"{kind}_fine"]):
        found.append("较大数额罚款")
    if total(proposed, CONFISCATIONS) >= Decimal(sums[f"{kind}_confiscation"]):
        found.append("没收较大数额违法所得、较大价值非法财物")
    if unvalued_goods(proposed):
        found.append("没收价值没有写明的非法财物")
    return tuple(f"“{kind}”属于重大行政处罚" for kind in dict.fromkeys(found))


def _checklist(act: Act) -> Checklist:
    asked = act.rules.value("review.checklist", act.day, act.region)
    answers = {review_item.item: review_item.ok for review_item in act.filled(ReviewPass).checklist}
    return Checklist(
        tuple(item for item in asked if item not in answers),
        tuple(item for item, ok in answers.items() if not ok),
    )


def _early(act: Act) -> EarlyReview:
    allowed = act.rules.value("review.before_notice", act.day, act.region)
    return EarlyReview(bool(allowed), _hearing_held(act))


FACTS: FactTable = {
    Checklist: _checklist,
    EarlyReview: _early,
    ReviewLeftOut: _left_out,
    ReviewNeed: _need,
}
