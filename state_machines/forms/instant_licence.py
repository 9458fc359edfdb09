"""Forms of `instant_licence` 告知承诺即时办."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.forms.common import (
    Confirmed,
    Form,
    LongText,
    Look,
    Phone,
    Reasoned,
    ShortText,
)

__all__ = [
    "Application",
    "Commitment",
    "Delivery",
    "Grant",
    "NonAcceptance",
    "Note",
    "Pause",
    "Reasoned",
    "Refusal",
    "SiteCheck",
    "SupplementList",
    "Termination",
]


class Application(Form):
    """公共场所卫生许可申请表."""

    place_name: ShortText = Field(title="单位（场所）名称")
    place_kind: ShortText = Field(title="经营项目")
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(title="所在区（行政区划代码）")
    address: ShortText = Field(title="经营场所地址")
    area_m2: Annotated[float, Field(gt=0, le=1_000_000)] = Field(title="经营面积（平方米）")
    representative: ShortText = Field(title="法定代表人或负责人")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class Note(Form):
    """An optional note for the file."""

    note: Annotated[str, Field(max_length=1000)] = Field(title="备注", default="")


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


class Commitment(Form):
    """告知承诺书: each statement must be made."""

    knows_notice: Confirmed = Field(title="已经知晓行政机关告知的全部内容")
    meets_conditions: Confirmed = Field(title="已经符合告知的许可条件、标准和要求")
    true_will: Confirmed = Field(title="所作承诺是本单位（本人）真实意思表示")
    accepts_liability: Confirmed = Field(title="愿意承担不实承诺、违反承诺的法律责任")
    consents_to_publication: Confirmed = Field(title="同意依法公开承诺书及履行情况")
    signer: ShortText = Field(title="签署人姓名")


class PauseKind(StrEnum):
    """What is not counted into the limit (许可法45)."""

    HEARING = "听证"
    TEST = "检验检测"
    INSPECTION = "检疫鉴定"
    EXPERT = "专家评审"


class Pause(Form):
    """技术审查: the time needed must be told in writing."""

    kind: PauseKind = Field(title="事项")
    days: Annotated[int, Field(ge=1, le=365)] = Field(title="所需天数")
    expected_until: date = Field(title="预计完成日期")
    reason: LongText = Field(title="原因")


class SiteCheck(Look):
    """一般程序的实地核查, by two officers."""


class Grant(Note):
    """准予许可."""


class RefusalGround(StrEnum):
    """Why a licence is refused (许可法38, 78)."""

    CONDITIONS = "不符合法定条件、标准"
    FALSE_MATERIAL = "隐瞒有关情况或者提供虚假材料"


class Refusal(Form):
    """不予许可: reasons and remedies must be told."""

    ground: RefusalGround = Field(title="不予许可的理由")
    facts: LongText = Field(title="查明的事实")
    reasons: LongText = Field(title="说明理由")


class DeliveryMethod(StrEnum):
    """How the certificate reached the applicant."""

    DIRECT = "直接送达"
    POST = "邮寄送达"
    ELECTRONIC = "电子送达"


class Delivery(Form):
    """证书送达."""

    method: DeliveryMethod = Field(title="送达方式", default=DeliveryMethod.DIRECT)
    recipient: ShortText = Field(title="受送达人（签收人）")


class TerminationGround(StrEnum):
    """Why an application ends without a decision."""

    DEATH = "申请人死亡"
    DISSOLUTION = "申请人依法终止"


class Termination(Form):
    """终止审查."""

    ground: TerminationGround = Field(title="终止原因")
    evidence: LongText = Field(title="依据的材料")
