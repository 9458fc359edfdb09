"""Who handles a case: recusal and qualification (回避、资格)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.officers.facts import RecusalAsked, RecusedOfficer, ReviewerStanding


@guard()
def no_recusal_is_undecided(asked: RecusalAsked) -> Refusal | None:
    """One request is decided before the next is made, so that none is lost."""
    if asked.officer is None:
        return None
    return Refusal(
        "recusal_undecided",
        f"申请{asked.officer}回避的请求尚待机关负责人决定，决定后可以再次申请",
        "《行政处罚法》第四十三条",
    )


@guard()
def recusal_is_asked(asked: RecusalAsked) -> Refusal | None:
    """Only what was asked for, by the party or by the officer himself, is decided."""
    if asked.officer is not None:
        return None
    return Refusal("recusal_not_asked", "没有待决定的回避申请", "《行政处罚法》第四十三条")


@guard(needs_input=True)
def recusal_names_who_was_asked(asked: RecusalAsked, officer: RecusedOfficer) -> Refusal | None:
    """The decision is about the officer of this authority whom the request named."""
    law = "《行政处罚法》第四十三条"
    if asked.officer is None:
        return None  # said by `recusal_is_asked`
    if officer.name is None:
        return Refusal("unknown_officer", "没有这个账号，请选择本机关的工作人员", law)
    if officer.is_oneself:
        return Refusal("own_recusal", "不能决定本人的回避，请由其他负责人决定", law)
    if officer.name != asked.officer:
        return Refusal(
            "another_officer", f"申请回避的是{asked.officer}，选择的是{officer.name}，请核对", law
        )
    return None


@guard()
def reviewer_is_qualified(reviewer: ReviewerStanding) -> Refusal | None:
    """Whoever reviews decisions for the first time holds the law qualification."""
    if reviewer.qualified or (reviewer.since and reviewer.since < reviewer.needed_from):
        return None
    return Refusal(
        "reviewer_unqualified",
        f"自{reviewer.needed_from:%Y-%m-%d}起初次从事法制审核的人员应当取得法律职业资格，"
        "任职登记中没有资格证书编号，请由其他审核人员办理",
        "《行政处罚法》第五十八条第二款",
    )
