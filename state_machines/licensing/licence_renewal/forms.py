"""Forms of `licence_renewal` 卫生许可证延续."""

from __future__ import annotations

from datetime import date

from pydantic import Field
from pydantic.config import JsonDict

from state_machines.language.fields import (
    Confirmed,
    Delivery,
    Form,
    LongText,
    Look,
    Note,
    Phone,
    ShortText,
)

__all__ = ["Application", "Delivery", "Note", "Refusal", "SiteCheck"]

_COPIED: JsonDict = {"readOnly": True}


class Application(Form):
    """延续申请: what the licence says is copied from it."""

    licence: ShortText = Field(title="许可证编号")
    place_name: ShortText = Field(title="单位名称", json_schema_extra=_COPIED)
    place_kind: ShortText = Field(title="经营项目", json_schema_extra=_COPIED)
    address: ShortText = Field(title="经营场所地址", json_schema_extra=_COPIED)
    representative: ShortText = Field(title="法定代表人或负责人", json_schema_extra=_COPIED)
    valid_until: date = Field(title="原有效期至", json_schema_extra=_COPIED)
    conditions_kept: Confirmed = Field(title="许可条件没有改变，承诺继续符合法定条件、标准和要求")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class SiteCheck(Look):
    """延续前的核查, by two officers."""


class Refusal(Form):
    """不予延续: reasons and remedies must be told."""

    facts: LongText = Field(title="查明的事实")
    reasons: LongText = Field(title="说明理由")
