"""Forms of `correction_order` 责令改正."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from state_machines.enforcement.exemption import forms as exemption
from state_machines.language.fields import Form, LongText, ShortText

Report = exemption.CorrectionReport
Recheck = exemption.Recheck
NotCorrected = exemption.NotCorrected


class Order(Form):
    """What is to be put right and until when: opened by the case that orders it."""

    origin: ShortText = Field(title="责令改正的案件")
    violation: exemption.ViolationCode = Field(title="案由")
    items: list[exemption.OrderedItem] = Field(title="改正内容", min_length=1, max_length=30)
    facts: LongText = Field(title="违法事实")
    ordered_on: date = Field(title="责令改正日期")
    until: date = Field(title="改正期限（含当日）")
    place_name: Annotated[str, Field(max_length=200)] = Field(title="发生场所", default="")
    address: Annotated[str, Field(max_length=200)] = Field(title="场所地址", default="")
