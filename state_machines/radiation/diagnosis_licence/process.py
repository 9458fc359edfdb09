"""`diagnosis_licence` 放射诊疗许可证: no expiry, but verified with the institution's own licence.

放射诊疗管理规定 17, 18; 医疗机构管理条例 22 (校验).
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Amend,
    Clock,
    Escalate,
    Fire,
    Issue,
    Mark,
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
from state_machines.parts.endings import part as endings
from state_machines.parts.intake.part import APPROVER, WINDOW
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.remedies import part as remedies
from state_machines.radiation import forms
from state_machines.radiation.closing import closing

_VERIFIED = ("valid", "unverified")
# Until a decision that ends it is served.
STANDING = (*_VERIFIED, endings.DECIDED)
# Two tell its holder, and serve what is decided.
_TELLING = (Role.REVIEWER, Role.INSPECTOR)

DIAGNOSIS_LICENCE = Process(
    key="diagnosis_licence",
    code="FZ",
    label="放射诊疗许可证",
    effective_from=date(2021, 7, 1),
    law="《放射诊疗管理规定》第十六条至第十九条",
    initial="valid",
    opened_by=(Role.RELATED,),
    form=schema(forms.DiagnosisLicence),
    states=(
        State("valid", "有效"),
        State(
            "unverified",
            "逾期未校验",
            unattended="由被许可人申请校验；逾期满一年仍不校验的，提醒督办注销",
        ),
        *endings.states("法律未规定办理注销的期限"),
        State("deregistered", "已注销", end=True),
    ),
    steps=(
        Step(
            "pass_verification",
            "校验",
            during("valid", "unverified", to="valid"),
            WINDOW,
            form=schema(forms.Verification),
            effects=(Amend({"verify_by": "pass_verification.next_due"}), Notify("party")),
            law="《放射诊疗管理规定》第十七条",
            optional=True,
        ),
        Step(
            "miss_verification",
            "逾期未校验",
            {"valid": "unverified"},
            (Role.TIMER,),
            effects=(Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="《放射诊疗管理规定》第十七条",
        ),
        *prior.telling(*_VERIFIED, by=_TELLING, law="《行政许可法》第七条", two_officers=True),
        *endings.ending(
            *_VERIFIED,
            form=schema(forms.EndingDecision),
            by=_TELLING,
            apart_from=prior.HANDLED,
            law="《放射诊疗管理规定》第十八条",
        ),
        Step(
            "deregister",
            "注销",
            during(*STANDING, endings.SERVED, to="deregistered"),
            APPROVER,
            form=schema(forms.Deregistration),
            effects=(
                Issue("radiation_deregistration"),
                Publish("deregistrations", "publicity.double"),
                Notify("party"),
            ),
            law="《放射诊疗管理规定》第十八条、《行政许可法》第七十条",
            apart_from=prior.HANDLED,
            optional_in=STANDING,
            final=True,
            in_every_version=True,
        ),
        *closing(*_VERIFIED, decides=Role.APPROVER),
        remedies.bringing_back(
            during("deregistered", endings.DECIDED, endings.SERVED, to="valid"),
            APPROVER,
            marks=(
                Mark(
                    documents=("ending_decision", "radiation_deregistration"),
                    label="已被撤销，许可已恢复",
                ),
            ),
            register="deregistrations",
            tell=Role.WINDOW_CLERK,
            shown_in=("deregistered",),
        ),
    ),
    clocks=(
        Clock(
            "verification",
            "放射诊疗许可证校验",
            ("valid",),
            Fire("miss_verification"),
            anchor="application.verify_by",
            law="《放射诊疗管理规定》第十七条、《医疗机构管理条例》第二十二条",
            binds="party",
            remind=(Remind("party", "reminder.verification"),),
            says="最迟 {day} 申请校验",
        ),
        Clock(
            "unverified",
            "逾期不校验",
            ("unverified",),
            Escalate(Role.SUPERVISOR, breach="none"),
            "radiation.unverified",
            law="《放射诊疗管理规定》第十八条",
            binds="party",
            remind=(Remind("party"),),
            says="逾期未校验，最迟 {day} 补办校验",
        ),
        endings.ending_clock(Role.REVIEWER),
    ),
    matter="radiation_diagnosis",
)
