"""Forms that the reviews and licences of radiation share (放射诊疗、辐射安全)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import (
    Delivery,
    Form,
    LongText,
    Note,
    Phone,
    Reasoned,
    ShortText,
)
from state_machines.language.step_names import StepName
from state_machines.licensing.instant_licence.forms import Pause, Refusal
from state_machines.parts.endings import forms as endings

__all__ = [
    "Delivery",
    "Deregistration",
    "DiagnosisLicence",
    "EndingDecision",
    "Note",
    "Opinion",
    "Pause",
    "Permit",
    "Reasoned",
    "Refusal",
    "SafetyEndingDecision",
    "SafetyLicence",
    "Single",
    "Verification",
    "YearReport",
]


class Opinion(Form):
    """审查意见."""

    findings: LongText = Field(title="审查情况")
    conclusion: LongText = Field(title="审查结论")


class Permit(Note):
    """准予许可: what the certificate is to allow."""

    scope: LongText = Field(title="许可项目（种类和范围）")


class Single(Form):
    """单项许可: what the joint application said of it, and when that was accepted."""

    place_name: ShortText = Field(title="医疗机构名称")
    institution_kind: ShortText = Field(title="医疗机构类别")
    institution_licence: ShortText = Field(title="医疗机构执业许可证登记号（或者设置批准书文号）")
    verify_by: date = Field(title="医疗机构执业许可证下次校验日期")
    address: ShortText = Field(title="地址")
    representative: ShortText = Field(title="法定代表人或负责人")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")
    joint_case: ShortText = Field(title="原“一件事”案号")
    received_on: date = Field(title="收件日期")
    accepted_on: date = Field(title="受理日期")
    reason: LongText = Field(title="转单办的原因")


class _Certificate(Form):
    number: ShortText = Field(title="编号")
    place_name: ShortText = Field(title="单位名称")
    address: ShortText = Field(title="地址")
    representative: ShortText = Field(title="法定代表人或负责人")
    scope: LongText = Field(title="许可项目（种类和范围）")
    valid_from: date = Field(title="发证日期")


class DiagnosisLicence(_Certificate):
    """放射诊疗许可证: no expiry, but it is verified with the institution's licence (校验)."""

    institution_licence: ShortText = Field(title="医疗机构执业许可证登记号")
    verify_by: date = Field(title="下次校验日期")


class SafetyLicence(_Certificate):
    """辐射安全许可证 (条例449号10): five years, with a report every January."""

    valid_until: date = Field(title="有效期至")
    report_by: date = Field(title="年度评估报告提交期限")


class Verification(Form):
    """校验."""

    result: LongText = Field(title="校验情况")
    next_due: date = Field(title="下次校验日期")


class YearReport(Form):
    """放射性同位素与射线装置安全和防护状况年度评估报告."""

    year: Annotated[int, Field(ge=2005, le=2100)] = Field(title="报告年度")
    summary: LongText = Field(title="评估情况")
    problems: Annotated[str, Field(max_length=4000)] = Field(
        title="存在的问题和整改情况", default=""
    )


class DeregistrationGround(StrEnum):
    """Why the book entry is ended."""

    EXPIRED = "有效期届满未延续"
    UNVERIFIED = "逾期不申请校验"
    STOPPED = "歇业或者停止诊疗科目连续一年以上"
    SCOPE = "擅自变更诊疗科目（许可项目）"
    UNFIT = "校验、变更不符合条件且逾期不改进"
    INSTITUTION = "医疗机构执业许可证被吊销或者注销"
    REQUEST = "被许可人申请注销"
    DISSOLUTION = "被许可的法人或者其他组织依法终止"
    ENDED = "许可依法被撤销、撤回，或者许可证件依法被吊销"


class Deregistration(Form):
    """注销 (许可法70)."""

    ground: DeregistrationGround = Field(title="注销的情形")
    reason: LongText = Field(title="注销原因")
    evidence: Annotated[str, Field(max_length=1000)] = Field(title="依据的材料", default="")


class FoundEnding(StrEnum):
    """What an authority finds itself, and ends the licence for (放射诊疗管理规定18)."""

    UNVERIFIED = DeregistrationGround.UNVERIFIED.value
    STOPPED = DeregistrationGround.STOPPED.value
    SCOPE = DeregistrationGround.SCOPE.value
    UNFIT = DeregistrationGround.UNFIT.value
    INSTITUTION = DeregistrationGround.INSTITUTION.value
    ENDED = DeregistrationGround.ENDED.value


class EndingDecision(endings.EndingDecision):
    """依职权决定注销放射诊疗许可."""

    ground: FoundEnding = Field(title="注销的情形")


class SafetyEnding(StrEnum):
    """What the ecology bureau finds itself, and ends the licence for (许可法70(四))."""

    ENDED = DeregistrationGround.ENDED.value


class SafetyEndingDecision(endings.EndingDecision):
    """依职权决定注销辐射安全许可."""

    ground: SafetyEnding = Field(title="注销的情形")


# Steps that other code refers to, with what is filled in at them.
PASS_VERIFICATION = StepName("pass_verification", Verification)
REPORT = StepName("report", YearReport)
DEREGISTER_EXPIRED = StepName("deregister_expired", Deregistration)
PAUSE_HEALTH = StepName("pause_health", Pause)
PAUSE_ECO = StepName("pause_eco", Pause)
PASS_HEALTH = StepName("pass_health", Opinion)
PASS_ECO = StepName("pass_eco", Opinion)
DECIDE_HEALTH = StepName("decide_health", Permit)
DECIDE_ECO = StepName("decide_eco", Permit)
REFUSE_HEALTH = StepName("refuse_health", Refusal)
REFUSE_ECO = StepName("refuse_eco", Refusal)
