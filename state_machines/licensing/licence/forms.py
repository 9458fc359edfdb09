"""Forms of `licence` 卫生许可证."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Confirmed, Form, LongText, Reasoned, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.endings import forms as endings
from state_machines.parts.records.forms import OptionalText

__all__ = [
    "Amendment",
    "Cancellation",
    "Closure",
    "ConditionsProved",
    "DecisionSource",
    "Deregistration",
    "EndingDecision",
    "GivenBack",
    "Licence",
    "Reasoned",
    "Suspension",
    "Term",
    "Withdrawal",
]


class Licence(Form):
    """What the certificate says (实施细则25), and when the place is ready to open."""

    number: ShortText = Field(title="编号")
    place_name: ShortText = Field(title="单位名称")
    place_kind: ShortText = Field(title="经营项目")
    address: ShortText = Field(title="经营场所地址")
    representative: ShortText = Field(title="法定代表人或负责人")
    valid_from: date = Field(title="发证日期")
    valid_until: date = Field(title="有效期至")
    ready_by: date = Field(title="承诺符合许可条件的日期")


class ConditionsProved(Form):
    """承诺的条件已经具备."""

    statement: LongText = Field(title="条件具备情况")


class Term(Form):
    """A new term of validity (延续)."""

    valid_from: date = Field(title="有效期自")
    valid_until: date = Field(title="有效期至")


class Amendment(Form):
    """What the certificate is to say from now on (变更、更正)."""

    place_name: ShortText = Field(title="单位名称")
    representative: ShortText = Field(title="法定代表人或负责人")
    address: ShortText = Field(title="经营场所地址")


class Closure(Form):
    """申请注销: on the holder's own request."""

    reason: LongText = Field(title="申请注销的原因")
    returned: Confirmed = Field(title="交回许可证正本、副本（遗失的已作说明）")


class WithdrawalGround(StrEnum):
    """Why a lawful licence is withdrawn (许可法8)."""

    LAW = "许可所依据的法律、法规、规章修改或者废止"
    FACTS = "准予许可所依据的客观情况发生重大变化"


class Withdrawal(Form):
    """撤回许可: for the public good, and with compensation for what is lost."""

    ground: WithdrawalGround = Field(title="撤回的理由")
    facts: LongText = Field(title="查明的事实")
    basis: LongText = Field(title="法律依据")
    heard: LongText = Field(title="听取持证人意见的情况")
    compensation: LongText = Field(title="补偿")


class DecisionSource(StrEnum):
    """Where a penalty decision comes from that moves a licence."""

    HERE = "本系统办理的处罚案件"
    EARLIER = "本机关启用本系统前作出"
    OTHER = "其他机关作出"


class Cancellation(Form):
    """吊销许可, as a penalty decision has it. One that is not of this system is named in full."""

    source: DecisionSource = Field(title="处罚决定来源", default=DecisionSource.HERE)
    decision_number: ShortText = Field(title="处罚决定书文号")
    decided_on: date = Field(title="处罚决定日期")
    facts: LongText = Field(title="违法事实")
    basis: LongText = Field(title="处罚依据")
    issuer: OptionalText = Field(title="作出处罚决定的机关（非本系统办理的必填）", default="")
    served_on: date | None = Field(title="送达日期（非本系统办理的必填）", default=None)
    verified: OptionalText = Field(
        title="决定书、送达回证原件来源和核验情况（非本系统办理的必填）", default=""
    )


class Suspension(Cancellation):
    """暂扣许可证件: for the days decided, which run from the day after service."""

    days: Annotated[int, Field(ge=1, le=3650)] = Field(title="暂扣期限（日）")
    until: date = Field(title="暂扣至（自送达次日起算的最后一日）")


class GivenBack(Form):
    """恢复: the penalty that took the licence has come to nothing."""

    decision: ShortText = Field(title="撤销、变更该处罚决定的文书名称和文号")
    reason: LongText = Field(title="恢复的理由")


class DeregistrationGround(StrEnum):
    """Why the book entry is ended (许可法70)."""

    EXPIRED = "有效期届满未延续"
    DEATH = "被许可的公民死亡或者丧失行为能力"
    DISSOLUTION = "被许可的法人或者其他组织依法终止"
    ENDED = "许可依法被撤销、撤回，或者许可证件依法被吊销"
    FORCE_MAJEURE = "因不可抗力导致许可事项无法实施"
    REQUEST = "被许可人申请注销"
    MISUSED = "涂改、转让、倒卖有效卫生许可证"


class Deregistration(Form):
    """注销登记 (许可法70)."""

    ground: DeregistrationGround = Field(title="注销的情形")
    reason: LongText = Field(title="注销原因")
    evidence: Annotated[str, Field(max_length=1000)] = Field(title="依据的材料", default="")


class FoundEnding(StrEnum):
    """What an authority finds itself, and ends a licence for."""

    MISUSED = DeregistrationGround.MISUSED.value
    FORCE_MAJEURE = DeregistrationGround.FORCE_MAJEURE.value


class EndingDecision(endings.EndingDecision):
    """依职权决定注销卫生许可."""

    ground: FoundEnding = Field(title="注销的情形")


# Steps that other code refers to, with what is filled in at them.
WITHDRAW_BY_AUTHORITY = StepName("withdraw_by_authority", Withdrawal)
CANCEL = StepName("cancel", Cancellation)
GIVE_BACK = StepName("give_back", GivenBack)
SUSPEND = StepName("suspend", Suspension)
LIFT_SUSPENSION = StepName("lift_suspension", GivenBack)
PROVE_CONDITIONS = StepName("prove_conditions", ConditionsProved)
CONFIRM_READY = StepName("confirm_ready", Blank)
BEGIN_RENEWAL = StepName("begin_renewal", Blank)
REQUEST_CLOSURE = StepName("request_closure", Closure)
DEREGISTER = StepName("deregister", Deregistration)
DEREGISTER_REVOKED = StepName("deregister_revoked", Reasoned)
KEEP_OPEN = StepName("keep_open", Reasoned)
