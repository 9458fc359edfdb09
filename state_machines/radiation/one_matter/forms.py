"""Forms of `one_matter` 放射诊疗许可和辐射安全许可“一件事”."""

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
from state_machines.parts.intake.forms import SupplementItem

__all__ = [
    "Application",
    "CertificatesMade",
    "Delivery",
    "GovernmentExtension",
    "HeldUntil",
    "Look",
    "Note",
    "Reasoned",
]


class DeviceClass(StrEnum):
    """The class of a source of radiation (射线装置分类)."""

    CLASS_1 = "Ⅰ类射线装置"
    CLASS_2 = "Ⅱ类射线装置"
    CLASS_3 = "Ⅲ类射线装置"
    SOURCE = "放射源或者非密封放射性物质"


class Use(StrEnum):
    """What equipment is used for (放射诊疗管理规定3)."""

    XRAY = "X射线影像诊断"
    INTERVENTION = "介入放射学"
    THERAPY = "放射治疗"
    NUCLEAR = "核医学"


class Equipment(Form):
    """One piece of equipment."""

    name: ShortText = Field(title="设备名称")
    model: ShortText = Field(title="规格型号")
    use: Use = Field(title="诊疗类别")
    device_class: DeviceClass = Field(title="装置类别")
    room: ShortText = Field(title="使用场所（机房）")


class Application(Form):
    """一件事申请表: said once, for both departments."""

    place_name: ShortText = Field(title="医疗机构名称")
    institution_kind: ShortText = Field(title="医疗机构类别")
    institution_licence: ShortText = Field(title="医疗机构执业许可证登记号（或者设置批准书文号）")
    verify_by: date = Field(title="医疗机构执业许可证下次校验日期")
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(title="所在区（行政区划代码）")
    address: ShortText = Field(title="地址")
    representative: ShortText = Field(title="法定代表人或负责人")
    equipment: list[Equipment] = Field(title="设备清单", min_length=1, max_length=50)
    radiation_staff: Annotated[int, Field(ge=1, le=10_000)] = Field(title="放射工作人员数")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class Look(Form):
    """核验: what a department wants supplemented in its part; nothing, if its part is whole."""

    items: list[SupplementItem] = Field(
        title="需要补正的内容（齐全的不填）",
        max_length=30,
        default_factory=list,
        json_schema_extra={"default": []},
    )
    remark: Annotated[str, Field(max_length=1000)] = Field(title="内部说明", default="")


class GovernmentExtension(Form):
    """联合办理延长: by the head of the government of the same level (许可法42)."""

    approved_by: ShortText = Field(title="批准的本级人民政府负责人")
    approved_on: date = Field(title="批准日期")
    reason: LongText = Field(title="延长的理由")


class CertificatesMade(Note):
    """制证: the certificates are printed and sealed."""


class HeldUntil(Form):
    """申请暂存: the applicant wants the certificate kept until a day."""

    until: date = Field(title="暂存至")
    reason: LongText = Field(title="原因")


# Steps that other code refers to, with what is filled in at them.
CHECK_HEALTH = StepName("check_health", Look)
CHECK_ECO = StepName("check_eco", Look)
DROP_HEALTH = StepName("drop_health", Reasoned)
DROP_ECO = StepName("drop_eco", Reasoned)
ASK_TO_HOLD = StepName("ask_to_hold", HeldUntil)
DELIVER_PART = StepName("deliver_part", Delivery)
