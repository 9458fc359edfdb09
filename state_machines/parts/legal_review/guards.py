"""Legal review (处罚法58, 国办发〔2018〕118号): when it is compulsory, and what a pass rests on."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.legal_review.facts import (
    Checklist,
    EarlyReview,
    ReviewLeftOut,
    ReviewNeed,
)

_LAW = "《行政处罚法》第五十八条第一款"


@guard()
def review_is_not_compulsory(need: ReviewNeed) -> Refusal | None:
    """None of the cases in which no decision is taken without a legal review."""
    grounds = [*need.stated, *(["直接关系重大权益，经过听证程序"] if need.hearing_held else [])]
    if not grounds:
        return None
    return Refusal(
        "review_compulsory", f"本案应当进行法制审核：{'；'.join(grounds)}，不能免于审核", _LAW
    )


@guard()
def review_is_not_left_out(review: ReviewLeftOut) -> Refusal | None:
    """What must be reviewed is not decided without, whoever said before that it need not be."""
    if not (review.left_out and review.grounds):
        return None
    return Refusal(
        "review_left_out",
        f"本案没有经过法制审核，不能作出决定：{'；'.join(review.grounds)}。"
        "请送法制审核；当前状态不能送审的，重新告知后送法制审核",
        _LAW,
    )


@guard(needs_input=True)
def checklist_is_passed(checklist: Checklist) -> Refusal | None:
    """Every question of the review was answered, and none with no."""
    law = "《行政处罚法》第五十八条、国办发〔2018〕118号"
    if checklist.unanswered:
        missing = "；".join(checklist.unanswered)
        return Refusal("checklist_incomplete", f"审核清单缺少以下内容的结论：{missing}", law)
    if checklist.failed:
        failed = "；".join(checklist.failed)
        return Refusal("checklist_failed", f"以下内容审核为不符合，不能通过：{failed}", law)
    return None


@guard()
def review_may_be_early(early: EarlyReview) -> Refusal | None:
    """The authority's rule lets a draft be reviewed before the party is told."""
    if early.allowed:
        return None
    return Refusal("review_too_early", "本机关规定告知、听取陈述申辩后送法制审核", _LAW)


@guard()
def early_review_suffices(early: EarlyReview) -> Refusal | None:
    """A review from before the notice holds, unless a hearing was held since."""
    if not early.hearing_held:
        return None
    return Refusal("review_after_hearing", "经过听证程序的，应当在听证后进行法制审核", _LAW)
