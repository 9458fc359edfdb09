"""Forms of what every application goes through until it is accepted (`intake`)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, Reasoned, ShortText
from state_machines.language.step_names import StepName


class NotAcceptedGround(StrEnum):
    """Why an application is not accepted (许可法32)."""

    NOT_NEEDED = "依法不需要取得行政许可"
    NOT_COMPETENT = "依法不属于本行政机关职权范围"


class NonAcceptance(Form):
    """不予受理."""

    ground: NotAcceptedGround = Field(title="不予受理的理由")
    explanation: LongText = Field(title="具体说明")
    competent_body: Annotated[str, Field(max_length=200)] = Field(
        title="应当向其申请的机关", default=""
    )


class SupplementItem(Form):
    """One item of the list."""

    material: ShortText = Field(title="材料")
    what: LongText = Field(title="需要补正的内容")


class SupplementList(Form):
    """一次性告知需要补正的全部内容."""

    items: list[SupplementItem] = Field(title="补正清单", min_length=1, max_length=30)


class Withdrawal(Reasoned):
    """撤回申请."""


class TerminationGround(StrEnum):
    """Why an application ends without a decision."""

    DEATH = "申请人死亡"
    DISSOLUTION = "申请人依法终止"
    LICENCE_ENDED = "申请所涉及的许可证已经失效"


class Termination(Form):
    """终止审查."""

    ground: TerminationGround = Field(title="终止原因")
    evidence: LongText = Field(title="依据的材料")


class Premises(Form):
    """What applications may say of the premises, as letters print it; some say themselves of what
    kind they are."""

    place_name: str | None = Field(title="单位（场所）名称", default=None)
    address: str | None = Field(title="地址", default=None)
    place_kind: str | None = Field(title="经营项目", default=None)
    institution_kind: str | None = Field(title="医疗机构类别", default=None)
    premises_kind: str | None = Field(title="场所类别", default=None)


class Headed(Form):
    """Whom an application names as the head of whoever applies."""

    representative: str | None = Field(title="法定代表人或负责人", default=None)


class CameIn(Form):
    """When what a case goes on with came in, and was accepted, in the case before it."""

    received_on: date | None = Field(title="收件日期", default=None)
    accepted_on: date | None = Field(title="受理日期", default=None)


class Concluded(Form):
    """A step that says itself what it came to."""

    kind: str = Field(title="结论", default="")


# Steps that other code refers to, with what is filled in at them.
SUBMIT = StepName("submit", Blank)
NOT_ACCEPT = StepName("not_accept", NonAcceptance)
DEEM_ACCEPTED = StepName("deem_accepted", Blank)
REQUEST_SUPPLEMENT = StepName("request_supplement", SupplementList)
DISCARD = StepName("discard", Blank)
WITHDRAW = StepName("withdraw", Withdrawal)
TERMINATE = StepName("terminate", Termination)
