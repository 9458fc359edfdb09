"""Forms of records made on the spot (现场笔录) and of interviews (询问笔录)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Confirmed, Form, LongText, ShortText
from state_machines.language.step_names import StepName

Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
OptionalText = Annotated[str, Field(max_length=200)]


class Signing(StrEnum):
    """What the person heard did with the record."""

    SIGNED = "阅读（或者向其宣读）无误后签名"
    REFUSED = "拒绝签名或者盖章"
    UNABLE = "不能签名"
    ABSENT = "当事人不到场"


class Signature(Form):
    """The end of a paper that officers make before somebody: signed, or why not.

    `video` says where the recording of the act is kept (全过程音像记录)."""

    signing: Signing = Field(title="当事人（被询问人）签名情况", default=Signing.SIGNED)
    not_signed_because: OptionalText = Field(
        title="未签名的原因（拒绝签名、不能签名或者不到场的必填）", default=""
    )
    witness: OptionalText = Field(title="见证人（姓名、单位、联系方式）", default="")
    video: OptionalText = Field(title="音像记录（编号、起止时间、存储位置）", default="")


class Recusal(StrEnum):
    """Whether the person asked that an officer keep out of the case (回避)."""

    NOT_ASKED = "不申请回避"
    ASKED = "申请回避"


class Correction(Form):
    """One place that was put right before signing."""

    place: ShortText = Field(title="更正位置")
    before: ShortText = Field(title="原文")
    after: ShortText = Field(title="更正为")
    initialled: bool = Field(title="当事人（被询问人）已在更正处捺指印或者签名", default=True)


class Heard(Signature):
    """What both records have: when, where, who, and what the person was told."""

    begun: Hour = Field(title="开始时间（时:分）")
    ended: Hour = Field(title="结束时间（时:分）")
    place: ShortText = Field(title="地点")
    person: ShortText = Field(title="姓名")
    id_document: ShortText = Field(title="身份证件种类及号码")
    relation: ShortText = Field(title="与本案的关系（职务）")
    phone: OptionalText = Field(title="联系电话", default="")
    certificates_shown: Confirmed = Field(title="已出示执法证件，表明身份")
    rights_told: Confirmed = Field(title="已告知申请回避、陈述和申辩的权利及如实回答的义务")
    recusal: Recusal = Field(title="是否申请回避", default=Recusal.NOT_ASKED)
    proves: Annotated[str, Field(max_length=1000)] = Field(title="拟证明的事实", default="")
    corrections: list[Correction] = Field(title="更正", default=[], max_length=30)


class SceneRecord(Heard):
    """现场笔录."""

    findings: LongText = Field(title="现场情况")


class Exchange(Form):
    """A question and what was answered."""

    question: Annotated[str, Field(min_length=1, max_length=1000)] = Field(title="问")
    answer: LongText = Field(title="答")


class InterviewRecord(Heard):
    """询问笔录."""

    exchanges: list[Exchange] = Field(title="询问内容", min_length=1, max_length=60)


# Steps that other code refers to, with what is filled in at them.
RECORD_SCENE = StepName("record_scene", SceneRecord)
RECORD_INTERVIEW = StepName("record_interview", InterviewRecord)
