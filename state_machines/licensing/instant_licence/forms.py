"""Forms of `instant_licence` 告知承诺即时办."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import (
    Delivery,
    Form,
    LongText,
    Look,
    LookMode,
    Note,
    Phone,
    Reasoned,
    ShortText,
)
from state_machines.language.step_names import StepName
from state_machines.parts.promise.forms import Answers, Commitment

__all__ = [
    "Acceptance",
    "Answers",
    "Application",
    "Commitment",
    "Delivery",
    "Grant",
    "LookAppointment",
    "Pause",
    "Reasoned",
    "Refusal",
    "SiteCheck",
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


class Acceptance(Form):
    """受理: what may follow later (容缺), and a name that is not the business licence's."""

    deferred: list[ShortText] = Field(
        title="容缺受理的材料",
        max_length=20,
        default_factory=list,
        json_schema_extra={"uniqueItems": True, "default": []},
    )
    name_difference: Annotated[str, Field(max_length=200)] = Field(
        title="名称与营业执照不一致的说明", default=""
    )


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


class LookAppointment(Form):
    """预约现场核查或者远程踏勘."""

    mode: LookMode = Field(title="核查方式", default=LookMode.VIDEO)
    on: date = Field(title="日期")
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(
        title="时间（如 14:30）"
    )
    contact: ShortText = Field(title="申请人联系人")
    means: Annotated[str, Field(max_length=200)] = Field(title="视频会议号或者碰面地点", default="")


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


# Steps that other code refers to, with what is filled in at them.
PAUSE = StepName("pause", Pause)
BOOK_LOOK = StepName("book_look", LookAppointment)
ACCEPT = StepName("accept", Acceptance)
GRANT = StepName("grant", Grant)
REFUSE = StepName("refuse", Refusal)
DELIVER = StepName("deliver", Delivery)
