"""Forms of `licence_change` 卫生许可证变更、补发."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import (
    Delivery,
    Form,
    LongText,
    Look,
    Note,
    Phone,
    ShortText,
)
from state_machines.language.step_names import StepName

__all__ = ["Application", "Delivery", "Note", "Refusal", "SiteCheck"]


class Kind(StrEnum):
    """What is asked for."""

    NAME = "变更单位名称"
    REPRESENTATIVE = "变更法定代表人或者负责人"
    LOST = "遗失、毁损补发"
    WRONG = "证书记载错误更正换发"


class Application(Form):
    """变更、补发、更正申请: what the certificate is to say; what is left out stays as it is."""

    licence: ShortText = Field(title="许可证编号")
    kind: Kind = Field(title="申请事项")
    place_name: ShortText = Field(title="单位名称")
    representative: ShortText = Field(title="法定代表人或负责人")
    address: ShortText = Field(title="经营场所地址")
    place_kind: ShortText = Field(title="经营项目", json_schema_extra={"readOnly": True})
    valid_until: date = Field(title="有效期至", json_schema_extra={"readOnly": True})
    reason: LongText = Field(title="变更、补发、更正的原因")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class SiteCheck(Look):
    """变更前的核查, by two officers."""


class Refusal(Form):
    """不予变更、补发: reasons and remedies must be told."""

    facts: LongText = Field(title="查明的事实")
    reasons: LongText = Field(title="说明理由")


# Steps that other code refers to, with what is filled in at them.
REISSUE = StepName("reissue", Note)
