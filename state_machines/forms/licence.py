"""Forms of `licence` 卫生许可证."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from state_machines.forms.common import Form, LongText, ShortText


class Licence(Form):
    """What the certificate says (实施细则25)."""

    number: ShortText = Field(title="编号")
    place_name: ShortText = Field(title="单位名称")
    place_kind: ShortText = Field(title="经营项目")
    address: ShortText = Field(title="经营场所地址")
    representative: ShortText = Field(title="法定代表人或负责人")
    valid_from: date = Field(title="发证日期")
    valid_until: date = Field(title="有效期至")


class Deregistration(Form):
    """注销登记 (许可法70)."""

    reason: LongText = Field(title="注销原因")
