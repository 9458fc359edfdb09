"""Forms of a public notice (公示征求意见): what is made public, comments on it, their answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, Note, Reasoned, ShortText
from state_machines.language.step_names import StepName


class Noticed(Form):
    """What is made public, as its notice and the public page name it."""

    title: ShortText = Field(title="名称")
    number: ShortText = Field(title="编号")


class Revised(Noticed):
    """A revision of what is on record: its name and number, which may stay as they were."""

    changes: LongText = Field(
        title="修订的内容和理由（复审后内容不变的，写明复审结论）",
        description="先在“材料”中上传修订后的文本；修订期间原备案继续有效，公示期满备案后由新的代替",
    )


class Comment(Form):
    """公示意见: whoever makes it need not say who that is."""

    text: LongText = Field(title="意见和理由")
    name: Annotated[str, Field(max_length=100)] = Field(title="单位名称或者姓名", default="")
    contact: Annotated[str, Field(max_length=100)] = Field(title="联系方式", default="")


class CommentAnswer(Form):
    """The answer to one comment."""

    comment: LongText = Field(title="意见")
    answer: LongText = Field(title="答复（采纳的写明怎样修改，不采纳的写明理由）")


class Answers(Form):
    """答复公示意见."""

    answers: list[CommentAnswer] = Field(title="逐条答复", min_length=1, max_length=100)


class Changed(Reasoned):
    """修改后重新公示: the text was changed, and is made public anew."""


# Steps that other code refers to, with what is filled in at them.
OPEN_NOTICE = StepName("open_notice", Blank)
COMMENT = StepName("comment", Comment)
ANSWER_COMMENTS = StepName("answer_comments", Answers)
RECORD = StepName("record", Note)
REVISE = StepName("revise", Revised)
