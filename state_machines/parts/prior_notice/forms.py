"""Forms of a notice before an adverse decision that is no penalty (事先告知)."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText
from state_machines.language.step_names import StepName
from state_machines.parts.delivery.forms import Receipt
from state_machines.parts.legal_review.forms import ReviewPass


class PriorNotice(Form):
    """行政决定事先告知: what is proposed, on what facts, basis and reasons."""

    proposed: LongText = Field(title="拟作出的决定")
    facts: LongText = Field(title="查明的事实和证据")
    basis: LongText = Field(title="法律依据")
    reasons: LongText = Field(title="理由")


class Answer(Form):
    """陈述申辩."""

    text: LongText = Field(title="陈述申辩意见")


class HearingRequest(Form):
    """听证申请."""

    reasons: LongText = Field(title="要求听证的事实和理由")


# Steps that other code refers to, with what is filled in at them.
GIVE_PRIOR_NOTICE = StepName("give_prior_notice", PriorNotice)
SERVE_PRIOR_NOTICE = StepName("serve_prior_notice", Receipt)
END_ANNOUNCEMENT_PRIOR = StepName("end_announcement_prior", Blank)
ANSWER_PRIOR_NOTICE = StepName("answer_prior_notice", Answer)
REVIEW_PRIOR_NOTICE = StepName("review_prior_notice", ReviewPass)
WAIVE_PRIOR_NOTICE = StepName("waive_prior_notice", Blank)
# The same of a second department that decides on an item of its own in the same case.
GIVE_PRIOR_NOTICE_ECO = StepName("give_prior_notice_eco", PriorNotice)
SERVE_PRIOR_NOTICE_ECO = StepName("serve_prior_notice_eco", Receipt)
END_ANNOUNCEMENT_PRIOR_ECO = StepName("end_announcement_prior_eco", Blank)
ANSWER_PRIOR_NOTICE_ECO = StepName("answer_prior_notice_eco", Answer)
WAIVE_PRIOR_NOTICE_ECO = StepName("waive_prior_notice_eco", Blank)


@dataclass(frozen=True)
class Telling:
    """The steps by which one notice is given, served, answered, waived and reviewed; `of` is what
    is served, `paper` the key of its letter. Nobody reviews what a second department tells: its
    lawyers do not work here."""

    suffix: str
    give: StepName[PriorNotice]
    served: tuple[StepName[Receipt], StepName[Blank]]
    answer: StepName[Answer]
    waive: StepName[Blank]
    review: StepName[ReviewPass] | None

    @property
    def of(self) -> str:
        """What is served."""
        return f"prior{self.suffix}"

    @property
    def paper(self) -> str:
        """The key of the letter."""
        return f"prior_notice{self.suffix}"


TELLING = Telling(
    "",
    GIVE_PRIOR_NOTICE,
    (SERVE_PRIOR_NOTICE, END_ANNOUNCEMENT_PRIOR),
    ANSWER_PRIOR_NOTICE,
    WAIVE_PRIOR_NOTICE,
    REVIEW_PRIOR_NOTICE,
)
TELLING_ECO = Telling(
    "_eco",
    GIVE_PRIOR_NOTICE_ECO,
    (SERVE_PRIOR_NOTICE_ECO, END_ANNOUNCEMENT_PRIOR_ECO),
    ANSWER_PRIOR_NOTICE_ECO,
    WAIVE_PRIOR_NOTICE_ECO,
    None,
)
