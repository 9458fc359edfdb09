"""Forms of serving documents (送达): 《民事诉讼法》第八十七条至第九十五条."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Confirmed, Form, LongText, ShortText
from state_machines.language.step_names import StepName

Maybe = Annotated[str, Field(max_length=200)]


class Way(StrEnum):
    """How a document reached the party (送达方式)."""

    DIRECT = "直接送达"
    LEFT = "留置送达"
    POST = "邮寄送达"
    ELECTRONIC = "电子送达"
    ENTRUSTED = "委托送达"
    FORWARDED = "转交送达"


class Receiver(StrEnum):
    """Who took it, or refused to (签收人身份)."""

    SELF = "受送达人本人"
    FAMILY = "同住成年家属"
    REPRESENTATIVE = "法定代表人、主要负责人"
    CLERK = "单位负责收件的人"
    AGENT = "代理人、指定代收人"


class Receipt(Form):
    """送达登记: one receipt; without `documents` it is for all that are still to be served, without
    a day of its own it bears the legal date of the step."""

    documents: list[ShortText] = Field(
        title="本次送达的文书",
        default=[],
        max_length=20,
        json_schema_extra={"uniqueItems": True},
    )
    way: Way = Field(title="送达方式")
    on: date | None = Field(title="送达日期", default=None)
    place: ShortText = Field(title="送达地点（电子送达的填接收系统、号码）")
    recipient: ShortText = Field(title="签收人（拒收的填拒收人）")
    receiver: Receiver = Field(title="签收人身份")
    signed: bool = Field(title="签收人已在送达回证上签名或者盖章", default=False)
    mailing_number: Maybe = Field(title="邮件号码（邮寄送达）", default="")
    refusal: Maybe = Field(title="拒收事由（留置送达）", default="")
    witness: Maybe = Field(title="见证人姓名（留置送达）", default="")
    witness_unit: Maybe = Field(title="见证人所在基层组织或者单位", default="")
    witness_signed: bool = Field(title="见证人已签名或者盖章", default=False)
    through: Maybe = Field(title="受托、转交的机关或者单位", default="")
    note: Annotated[str, Field(max_length=1000)] = Field(title="备注", default="")


class Try(Form):
    """未能送达: one try that failed; each is kept."""

    way: Way = Field(title="送达方式")
    on: date | None = Field(title="日期", default=None)
    place: ShortText = Field(title="地点、地址或者号码")
    outcome: LongText = Field(title="经过和未能送达的原因")


class NoOtherWay(StrEnum):
    """When the law lets a document be announced."""

    MISSING = "受送达人下落不明"
    FAILED = "用其他方式无法送达"


class Announcement(Form):
    """公告送达: the last resort, its reason kept in the file."""

    published_on: date | None = Field(title="发出公告日期", default=None)
    medium: ShortText = Field(title="公告载体（网站、报纸、公告栏）")
    ground: NoOtherWay = Field(title="公告送达的情形")
    reason: LongText = Field(title="公告送达的原因和经过")


class AddressConfirmation(Form):
    """送达地址确认书: where and how the party wants to be served."""

    address: ShortText = Field(title="送达地址")
    receiver: ShortText = Field(title="收件人")
    phone: ShortText = Field(title="联系电话")
    electronic: bool = Field(title="同意电子送达", default=False)
    electronic_address: Maybe = Field(title="电子送达地址（邮箱、传真或者系统账号）", default="")
    signed_on: date = Field(title="签署日期")
    signer: ShortText = Field(title="签署人")
    true_address: Confirmed = Field(title="确认以上地址准确、有效，变更时及时书面告知")


# Steps that other code refers to, with what is filled in at them.
CONFIRM_ADDRESS = StepName("confirm_address", AddressConfirmation)
SERVE_DECISION = StepName("serve_decision", Receipt)
SERVE_NOTICE = StepName("serve_notice", Receipt)
END_ANNOUNCEMENT_NOTICE = StepName("end_announcement_notice", Blank)
SERVE_ORDER = StepName("serve_order", Receipt)
END_ANNOUNCEMENT_ORDER = StepName("end_announcement_order", Blank)
SERVE_HEARING = StepName("serve_hearing", Receipt)
END_ANNOUNCEMENT_HEARING = StepName("end_announcement_hearing", Blank)
