"""Notice, defence and legal review of a decision (告知、申辩、法制审核)."""

from __future__ import annotations

from state_machines.checks.commitment_check.facts import (
    Defence,
    PublicHarm,
    ReviewBinding,
    RevocationBasis,
)
from state_machines.language.vocabulary import Refusal, guard


@guard()
def defence_was_possible(defence: Defence) -> Refusal | None:
    """The party was heard, waived it expressly, or let the period pass."""
    if defence.stated or defence.waived or defence.period_over:
        return None
    until = f"（{defence.period_ends:%Y-%m-%d}届满）" if defence.period_ends else ""
    return Refusal(
        "defence_pending",
        f"当事人陈述申辩期限尚未届满{until}，且未明确放弃",
        "《行政许可法》第七条、第三十六条",
    )


@guard()
def review_is_not_passed(binding: ReviewBinding) -> Refusal | None:
    """A passed draft is not passed again."""
    if binding.passed:
        return Refusal("review_done", "法制审核已通过，请由机关负责人决定")
    return None


@guard()
def review_has_passed(binding: ReviewBinding) -> Refusal | None:
    """A legal review passed this decision."""
    if binding.passed:
        return None
    return Refusal("review_missing", "尚未通过法制审核，不能作出撤销决定", "国办发〔2018〕118号")


@guard(needs_input=True)
def review_binds_decision(binding: ReviewBinding) -> Refusal | None:
    """What is decided is, to the letter, what the legal review passed."""
    if not binding.passed or binding.same_content:
        return None
    return Refusal(
        "review_differs",
        "拟决定的事实、依据或理由与法制审核通过的内容不一致，须重新审核",
        "国办发〔2018〕118号",
    )


@guard(needs_input=True)
def revocation_names_its_item(basis: RevocationBasis) -> Refusal | None:
    """No concrete article is no basis (指导案例41号): 69 is named with paragraph and item."""
    if basis.concrete:
        return None
    return Refusal(
        "revocation_basis_vague",
        "撤销许可的依据应当写明款、项：《中华人民共和国行政许可法》第六十九条第一款第几项（不符合法定"
        "条件等，可以撤销），或者第六十九条第二款（以欺骗、贿赂等不正当手段取得，应当撤销）",
        "《行政许可法》第六十九条",
    )


@guard(needs_input=True)
def no_major_public_harm(harm: PublicHarm) -> Refusal | None:
    """A grant is never revoked where that does major harm to the public interest."""
    if not harm.major:
        return None
    return Refusal(
        "public_harm",
        "撤销可能对公共利益造成重大损害的，不予撤销",
        "《行政许可法》第六十九条第三款",
    )
