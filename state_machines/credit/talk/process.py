"""`credit_talk` 信用约谈: the authority talks with whoever's grade fell, and keeps a record of it.

A measure of the rating table, not a penalty: nothing is decided against the party. It is told what
lowered its grade and what raises it, answers, and reports what it has put right.
"""

from __future__ import annotations

from datetime import date

from state_machines.credit.talk import forms
from state_machines.credit.talk import guards as talks
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    LegalDay,
    Notify,
    Process,
    RecordCredit,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)

_OFFICER = (Role.CREDIT_OFFICER,)
_LAW = "本机关信用评价规定"

CREDIT_TALK = Process(
    key="credit_talk",
    code="YT",
    label="信用约谈",
    effective_from=date(2021, 7, 1),
    law=_LAW,
    initial="planned",
    opened_by=_OFFICER,
    form=schema(forms.Cause),
    states=(
        State("planned", "待约谈"),
        State("invited", "已通知约谈"),
        State("talked", "已约谈，整改中"),
        State("settled", "约谈办结", end=True),
        State("called_off", "取消约谈", end=True),
    ),
    steps=(
        Step(
            "invite",
            "通知约谈",
            {"planned": "invited"},
            _OFFICER,
            form=schema(forms.Invitation),
            guards=(talks.grade_asks_for_a_talk, talks.talk_is_told_before),
            effects=(Issue("talk_notice"), Notify("party")),
            law=_LAW,
        ),
        Step(
            "note_absence",
            "当事人未到，另行通知",
            {"invited": "planned"},
            _OFFICER,
            form=schema(forms.Reasoned),
            guards=(talks.day_of_the_talk_has_come,),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "hold_talk",
            "约谈并制作约谈记录",
            {"invited": "talked"},
            _OFFICER,
            form=schema(forms.Talk),
            guards=(talks.day_of_the_talk_has_come,),
            effects=(
                RecordCredit("credit_talked", "接受信用约谈"),
                Issue("talk_record"),
                Notify("party"),
            ),
            law=_LAW,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "report_improvement",
            "报告整改情况",
            during("talked"),
            (Role.APPLICANT,),
            form=schema(forms.Improvement),
            effects=(Notify(Role.CREDIT_OFFICER),),
            law=_LAW,
            optional=True,
        ),
        Step(
            "settle",
            "约谈办结",
            {"talked": "settled"},
            _OFFICER,
            form=schema(forms.Conclusion),
            effects=(Notify("party"),),
            law=_LAW,
            final=True,
        ),
        Step(
            "call_off",
            "取消约谈",
            during("planned", "invited", to="called_off"),
            _OFFICER,
            form=schema(forms.Reasoned),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "invitation",
            "通知约谈期限",
            ("planned",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "credit.talk_invitation",
            law=_LAW,
            remind=(Remind(Role.CREDIT_OFFICER, "reminder.inner"),),
        ),
        Clock(
            "talk",
            "约谈日期",
            ("invited",),
            Escalate(Role.CREDIT_OFFICER, breach="none"),
            anchor="invite.day",
            law=_LAW,
            binds="party",
            remind=(Remind("party"), Remind(Role.CREDIT_OFFICER)),
            says="{day} 参加约谈",
        ),
        Clock(
            "improvement",
            "整改期限",
            ("talked",),
            Escalate(Role.CREDIT_OFFICER, breach="none"),
            "credit.talk_improvement",
            law=_LAW,
            binds="party",
            remind=(Remind("party"), Remind(Role.CREDIT_OFFICER)),
            says="最迟 {day} 报告整改情况",
        ),
    ),
)
