"""公示征求意见: something is made public for a time, anybody may comment, whoever asked answers.

A process composes these steps and the clock; what is made public is the item `PUBLIC_TEXT` of its
materials and the letters of its steps `open_notice` and `record`. The public reads and comments
without an account (`api/parts/public_notice`).
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import (
    Clock,
    Effect,
    Escalate,
    Guard,
    Issue,
    JsonObject,
    LegalDay,
    Notify,
    Remind,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake.part import APPLICANT, WINDOW
from state_machines.parts.public_notice import forms, guards

# The item of a materials list that anybody may read while the notice runs, and once it is recorded.
PUBLIC_TEXT = "public_text"
CLOCK = "notice"
ANSWERS = "answers"
# What stands before a record of what was made public.
RECORDING: tuple[Guard, ...] = (
    guards.notice_has_run,
    guards.comments_are_answered,
    guards.text_was_made_public,
)


def noticing(
    opened: Mapping[str, str],
    changed: Mapping[str, str],
    *,
    issues: tuple[Effect, ...],
    law: str,
) -> tuple[Step, ...]:
    """The notice, comments, their answers, and a changed text that is made public anew.

    `opened` leads from what is complete to what is on notice, `changed` from there back.
    """
    noticed = tuple(dict.fromkeys(opened.values()))
    return (
        Step(
            "open_notice",
            "公示",
            opened,
            WINDOW,
            guards=(applications.materials_are_complete,),
            effects=(*issues, Notify("party")),
            law=law,
            asks=True,
        ),
        Step(
            "comment",
            "公示意见",
            during(*noticed),
            (Role.PUBLIC, Role.WINDOW_CLERK),
            form=schema(forms.Comment),
            guards=(guards.notice_takes_comments,),
            effects=(Notify("party"), Notify(Role.WINDOW_CLERK)),
            law=law,
            optional=True,
            legal_day=LegalDay.OTHERS,
        ),
        Step(
            "answer_comments",
            "答复公示意见",
            during(*noticed),
            APPLICANT,
            form=schema(forms.Answers),
            guards=(guards.answers_are_of_comments,),
            effects=(Notify(Role.WINDOW_CLERK),),
            law=law,
            optional=True,
        ),
        Step(
            "change_text",
            "修改后重新公示",
            changed,
            APPLICANT,
            form=schema(forms.Changed),
            guards=(guards.text_is_new,),
            effects=(Notify(Role.WINDOW_CLERK),),
            law=law,
            optional=True,
        ),
    )


def revising(
    recorded: str, revising: str, noticed: str, *, form: JsonObject, law: str
) -> tuple[Step, ...]:
    """A revision of what is on record, which stands until the revision is recorded; its papers
    come back in writing, as they are or since comments were not answered in time, or it is given
    up, and nothing has changed."""
    return (
        Step(
            "revise",
            "修订（复审）备案",
            {recorded: revising},
            APPLICANT,
            form=form,
            guards=(guards.text_is_new,),
            effects=(Notify(Role.WINDOW_CLERK),),
            law=law,
            optional=True,
        ),
        Step(
            "return_revision",
            "退回修订材料",
            during(revising, noticed, to=recorded),
            WINDOW,
            form=schema(Reasoned),
            guards=(guards.answers_are_overdue,),
            effects=(Issue("revision_return"), Notify("party")),
            law=law,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "give_up_revision",
            "撤回修订",
            during(revising, noticed, to=recorded),
            APPLICANT,
            form=schema(Reasoned),
            effects=(Notify(Role.WINDOW_CLERK),),
            law=law,
            optional=True,
        ),
    )


def notice_clock(*noticed: str, limit: str, law: str) -> Clock:
    """The time of the notice; when it has run it is the window's turn."""
    return Clock(
        CLOCK,
        "公示期",
        noticed,
        Escalate(Role.WINDOW_CLERK, breach="none"),
        limit,
        law=law,
        remind=(Remind(Role.WINDOW_CLERK),),
    )


def answers_clock(*noticed: str, limit: str, law: str) -> Clock:
    """The time in which comments are answered; who lets it pass has the revision returned."""
    return Clock(
        ANSWERS,
        "公示意见答复期限",
        noticed,
        Escalate(Role.WINDOW_CLERK, breach="none"),
        limit,
        law=law,
        binds="party",
        remind=(Remind("party"),),
        says="公示期内收到意见的，最迟 {day} 逐条答复，逾期不答复的退回修订",
    )
