"""Guards of putting one's own decision right: clerical errors (补正), 撤销、变更."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.corrections.facts import (
    Slips,
    UndoingKind,
    UndoingProposed,
    UndoingReviewed,
    UnservedCorrection,
)

_LAW = "《行政处罚法》第三十八条、第七十六条、《民事诉讼法》第一百五十七条第一款第七项（参照）"


@guard(needs_input=True)
def only_slips_are_corrected(slips: Slips) -> Refusal | None:
    """Substance is not corrected: such a decision is revoked or changed, and made anew."""
    if not slips.known:
        return Refusal("not_correctable", "没有已作出的、可以补正的这份文书", _LAW)
    if slips.substance:
        text = (
            f"“{'、'.join(slips.substance)}”不是可以补正的文字笔误"
            f"（可以补正：{'、'.join(slips.allowed)}）；"
            "事实、依据、处理和金额有错误的，应当依法撤销或者变更后重新作出"
        )
        return Refusal("substance", text, _LAW)
    if slips.absent:
        return Refusal("not_there", f"原文书该处没有：{'、'.join(slips.absent)}", _LAW)
    if slips.same:
        return Refusal("nothing_changes", f"补正前后相同：{'、'.join(slips.same)}", _LAW)
    return None


@guard()
def corrections_are_served(correction: UnservedCorrection) -> Refusal | None:
    """No case is closed on a correction that has not reached the party."""
    if not correction.waits:
        return None
    return Refusal("correction_unserved", "补正文书尚未送达，请先送达", "《民事诉讼法》第八十七条")


@guard()
def undoing_is_proposed(undoing: UndoingProposed) -> Refusal | None:
    """There is a draft to review, which was not passed already."""
    if undoing.waits:
        return None
    return Refusal(
        "undoing_not_proposed",
        "没有待审核的撤销、变更决定稿，请承办人先办理“拟撤销、变更决定”",
        "国办发〔2018〕118号",
    )


@guard()
def undoing_is_reviewed(undoing: UndoingReviewed) -> Refusal | None:
    """A decision is undone once the legal reviewer agreed to that."""
    if undoing.passed:
        return None
    return Refusal(
        "undoing_not_reviewed",
        "撤销、变更决定须先经法制审核，请先办理“法制审核（撤销、变更决定）”",
        "《行政处罚法》第五十八条、第七十五条第二款",
    )


@guard(needs_input=True)
def revocation_is_lifted_whole(undoing: UndoingKind) -> Refusal | None:
    """A licence is revoked or it is not: there is no lighter revocation to change it to."""
    if not undoing.changed:
        return None
    return Refusal(
        "revocation_not_changed",
        "撤销许可的决定没有可以变更的幅度，只能撤销；另有事实、依据的，撤销后另行核查、重新告知",
        "《行政许可法》第六十九条",
    )
