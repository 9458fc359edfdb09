"""Forms of `national_repair` 信用中国渠道的信用修复."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from state_machines.credit.repair.forms import RepairCategory
from state_machines.language.fields import Form, LongText, Note, Reasoned, ShortText
from state_machines.language.step_names import StepName

__all__ = ["Extension", "Filing", "Note", "Reasoned", "Refusal"]


class Filing(Form):
    """What was filed with 信用中国: opened by the repair case, whose terms it shares."""

    repair: ShortText = Field(title="信用修复案件")
    source: Annotated[str, Field(max_length=200)] = Field(title="产生记录的案件", default="")
    record: ShortText = Field(title="失信记录")
    category: RepairCategory = Field(title="类别")
    decided_on: date = Field(title="文书（决定）日期")


class Extension(Form):
    """延长: why the result comes later."""

    reason: LongText = Field(title="延长理由")


class Refusal(Form):
    """不予修复: reasons must be told."""

    facts: LongText = Field(title="查明的情况")
    reasons: LongText = Field(title="不予修复的理由")


# Steps that other code refers to, with what is filled in at them.
END_NATIONAL_PUBLICITY = StepName("end_national_publicity", Note)
WITHDRAW_FILING = StepName("withdraw_filing", Reasoned)
