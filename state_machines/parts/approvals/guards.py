"""What was told, reviewed and discussed is, to the letter, what is decided (约束)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.approvals.facts import KeptApprovals, NeededApprovals


@guard()
def approvals_are_there(approvals: NeededApprovals) -> Refusal | None:
    """Every approval that the step needs was given and has not lapsed."""
    for one in approvals.needed:
        if not one.stands:
            return Refusal(f"{one.name}_missing", f"没有有效的{one.label}，不能办理此步骤", one.law)
    return None


def departure(approvals: KeptApprovals) -> Refusal | None:
    """In what the step departs from the first approval that it does not keep to."""
    for one in approvals.needed:
        if one.changed:
            what = "、".join(one.changed)
            return Refusal(
                f"{one.name}_differs",
                f"“{what}”与{one.label}的内容不一致，须重新{one.label}",
                one.law,
            )
        if one.heavier:
            what = "；".join(one.heavier)
            return Refusal(
                f"{one.name}_heavier",
                f"不得因当事人陈述、申辩而加重：{what}；确需变更的，须重新{one.label}",
                one.law,
            )
    return None


@guard(needs_input=True)
def approvals_are_kept(approvals: KeptApprovals) -> Refusal | None:
    """What the step says is what was approved, and heavier in nothing."""
    return departure(approvals)


@guard()
def draft_is_as_approved(approvals: KeptApprovals) -> Refusal | None:
    """The draft that a step without a form takes up is what was approved."""
    return departure(approvals)
