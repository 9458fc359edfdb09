"""`safety_licence` 辐射安全许可证: five years, and a report on safety by every end of January.

放射性同位素与射线装置安全和防护条例 13 (term, renewal), 30 (yearly assessment).
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
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE
from state_machines.parts.remedies import part as remedies
from state_machines.radiation import forms
from state_machines.radiation.closing import closing

_UNENDED = ("valid", "report_overdue")
# Until a decision that ends it is served.
STANDING = (*_UNENDED, endings.DECIDED)
# Two of the bureau tell its holder, and serve what is decided; its lawyers do not work here.
_TELLING = (Role.ECO_REVIEWER,)


def _deregister(name: str, label: str, *states: str, optional_in: tuple[str, ...] = ()) -> Step:
    """The book entry is ended: for a licence that stands a right, else a duty."""
    return Step(
        name,
        label,
        during(*states, to="deregistered"),
        (Role.ECO_APPROVER,),
        form=schema(forms.Deregistration),
        effects=(
            Issue("radiation_deregistration"),
            Publish("deregistrations", "publicity.double"),
            Notify("party"),
        ),
        law="《行政许可法》第七十条",
        apart_from=(GIVE_PRIOR_NOTICE,),
        optional_in=optional_in,
        final=True,
        in_every_version=True,
    )


SAFETY_LICENCE = Process(
    key="safety_licence",
    code="FS",
    label="辐射安全许可证",
    effective_from=date(2021, 7, 1),
    law="《放射性同位素与射线装置安全和防护条例》第十条至第十三条",
    initial="valid",
    opened_by=(Role.RELATED,),
    form=schema(forms.SafetyLicence),
    states=(
        State("valid", "有效"),
        State("report_overdue", "年度报告逾期"),
        State("expired", "过期"),
        *endings.states("法律未规定办理注销的期限"),
        State("deregistered", "已注销", end=True),
    ),
    steps=(
        Step(
            "report",
            "提交年度评估报告",
            during("valid", "report_overdue", to="valid"),
            (Role.APPLICANT,),
            form=schema(forms.YearReport),
            effects=(
                Amend({"report_by": "@next:01-31:application.report_by"}),
                Notify(Role.ECO_REVIEWER),
            ),
            law="《放射性同位素与射线装置安全和防护条例》第三十条",
        ),
        Step(
            "miss_report",
            "年度评估报告逾期",
            {"valid": "report_overdue"},
            (Role.TIMER,),
            effects=(Notify("party"), Notify(Role.ECO_REVIEWER)),
            law="《放射性同位素与射线装置安全和防护条例》第三十条",
        ),
        Step(
            "expire",
            "有效期届满",
            during(*STANDING, to="expired"),
            (Role.TIMER,),
            effects=(Notify("party"), Notify(Role.ECO_REVIEWER)),
            law="《放射性同位素与射线装置安全和防护条例》第十三条",
        ),
        *prior.telling(
            *_UNENDED, by=_TELLING, law="《行政许可法》第七条", reviewed=False, two_officers=True
        ),
        *endings.ending(
            *_UNENDED,
            form=schema(forms.SafetyEndingDecision),
            by=_TELLING,
            decides=Role.ECO_APPROVER,
            apart_from=(GIVE_PRIOR_NOTICE,),
            law="《行政许可法》第七十条第四项",
        ),
        _deregister("deregister", "注销", *STANDING, endings.SERVED, optional_in=STANDING),
        _deregister("deregister_expired", "过期注销", "expired"),
        *closing(*_UNENDED, decides=Role.ECO_APPROVER),
        remedies.bringing_back(
            during("deregistered", endings.DECIDED, endings.SERVED, to="valid"),
            (Role.ECO_APPROVER,),
            marks=(
                Mark(
                    documents=("ending_decision", "radiation_deregistration"),
                    label="已被撤销，许可已恢复",
                ),
            ),
            register="deregistrations",
            tell=Role.ECO_REVIEWER,
            shown_in=("deregistered",),
        ),
    ),
    clocks=(
        Clock(
            "validity",
            "辐射安全许可证有效期",
            STANDING,
            Fire("expire"),
            anchor="application.valid_until",
            law="《放射性同位素与射线装置安全和防护条例》第十三条",
            remind=(Remind("party", "reminder.licence_expiry"),),
            says="有效期至 {day}",
        ),
        Clock(
            "year_report",
            "年度评估报告",
            ("valid",),
            Fire("miss_report"),
            anchor="application.report_by",
            law="《放射性同位素与射线装置安全和防护条例》第三十条",
            binds="party",
            remind=(Remind("party", "reminder.year_report"),),
            says="最迟 {day} 提交年度评估报告",
        ),
        Clock(
            "overdue_report",
            "年度评估报告督促",
            ("report_overdue",),
            Escalate(Role.ECO_APPROVER, breach="none"),
            "radiation.late_report",
            law="《放射性同位素与射线装置安全和防护条例》第三十条",
        ),
        Clock(
            "deregistration",
            "办理注销手续期限",
            ("expired",),
            Escalate(Role.ECO_APPROVER),
            "check.deregistration",
            law="《行政许可法》第七十条",
        ),
        endings.ending_clock(Role.ECO_REVIEWER),
    ),
    matter="radiation_safety",
)
