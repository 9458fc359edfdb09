"""`place_grading` 量化分级评定: a licensed place is looked at, scored item by item, and graded.

《公共场所卫生管理条例实施细则》第二十九条、第三十条. The grade is of the place and hangs on its
wall until the next one; the credit rating of its party is another thing, and neither touches the
other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from state_machines.grading.place_grading import forms
from state_machines.grading.place_grading import guards as gradings
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    LegalDay,
    Notify,
    Process,
    Publish,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.looks import guards as checks
from state_machines.parts.officers import part as officers
from state_machines.parts.officers.forms import Assignment

_OFFICERS = (Role.INSPECTOR,)
_SENDERS = (Role.SUPERVISOR, Role.APPROVER)
_LAW = "《公共场所卫生管理条例实施细则》第二十九条"
_GRADE_LAW = "《公共场所卫生管理条例实施细则》第三十条"

_HAND_OVER = officers.hand_over("assigned", to=Role.INSPECTOR)
_HAND_OVER = replace(_HAND_OVER, guards=(*_HAND_OVER.guards, gradings.drawn_officers_are_sent))

PLACE_GRADING = Process(
    key="place_grading",
    code="LH",
    label="量化分级评定",
    effective_from=date(2021, 7, 1),
    law=_GRADE_LAW,
    initial="planned",
    opened_by=(Role.SUPERVISOR, Role.INSPECTOR),
    form=schema(forms.Task),
    about="licence",
    states=(
        State("planned", "待指派"),
        State("assigned", "待现场评分"),
        State("scored", "已评分，待评定"),
        State("graded", "已评定等级", end=True),
        State("not_rated", "不予评级", end=True),
        State("called_off", "取消评定", end=True),
    ),
    steps=(
        Step(
            "assign",
            "指派执法人员",
            {"planned": "assigned"},
            _SENDERS,
            form=schema(Assignment),
            guards=(
                gradings.place_is_licensed,
                checks.two_certified_are_named,
                gradings.drawn_officers_are_sent,
            ),
            effects=(Notify(Role.INSPECTOR),),
            law=_LAW,
        ),
        Step(
            "score",
            "现场评分",
            {"assigned": "scored"},
            _OFFICERS,
            form=schema(forms.Sheet),
            guards=(
                gradings.place_is_licensed,
                checks.officers_are_assigned,
                gradings.every_item_is_scored,
            ),
            effects=(
                Issue("grading_sheet"),
                Publish("inspections", "publicity.inspection"),
                Notify("party"),
                Notify(Role.APPROVER),
            ),
            law=_LAW,
            two_officers=True,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "send_back",
            "退回重新评分",
            {"scored": "assigned"},
            (Role.APPROVER,),
            form=schema(forms.Reasoned),
            effects=(Notify("party"), Notify(Role.INSPECTOR)),
            law=_LAW,
            apart_from=("score",),
            optional=True,
        ),
        Step(
            "award",
            "评定等级",
            {"scored": "graded"},
            (Role.APPROVER,),
            form=schema(forms.Award),
            guards=(gradings.a_grade_is_reached,),
            effects=(
                Issue("grading_result"),
                Issue("grading_placard"),
                Publish("place_grades", "publicity.inspection"),
                Notify("party"),
            ),
            law=_GRADE_LAW,
            apart_from=("score",),
            final=True,
        ),
        Step(
            "leave_unrated",
            "不予评级",
            {"scored": "not_rated"},
            (Role.APPROVER,),
            form=schema(forms.Award),
            guards=(gradings.no_grade_is_reached,),
            effects=(
                Issue("grading_result"),
                Publish("place_grades", "publicity.inspection"),
                Notify("party"),
                Notify(Role.INSPECTOR),
            ),
            law=_GRADE_LAW,
            apart_from=("score",),
            final=True,
        ),
        Step(
            "call_off",
            "取消评定",
            during("planned", "assigned", "scored", to="called_off"),
            _SENDERS,
            form=schema(forms.Reasoned),
            effects=(Notify("party"), Notify(Role.INSPECTOR)),
            law=_LAW,
            optional=True,
            final=True,
        ),
        *officers.recusal("assigned", "scored", staff=_OFFICERS),
        _HAND_OVER,
    ),
    clocks=(
        Clock(
            "inspection",
            "现场评分期限",
            ("planned", "assigned"),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "grading.inspection",
            law=_LAW,
            remind=(Remind(Role.INSPECTOR, "reminder.inner"),),
        ),
        Clock(
            "decision",
            "等级评定期限",
            ("scored",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "grading.decision",
            law=_GRADE_LAW,
            remind=(Remind(Role.APPROVER, "reminder.inner"),),
        ),
    ),
)
