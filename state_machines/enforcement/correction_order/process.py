"""`correction_order` 责令改正: what was ordered to be put right, until when, and whether it was.

《行政处罚法》第二十八条第一款. A penalty opens it; it goes on by itself beside the penalty.
"""

from __future__ import annotations

from datetime import date

from state_machines.enforcement.correction_order import forms
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.inquiry import OFFICERS
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    LegalDay,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.officers import part as officers

_LAW = "《行政处罚法》第二十八条第一款、第四十二条"

CORRECTION_ORDER = Process(
    key="correction_order",
    code="ZG",
    label="责令改正",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》第二十八条第一款",
    initial="ordered",
    opened_by=(Role.RELATED,),
    form=schema(forms.Order),
    states=(
        State("ordered", "责令改正"),
        State("corrected", "已改正", end=True),
        State("not_corrected", "逾期未改", end=True),
    ),
    steps=(
        Step(
            "report_correction",
            "报告改正情况",
            during("ordered"),
            (Role.APPLICANT,),
            form=schema(forms.Report),
            effects=(Notify(Role.CASE_HANDLER),),
            law=_LAW,
            optional=True,
        ),
        Step(
            "recheck",
            "复查，认定已改正",
            {"ordered": "corrected"},
            OFFICERS,
            form=schema(forms.Recheck),
            guards=(exemptions.all_is_corrected,),
            effects=(Issue("recheck_record"), Notify("party"), Notify(Role.CASE_HANDLER)),
            law=_LAW,
            two_officers=True,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "find_not_corrected",
            "复查，认定逾期未改",
            {"ordered": "not_corrected"},
            OFFICERS,
            form=schema(forms.NotCorrected),
            guards=(exemptions.something_is_uncorrected, exemptions.time_to_correct_is_over),
            effects=(Issue("recheck_record"), Notify("party"), Notify(Role.CASE_HANDLER)),
            law=_LAW,
            two_officers=True,
            optional=True,
            legal_day=LegalDay.AWAY,
        ),
        *officers.recusal("ordered", staff=OFFICERS),
    ),
    clocks=(
        Clock(
            "correction",
            "改正期限",
            ("ordered",),
            Escalate(Role.CASE_HANDLER, breach="none"),
            law="《行政处罚法》第二十八条第一款",
            anchor="application.until",
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 改正",
        ),
    ),
)
