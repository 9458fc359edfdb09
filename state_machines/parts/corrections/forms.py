"""Forms of putting one's own decision right: clerical errors (补正), and the decision itself."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Form, LongText, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.legal_review.forms import ReviewPass


class Slip(Form):
    """One clerical error: where, what stands there, what should."""

    field: ShortText = Field(title="补正的项目")
    wrong: ShortText = Field(title="误写为")
    right: ShortText = Field(title="应为")


class Correction(Form):
    """补正: of one document."""

    document: ShortText = Field(title="补正的文书")
    items: list[Slip] = Field(title="补正内容", min_length=1, max_length=20)
    reason: LongText = Field(title="补正原因")


class Undoing(StrEnum):
    """What becomes of the decision."""

    REVOKED = "撤销"
    CHANGED = "变更"


class OwnRevocation(Form):
    """依职权撤销、变更: facts, basis and reasons, and what holds instead."""

    kind: Undoing = Field(title="处理", default=Undoing.REVOKED)
    facts: LongText = Field(title="原决定的问题（事实）")
    basis: LongText = Field(title="依据")
    reasons: LongText = Field(title="理由（公开说明撤回公示的理由）")
    instead: LongText = Field(title="撤销、变更后的处理")


# Steps that other code refers to, with what is filled in at them.
PROPOSE_UNDOING = StepName("propose_undoing", OwnRevocation)
REVIEW_UNDOING = StepName("review_undoing", ReviewPass)
UNDO_DECISION = StepName("undo_decision", OwnRevocation)
