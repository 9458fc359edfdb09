"""The joint matter of radiation (一件事)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.radiation.facts import (
    ClosureAsked,
    Decisions,
    DepartmentAsks,
    DepartmentLists,
    EquipmentScope,
    Holding,
    ItemReview,
    Reviews,
)


@guard()
def equipment_is_joint(scope: EquipmentScope) -> Refusal | None:
    """Every piece of equipment is within both departments' competence here."""
    if not scope.outside:
        return None
    return Refusal(
        "equipment_not_joint",
        f"设备清单中有不能在此“一件事”办理的设备：{'；'.join(scope.outside)}",
        "《放射诊疗管理规定》第十一条",
    )


@guard(needs_input=True)
def lists_are_merged(lists: DepartmentLists) -> Refusal | None:
    """The one supplement list holds all that either department asked for (许可法32)."""
    if not lists.left_out:
        return None
    return Refusal(
        "list_not_merged",
        f"补正应当一次性告知，清单还缺部门提出的：{'；'.join(lists.left_out)}",
        "《行政许可法》第三十二条第一款第四项",
    )


@guard()
def departments_are_content(asks: DepartmentAsks) -> Refusal | None:
    """What a department asked for at the pre-check has come in."""
    if not asks.outstanding:
        return None
    return Refusal(
        "department_asks",
        f"部门核验提出的材料尚未补交：{'；'.join(asks.outstanding)}；请一次性告知补正",
        "《行政许可法》第三十二条第一款第四项",
    )


@guard()
def both_have_passed(reviews: Reviews) -> Refusal | None:
    """Neither department's examination failed."""
    if not reviews.failed:
        return None
    return Refusal("not_both_passed", f"审查未通过：{'、'.join(reviews.failed)}")


@guard()
def item_has_passed(review: ItemReview) -> Refusal | None:
    """An item is granted only after its own department's examination passed it."""
    if review.passed:
        return None
    return Refusal(
        "item_not_passed",
        "本部门审查未通过，不能准予许可，请作出不予许可决定",
        "《行政许可法》第三十八条",
    )


@guard()
def nothing_is_decided(decisions: Decisions) -> Refusal | None:
    """A joint application is withdrawn, or parted, only while neither authority has decided."""
    if not (decisions.granted or decisions.refused):
        return None
    return Refusal(
        "partly_decided",
        "已有一项作出许可决定，不能再撤回申请或者转单办；不需要的许可，可以在领证后申请注销",
        "《行政许可法》第七十条",
    )


@guard()
def something_is_granted(decisions: Decisions) -> Refusal | None:
    """At least one of the items was granted."""
    if decisions.granted:
        return None
    return Refusal("nothing_granted", "没有准予许可的事项")


@guard()
def all_is_granted(decisions: Decisions) -> Refusal | None:
    """Both certificates are there to be handed over together."""
    if not decisions.refused:
        return None
    return Refusal("part_refused", "有一项不予许可，请办理“送达已准予的一证”")


@guard()
def something_is_refused(decisions: Decisions) -> Refusal | None:
    """One certificate is handed over alone only because the other item was refused."""
    if decisions.refused:
        return None
    return Refusal(
        "hand_over_together",
        "两项均已准予，应当一并送达两证",
        "《行政许可法》第二十六条第二款",
    )


@guard(needs_input=True)
def certificate_may_be_held(decisions: Decisions, holding: Holding) -> Refusal | None:
    """A certificate waits for the other item if the rule lets the applicant ask for it."""
    law = "《行政许可法》第四十四条"
    if not decisions.refused:
        return Refusal("nothing_to_wait_for", "两项均已准予，证书一并送达，不需要暂存", law)
    if not holding.allowed:
        return Refusal("no_holding", "本机关规定已准予的证书及时单独送达，不办理暂存", law)
    if not holding.today < holding.until <= holding.latest:
        return Refusal(
            "hold_day_wrong",
            f"暂存日期应在{holding.today:%Y-%m-%d}之后、{holding.latest:%Y-%m-%d}之前",
            law,
        )
    return None


@guard()
def closure_is_asked(closure: ClosureAsked) -> Refusal | None:
    """Only what was asked for is taken back."""
    if closure.asked:
        return None
    return Refusal(
        "closure_not_requested", "没有待办理的注销申请，不需要撤回", "《行政许可法》第七十条"
    )
