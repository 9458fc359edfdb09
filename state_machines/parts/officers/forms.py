"""Forms of who handles a case: recusal (回避) and hand-over (移交承办)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Form, LongText, ShortText
from state_machines.language.step_names import StepName


class RecusalGround(StrEnum):
    """Why an officer may be asked to stand aside (处罚法43)."""

    INTEREST = "与案件有直接利害关系"
    OTHER = "有其他关系可能影响公正执法"


class RecusalRequest(Form):
    """回避申请: the party names an officer as it knows him, by name."""

    officer: ShortText = Field(title="申请回避的人员（姓名）")
    ground: RecusalGround = Field(title="申请理由")
    facts: LongText = Field(title="具体事实")


class RecusalDecision(Form):
    """回避决定. What the officer did until now is kept or to be done again by others."""

    officer: ShortText = Field(title="回避人员（账号）")
    recused: bool = Field(title="是否回避")
    reasons: LongText = Field(title="理由")
    meanwhile: LongText = Field(title="决定前所做工作的处理", default="决定前的调查、检查行为有效")


class Assignment(Form):
    """派员: account names of the officers."""

    inspectors: list[ShortText] = Field(
        title="执法人员（账号）",
        min_length=2,
        max_length=6,
        json_schema_extra={"uniqueItems": True},
    )


class HandOver(Assignment):
    """移交承办: from now on these officers have the case."""

    reason: LongText = Field(title="移交理由")


class OfficersNamed(Form):
    """What forms have that name by account who handles a case, as enforcement or as checks say."""

    handlers: list[ShortText] = Field(title="承办人（账号）", default=[])
    inspectors: list[ShortText] = Field(title="监督员（账号）", default=[])


# Steps that other code refers to, with what is filled in at them.
ASK_RECUSAL = StepName("ask_recusal", RecusalRequest)
DECIDE_RECUSAL = StepName("decide_recusal", RecusalDecision)
ASSIGN = StepName("assign", Assignment)
HAND_OVER = StepName("hand_over", HandOver)
