"""Forms of hearing those whose interests a licence touches (利害关系人)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Form, LongText, Phone, ShortText
from state_machines.language.step_names import StepName


class Source(StrEnum):
    """How the authority learnt of the interest (许可法36)."""

    FOUND = "审查中发现"
    OBJECTION = "本人提出异议"


class Interested(Form):
    """利害关系人登记: who, why, and how to reach; a party that is registered under its code."""

    code: ShortText = Field(title="统一社会信用代码或者公民身份号码")
    source: Source = Field(title="来源", default=Source.FOUND)
    interest: LongText = Field(title="与申请事项的重大利益关系")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class Consultation(Form):
    """听取意见: of whom, about which application, and what it has at stake."""

    capacity: ShortText = Field(title="身份")
    about: ShortText = Field(title="许可申请案号")
    place_name: ShortText = Field(title="申请许可的场所")
    address: ShortText = Field(title="场所地址")
    interest: LongText = Field(title="与申请事项的关系")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class InterestNotice(Form):
    """听取意见告知书: what is applied for, what the review has come to, and on what it rests."""

    proposed: LongText = Field(title="拟准予的许可事项及其主要内容")
    facts: LongText = Field(title="审查查明的情况")
    basis: LongText = Field(title="法律依据")


class OwnMotion(Form):
    """依职权听证: why the authority holds a hearing that nobody asked for, and where it said so."""

    reason: LongText = Field(
        title="举行听证的理由", description="应当听证的规定，或者所涉及的公共利益"
    )
    medium: ShortText = Field(title="向社会公告的途径", description="如：本机关网站公告栏")


class Considered(Form):
    """听取意见情况: what was said, and what became of it."""

    opinions: LongText = Field(title="陈述申辩、听证中提出的意见")
    considered: LongText = Field(title="采纳或者不予采纳的意见及理由")


# Steps that other code refers to, with what is filled in at them.
CALL_HEARING = StepName("call_hearing", OwnMotion)
REGISTER_INTERESTED = StepName("register_interested", Interested)
TELL_INTERESTED = StepName("tell_interested", InterestNotice)
CONSIDER_OPINIONS = StepName("consider_opinions", Considered)
