"""What an authority proposes to decide (拟作出的决定), as notice, draft and decision carry it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Form, LongText
from state_machines.parts.approvals.measures import Measure


class Proposal(Form):
    """Facts, basis, reasons and measures of a decision."""

    facts: LongText = Field(title="违法事实和证据")
    basis: LongText = Field(title="法律依据")
    reasons: LongText = Field(title="裁量理由")
    measures: list[Measure] = Field(title="处罚内容", min_length=1, max_length=12)


class ReviewGround(StrEnum):
    """Why a legal review is compulsory (处罚法58), as far as a person has to say it."""

    PUBLIC_INTEREST = "涉及重大公共利益"
    DIFFICULT = "案件情况疑难复杂、涉及多个法律关系"
    STATUTORY = "法律、法规规定应当进行法制审核的其他情形"


class Reconsidered(Proposal):
    """复核: what became of statement, defence and hearing, and what is proposed now."""

    defence_considered: LongText = Field(title="陈述申辩、听证情况及采纳意见")
    review_grounds: list[ReviewGround] = Field(
        title="应当法制审核的情形",
        default=[],
        max_length=3,
        json_schema_extra={"uniqueItems": True},
    )
    complex_case: bool = Field(title="情节复杂或者重大违法行为", default=False)
