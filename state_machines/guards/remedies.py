"""Guards of what depends on 行政复议 and 行政诉讼."""

from __future__ import annotations

from state_machines.facts.remedies import Remedies
from state_machines.vocabulary import Refusal, guard


@guard()
def decision_stands(remedies: Remedies) -> Refusal | None:
    """Nothing is built on a decision that was quashed or changed."""
    if not remedies.changed_by:
        return None
    text = f"决定已被{'、'.join(remedies.changed_by)}改变，不能据以继续办理"
    return Refusal(
        "decision_overturned", text, "《行政复议法》第七十七条、《行政诉讼法》第九十四条"
    )


@guard()
def decision_was_overturned(remedies: Remedies) -> Refusal | None:
    """Only what was quashed or changed is given back."""
    if remedies.changed_by:
        return None
    return Refusal(
        "decision_not_overturned",
        "决定未被行政复议决定或者人民法院裁判改变，不能恢复",
        "《行政复议法》第六十四条、《行政诉讼法》第七十条",
    )


@guard()
def no_remedy_is_pending(remedies: Remedies) -> Refusal | None:
    """The court is not asked to enforce what is still contested (强制法53)."""
    if not remedies.pending:
        return None
    text = f"当事人已提起{'、'.join(remedies.pending)}，尚未审结"
    return Refusal("remedy_pending", text, "《行政强制法》第五十三条")
