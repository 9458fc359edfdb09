"""Forms of `credit_repair` 信用修复."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import (
    Blank,
    Confirmed,
    Form,
    LongText,
    Look,
    Note,
    Phone,
    Reasoned,
    ShortText,
)
from state_machines.language.step_names import StepName

__all__ = [
    "Application",
    "Commitment",
    "FalseMaterial",
    "Note",
    "Performance",
    "Recommendation",
    "Rectification",
    "Refusal",
    "Removal",
    "RepairCase",
    "RepairCategory",
    "SelfCheck",
    "Synchronisation",
    "Verification",
    "Withdrawal",
]


class RepairCategory(StrEnum):
    """How grave the record is (失信信息分类); limits of repair are kept by these keys."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"
    PROMISE = "promise"
    FALSE_MATERIAL = "false_material"


class RepairCase(Form):
    """What is to be repaired: opened by the case that wrote the record.

    `outstanding` is what must be performed first, such as a fine; empty if nothing.
    """

    source: ShortText = Field(title="产生记录的案件")
    record: ShortText = Field(title="失信记录")
    category: RepairCategory = Field(title="类别")
    decided_on: date = Field(title="文书（决定）日期")
    outstanding: Annotated[str, Field(max_length=200)] = Field(title="须先履行的义务", default="")


class CheckedItem(Form):
    """One thing the party looked at itself."""

    item: ShortText = Field(title="自查事项")
    finding: LongText = Field(title="自查情况")
    put_right: bool = Field(title="是否已经整改")


class SelfCheck(Form):
    """自查报告: what the party found itself, before or when it may apply."""

    items: list[CheckedItem] = Field(title="自查事项", min_length=1, max_length=30)
    plan: LongText = Field(title="整改计划和完成时间")
    signer: ShortText = Field(title="报告人姓名")


class Performance(Form):
    """义务履行: what proves that nothing is outstanding any more."""

    proof: LongText = Field(title="履行情况和凭据")
    performed_on: date = Field(title="履行日期")


class Application(Form):
    """信用修复申请."""

    reason: LongText = Field(title="申请理由和纠正情况")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class Commitment(Form):
    """信用承诺书: each statement must be made."""

    true_material: Confirmed = Field(title="所提交的材料真实、合法、有效")
    corrected: Confirmed = Field(title="已经纠正失信行为，并将依法诚信经营，不再发生同类行为")
    accepts_liability: Confirmed = Field(title="违背承诺或者提供虚假材料的，愿意承担相应责任")
    consents_to_publication: Confirmed = Field(title="同意将本承诺书向社会公开")
    signer: ShortText = Field(title="签署人姓名")


class Rectification(Form):
    """整改报告."""

    measures: LongText = Field(title="整改措施和结果")
    finished_on: date = Field(title="整改完成日期")


class Verification(Look):
    """核查记录, by two officers, on site or by video."""


class Recommendation(Form):
    """信用管理员的审核意见."""

    opinion: LongText = Field(title="审核意见")


class Refusal(Form):
    """不予修复: reasons and remedies must be told."""

    facts: LongText = Field(title="查明的情况")
    reasons: LongText = Field(title="不予修复的理由")


class Withdrawal(Form):
    """撤回申请."""

    reason: LongText = Field(title="撤回原因")


class FalseMaterial(Form):
    """虚假材料: which, and how it was found out."""

    material: ShortText = Field(title="虚假材料（承诺）")
    facts: LongText = Field(title="查明的事实和证据")
    basis: LongText = Field(title="法律依据")
    considered: LongText = Field(title="听取陈述申辩和采纳的情况")


class Removal(Form):
    """推送: to which sites the end of publicity was requested."""

    sites: list[ShortText] = Field(
        title="推送的网站（系统）", min_length=1, max_length=10,
        json_schema_extra={"uniqueItems": True},
    )  # fmt: skip


class Synchronisation(Form):
    """同步: what was lifted, and where."""

    lifted: LongText = Field(title="解除的限制措施和同步的网站（系统）")


class Reclassed(Reasoned):
    """类别变更: the class of the record as the decision now stands."""

    category: RepairCategory = Field(title="变更后的类别")


# The processes by which a record is repaired, one for each channel.
REPAIRS = ("credit_repair", "national_repair")

# Steps that other code refers to, with what is filled in at them.
RECORD_PERFORMANCE = StepName("record_performance", Performance)
RECOMMEND = StepName("recommend", Recommendation)
VERIFY = StepName("verify", Verification)
FAIL_VERIFICATION = StepName("fail_verification", Verification)
FILE_NATIONALLY = StepName("file_nationally", Commitment)
APPROVE = StepName("approve", Note)
REQUEST_REMOVAL = StepName("request_removal", Removal)
END_PUBLICITY = StepName("end_publicity", Note)
SYNCHRONISE = StepName("synchronise", Synchronisation)
REFUSE = StepName("refuse", Refusal)
REFUSE_FILING = StepName("refuse_filing", Refusal)
CLOSE = StepName("close", Blank)
LAPSE = StepName("lapse", Reasoned)
FIND_FALSE_MATERIAL = StepName("find_false_material", FalseMaterial)
RECLASS = StepName("reclass", Reclassed)
