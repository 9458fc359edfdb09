"""Forms of `credit_training` 信用培训考试."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, Reasoned, ShortText
from state_machines.language.step_names import StepName

__all__ = ["Enrolment", "Paper", "Reasoned"]


class Enrolment(Form):
    """培训报名: who learns, for the party, and where."""

    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(title="所在区（行政区划代码）")
    learner: ShortText = Field(title="参加培训考试人员")


class Chosen(Form):
    """What was chosen for one question, counted from 0."""

    question: ShortText = Field(title="题目")
    choice: Annotated[int, Field(ge=0, le=9)] = Field(title="答案")


class Paper(Form):
    """答卷: a question that is left out counts as wrong."""

    answers: list[Chosen] = Field(title="答题", max_length=100)


# Steps that other code refers to, with what is filled in at them.
START_EXAM = StepName("start_exam", Blank)
SUBMIT_PAPER = StepName("submit_paper", Paper)
RUN_OUT = StepName("run_out", Blank)
LEAVE = StepName("leave", Reasoned)
