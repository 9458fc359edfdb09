"""Forms of the legal review (法制审核)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, ShortText
from state_machines.language.step_names import StepName


class ReviewRequest(Form):
    """送法制审核: what became of the defence."""

    defence_considered: LongText = Field(title="陈述申辩情况及采纳意见")


class ReviewItem(Form):
    """One question of the review."""

    item: ShortText = Field(title="审核内容")
    ok: bool = Field(title="是否符合")
    note: Annotated[str, Field(max_length=1000)] = Field(title="说明", default="")


class ReviewPass(Form):
    """法制审核意见."""

    checklist: list[ReviewItem] = Field(title="审核清单", min_length=1, max_length=20)
    opinion: LongText = Field(title="审核意见")


class ReviewReturnKind(StrEnum):
    """What the review asks for (国办发〔2018〕118号)."""

    CORRECT = "建议修正"
    EVIDENCE = "退回补充证据"
    PROCEDURE = "纠正程序"
    DISAGREE = "不同意"


class ReviewReturn(Form):
    """退回."""

    kind: ReviewReturnKind = Field(title="意见类型")
    checklist: list[ReviewItem] = Field(title="审核清单", default=[], max_length=20)
    opinion: LongText = Field(title="审核意见")


# Steps that other code refers to, with what is filled in at them.
SUBMIT_REVIEW = StepName("submit_review", ReviewRequest)
PASS_REVIEW = StepName("pass_review", ReviewPass)
RETURN_REVIEW = StepName("return_review", ReviewReturn)
FORGO_REVIEW = StepName("forgo_review", Blank)
