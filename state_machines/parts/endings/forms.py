"""Forms of the end of a book entry that an authority finds itself (依职权注销)."""

from __future__ import annotations

from pydantic import Field

from state_machines.language.fields import Form, LongText, ShortText
from state_machines.language.step_names import StepName


class EndingDecision(Form):
    """依职权决定注销: on which ground, by which facts, and what the holder said to that."""

    ground: ShortText = Field(title="注销的情形")
    facts: LongText = Field(title="查明的事实和证据")
    basis: LongText = Field(title="依据")
    considered: LongText = Field(title="听取陈述申辩和采纳的情况")


# Steps that other code refers to, with what is filled in at them.
DECIDE_ENDING = StepName("decide_ending", EndingDecision)
