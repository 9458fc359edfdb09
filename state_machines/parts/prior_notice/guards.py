"""Nothing adverse without being heard (先告知、后决定): notice, service, time, answer, decision."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.prior_notice.facts import (
    PriorContent,
    PriorHearing,
    PriorReview,
    PriorTime,
)


@guard()
def prior_notice_is_given(time: PriorTime) -> Refusal | None:
    """Nobody answers what he was not told."""
    if time.given:
        return None
    return Refusal("prior_notice_missing", "尚未作出事先告知", time.law)


@guard()
def party_was_told_before(time: PriorTime) -> Refusal | None:
    """The party was told, with proof, and its time has run or was given up by itself."""
    if not time.given:
        return Refusal(
            "prior_notice_missing",
            "作出不利决定前，应当先告知当事人拟作出的决定及其事实、理由和依据，并听取陈述、申辩",
            time.law,
        )
    if not time.served:
        return Refusal(
            "prior_notice_not_served",
            "事先告知书没有送达回证，当事人的陈述申辩期限还没有起算：请先办理送达登记",
            time.law,
        )
    if time.over or time.waived:
        return None
    until = f"（{time.until:%Y-%m-%d}届满）" if time.until else ""
    return Refusal(
        "prior_time_pending",
        f"当事人陈述申辩期限尚未届满{until}，且未明确放弃；已经陈述申辩的，期限届满后再决定",
        time.law,
    )


@guard(needs_input=True)
def decision_is_as_told(content: PriorContent) -> Refusal | None:
    """What is decided is what the party was told of."""
    if not content.differing:
        return None
    return Refusal(
        "prior_notice_differs",
        f"拟决定的{'、'.join(content.differing)}与事先告知不一致，须重新告知",
        content.law,
    )


@guard()
def prior_review_is_passed(review: PriorReview) -> Refusal | None:
    """A legal review passed what the party was told of, after it had its time."""
    if review.passed or not review.due:
        return None
    return Refusal("prior_review_missing", "尚未通过法制审核，不能作出决定", "国办发〔2018〕118号")


@guard()
def prior_hearing_is_asked(hearing: PriorHearing) -> Refusal | None:
    """A hearing is called where the party asked for one."""
    if hearing.asked:
        return None
    return Refusal("prior_hearing_not_asked", "当事人没有要求听证", "《行政许可法》第四十七条")


@guard()
def prior_hearing_is_in_time(time: PriorTime) -> Refusal | None:
    """A hearing is asked for within the time of the notice."""
    if time.given and not (time.over or time.waived):
        return None
    return Refusal(
        "prior_hearing_too_late",
        "没有正在计算的听证申请期限，或者期限已经届满、当事人已经放弃",
        "《行政许可法》第四十七条",
    )


@guard()
def prior_hearing_is_behind(hearing: PriorHearing) -> Refusal | None:
    """Who asked to be heard is heard first."""
    if not hearing.pending:
        return None
    return Refusal(
        "prior_hearing_pending",
        "当事人已经要求听证，听证举行或者撤回后方可决定",
        "《行政许可法》第四十七条、第四十八条",
    )
