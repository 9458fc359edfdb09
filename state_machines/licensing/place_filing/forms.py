"""Forms of `place_filing` 公共场所卫生备案."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from state_machines.language.fields import Note
from state_machines.language.step_names import StepName
from state_machines.licensing.instant_licence import forms as instant_licence

__all__ = ["Application", "Note"]


class Application(instant_licence.Application):
    """公共场所卫生备案表."""

    opened_on: date | None = Field(title="开始营业日期（未营业的不填）", default=None)


# Steps that other code refers to, with what is filled in at them.
RECORD = StepName("record", Note)
