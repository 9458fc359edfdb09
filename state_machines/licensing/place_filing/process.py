"""`place_filing` 公共场所卫生备案: no licence, but the authority is told, and says that it was.

国令第797号: since 2025-01-20 some kinds of place are filed within thirty days of opening.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
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
from state_machines.licensing.place_filing import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, WINDOW

PLACE_FILING = Process(
    key="place_filing",
    code="BA",
    label="公共场所卫生备案",
    effective_from=date(2025, 1, 20),
    law="《公共场所卫生管理条例》（国令第797号修订）",
    initial="draft",
    opened_by=(Role.APPLICANT, Role.RELATED),
    form=schema(forms.Application),
    matter="public_place_hygiene",
    materials="public_place_filing",
    states=(
        intake.DRAFT,
        *intake.RECEIVED,
        State("filed", "已备案", end=True),
        *intake.ENDS,
    ),
    steps=(
        Step(
            "submit",
            "提交备案",
            {"draft": "received"},
            APPLICANT,
            guards=(applications.needs_only_filing, applications.place_is_not_filed),
            effects=(Issue("receipt"), Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="国令第797号",
        ),
        *intake.receiving(),
        Step(
            "record",
            "备案",
            during("received", "supplemented", to="filed"),
            WINDOW,
            form=schema(forms.Note),
            guards=(applications.needs_only_filing, applications.materials_are_complete),
            effects=(
                Issue("filing_receipt"),
                Publish("filings", "publicity.double"),
                Notify("party"),
            ),
            law="国令第797号",
            final=True,
        ),
        *intake.given_up(*intake.NOT_YET_ACCEPTED),
        *intake.telling(),
    ),
    clocks=(
        Clock(
            "filing",
            "备案办理期限",
            ("received", "supplemented"),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "filing.handling",
            law="本机关服务承诺",
            remind=(Remind(Role.WINDOW_CLERK),),
        ),
        intake.supplement_clock(),
    ),
)
