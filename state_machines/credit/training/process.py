"""`credit_training` 信用培训考试: courses, an exam under time, a certificate.

It stands on its own, so that a firm may learn before it has to; a repair asks for its certificate.
The time of a sitting is a clock like any other: what is late was not handed in.
"""

from __future__ import annotations

from datetime import date

from state_machines.credit.training import forms
from state_machines.credit.training import guards as training
from state_machines.language.vocabulary import (
    Clock,
    Fire,
    Issue,
    Notify,
    Process,
    RecordCredit,
    Role,
    State,
    Step,
    during,
    schema,
)

_PARTY = (Role.APPLICANT,)
_AT_WILL = "学习和考试由当事人自行安排，不产生时限"
_LAW = "本机关信用培训规定"

CREDIT_TRAINING = Process(
    key="credit_training",
    code="XP",
    label="信用培训考试",
    effective_from=date(2021, 7, 1),
    law=_LAW,
    initial="learning",
    opened_by=_PARTY,
    form=schema(forms.Enrolment),
    matter="public_place_hygiene",
    states=(
        State("learning", "学习中", unattended=_AT_WILL),
        State("in_exam", "考试中"),
        State("handed_over", "已交卷", unattended=_AT_WILL),
        State("certified", "考试合格", end=True),
        State("left", "退出培训", end=True),
    ),
    steps=(
        Step(
            "start_exam",
            "开始考试",
            during("learning", "handed_over", to="in_exam"),
            _PARTY,
            guards=(
                training.exam_is_not_passed,
                training.exam_may_be_sat,
                training.paper_is_drawn,
            ),
            law=_LAW,
        ),
        Step(
            "submit_paper",
            "交卷",
            {"in_exam": "handed_over"},
            _PARTY,
            form=schema(forms.Paper),
            effects=(Notify("party"),),
            law=_LAW,
        ),
        Step(
            "run_out",
            "考试时间到，未交卷",
            {"in_exam": "handed_over"},
            (Role.TIMER,),
            effects=(Notify("party"),),
            law=_LAW,
        ),
        Step(
            "certify",
            "领取合格证书",
            {"handed_over": "certified"},
            _PARTY,
            guards=(training.exam_is_passed,),
            effects=(
                RecordCredit("training_passed", "信用培训考试合格"),
                Issue("training_certificate"),
                Notify("party"),
            ),
            law=_LAW,
            final=True,
        ),
        Step(
            "leave",
            "退出培训",
            during("learning", "handed_over", to="left"),
            _PARTY,
            form=schema(forms.Reasoned),
            optional=True,
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "exam",
            "考试时间",
            ("in_exam",),
            Fire("run_out"),
            "training.exam",
            law=_LAW,
            binds="party",
            says="最迟 {day} 交卷",
        ),
    ),
)
