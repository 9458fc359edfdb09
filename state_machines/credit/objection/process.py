"""`credit_objection` 信用异议: the party says an item of its file is wrong, and gets an answer.

《山东省社会信用条例》第三十九条: three working days, seven if others must help to verify.
"""

from __future__ import annotations

from datetime import date

from state_machines.credit.objection import forms
from state_machines.credit.objection import guards as objections
from state_machines.language.vocabulary import (
    Clock,
    CorrectCredit,
    Escalate,
    Issue,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)

_PARTY = (Role.APPLICANT,)
_OFFICER = (Role.CREDIT_OFFICER,)
# What the authority decided its head corrects, and nobody below. Of two posts that one holds the
# first acts: a head who is credit officer too acts as head.
_CORRECTING = (Role.APPROVER, *_OFFICER)
_LAW = "《山东省社会信用条例》第三十九条"

CREDIT_OBJECTION = Process(
    key="credit_objection",
    code="XY",
    label="信用异议",
    effective_from=date(2021, 7, 1),
    law=_LAW,
    initial="draft",
    opened_by=_PARTY,
    form=schema(forms.Objection),
    matter="public_place_hygiene",
    states=(
        State(
            "draft",
            "草稿",
            private=True,
            unattended="尚未提交，由当事人自行决定何时提交，不产生时限",
        ),
        State("filed", "已提出"),
        State("asking_others", "协助核查中"),
        State("upheld", "异议成立", end=True),
        State("rejected", "异议不成立", end=True),
        State("withdrawn", "撤回异议", end=True),
    ),
    steps=(
        Step(
            "file_objection",
            "提出异议",
            {"draft": "filed"},
            _PARTY,
            guards=(objections.item_may_be_objected_to,),
            effects=(Notify(Role.CREDIT_OFFICER),),
            law=_LAW,
        ),
        Step(
            "ask_others",
            "请其他单位协助核查",
            {"filed": "asking_others"},
            _OFFICER,
            form=schema(forms.Inquiry),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
        ),
        Step(
            "uphold",
            "异议成立，更正",
            during("filed", "asking_others", to="upheld"),
            _CORRECTING,
            form=schema(forms.Answer),
            effects=(CorrectCredit(), Issue("objection_answer"), Notify("party")),
            law=_LAW,
            final=True,
            in_every_version=True,
        ),
        Step(
            "reject",
            "异议不成立",
            during("filed", "asking_others", to="rejected"),
            _OFFICER,
            form=schema(forms.Answer),
            effects=(Issue("objection_answer"), Notify("party")),
            law=_LAW,
            final=True,
        ),
        Step(
            "drop_objection",
            "撤回异议",
            during("draft", "filed", "asking_others", to="withdrawn"),
            _PARTY,
            optional=True,
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "answer",
            "异议处理期限",
            ("filed",),
            Escalate(Role.SUPERVISOR),
            "credit.objection",
            law=_LAW,
            remind=(Remind(Role.CREDIT_OFFICER, "reminder.inner"),),
        ),
        Clock(
            "answer_with_others",
            "异议处理期限（协助核查）",
            ("filed", "asking_others"),
            Escalate(Role.SUPERVISOR),
            "credit.objection_with_others",
            law=_LAW,
            remind=(Remind(Role.CREDIT_OFFICER, "reminder.inner"),),
        ),
    ),
)
