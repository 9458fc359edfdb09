"""`deferral` 容缺材料补交: what a licence was granted without, promised for later.

青岛市优化营商环境条例第二十四条（容缺受理）. Handed in too late it is a broken promise, and checked
as one.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Amend,
    Clock,
    Escalate,
    Fire,
    Issue,
    Notify,
    OpenCase,
    Process,
    RecordCredit,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.licensing.deferral import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake.part import APPLICANT, WINDOW

DEFERRAL = Process(
    key="deferral",
    code="RQ",
    label="容缺材料补交",
    effective_from=date(2021, 7, 1),
    law="本机关公布的容缺受理清单",
    initial="awaiting_materials",
    opened_by=(Role.RELATED,),
    form=schema(forms.Deferral),
    matter="public_place_hygiene",
    materials="public_place_hygiene",
    states=(
        State("awaiting_materials", "待补交"),
        State("handed_in", "已补交待核对"),
        State("lapsed", "逾期未补交"),
        State("completed", "已补齐", end=True),
        State("referred", "转事后核查", end=True),
    ),
    steps=(
        Step(
            "hand_in",
            "补交材料",
            during("awaiting_materials", "lapsed", to="handed_in"),
            APPLICANT,
            guards=(applications.deferred_are_in,),
            effects=(Notify(Role.WINDOW_CLERK),),
        ),
        Step(
            "confirm",
            "核对无误，补齐",
            {"handed_in": "completed"},
            WINDOW,
            form=schema(forms.Note),
            effects=(Notify("party"),),
            final=True,
        ),
        Step(
            "return_items",
            "不符合要求，退回重新补交",
            {"handed_in": "awaiting_materials"},
            WINDOW,
            form=schema(forms.Rejection),
            # Who handed in on its last day is given time to hand in again.
            effects=(
                Amend({"due": "@no_earlier:licensing.deferral_again:application.due"}),
                Notify("party"),
            ),
            optional=True,
            in_every_version=True,
        ),
        Step(
            "lapse",
            "逾期未补交",
            {"awaiting_materials": "lapsed"},
            (Role.TIMER,),
            effects=(
                RecordCredit("deferral_lapsed", "容缺材料逾期未补交"),
                Issue("deferral_lapse_notice"),
                Notify("party"),
                Notify(Role.WINDOW_CLERK),
            ),
        ),
        Step(
            "refer",
            "转事后核查",
            {"lapsed": "referred"},
            WINDOW,
            form=schema(forms.Note),
            effects=(
                OpenCase(
                    "commitment_check",
                    "deferral_check",
                    {
                        "place_name": "application.place_name",
                        "place_kind": "application.place_kind",
                        "address": "application.address",
                        "licence_number": "application.licence_number",
                        "promised_on": "application.promised_on",
                    },
                ),
                Notify("party"),
                Notify(Role.SUPERVISOR),
            ),
            law="国办发〔2020〕42号",
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "hand_in",
            "容缺材料补交期限",
            ("awaiting_materials",),
            Fire("lapse"),
            anchor="application.due",
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 补交容缺材料",
        ),
        Clock(
            "checking",
            "补交材料核对期限",
            ("handed_in",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "licensing.acceptance",
            remind=(Remind(Role.WINDOW_CLERK),),
        ),
        Clock(
            "referral",
            "逾期未补交的处理期限",
            ("lapsed",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "check.finding",
            remind=(Remind(Role.WINDOW_CLERK),),
        ),
    ),
)
