"""Parts that the forms of several processes share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=4000)]
Phone = Annotated[str, Field(pattern=r"^[0-9+() \-]{5,20}$")]
Confirmed = Literal[True]


class Form(BaseModel):
    """A form refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid")


class Blank(Form):
    """A step at which nothing is filled in."""


class Reasoned(Form):
    """An act that only needs its reason."""

    reason: LongText = Field(title="理由")


class LookMode(StrEnum):
    """How officers looked (核查方式)."""

    ON_SITE = "现场核查"
    VIDEO = "视频核查"


class ClauseResult(Form):
    """What was found about one clause or condition."""

    clause: ShortText = Field(title="事项")
    met: bool = Field(title="是否符合")
    finding: LongText = Field(title="核查情况")


class Look(Form):
    """A look by officers, on site or by video, clause by clause."""

    mode: LookMode = Field(title="核查方式", default=LookMode.ON_SITE)
    place_contact: ShortText = Field(title="现场联系人")
    results: list[ClauseResult] = Field(title="逐项结果", min_length=1, max_length=60)
    summary: LongText = Field(title="核查结论")


class Note(Form):
    """An optional note for the file."""

    note: Annotated[str, Field(max_length=1000)] = Field(title="备注", default="")


class DeliveryMethod(StrEnum):
    """How the certificate reached the applicant."""

    DIRECT = "直接送达"
    POST = "邮寄送达"
    ELECTRONIC = "电子送达"


class Delivery(Form):
    """证书送达."""

    method: DeliveryMethod = Field(title="送达方式", default=DeliveryMethod.DIRECT)
    recipient: ShortText = Field(title="受送达人（签收人）")
