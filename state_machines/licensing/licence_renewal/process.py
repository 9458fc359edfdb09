"""`licence_renewal` 卫生许可证延续: the holder's application, decided before the old term ends.

《行政许可法》第五十条: filed thirty days before expiry; undecided at expiry, it is deemed granted.
It is granted on a promise as a new licence is, and checked afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    MoveIfItWaits,
    MoveRelated,
    Notify,
    Process,
    Publish,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.licensing.instant_licence.forms import Pause
from state_machines.licensing.licence import guards as licences
from state_machines.licensing.licence_renewal import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, APPROVER, WHO_GRANTS, WINDOW
from state_machines.parts.interested_party import part as interested
from state_machines.parts.promise import guards as promises
from state_machines.parts.promise import part as promise

_UNDECIDED = (*intake.NOT_YET_ACCEPTED, "accepted", intake.PAUSED.name)
# A licence that was revoked or struck off meanwhile waits for nothing any more.
_ENDING = (MoveIfItWaits("licence", "end_renewal"),)
_CERTIFIED = (
    Issue("renewal_decision"),
    Issue("certificate"),
    Issue("certificate_duplicate"),
    Publish("licences", "publicity.double"),
    Notify("party"),
)

LICENCE_RENEWAL = Process(
    key="licence_renewal",
    code="YX",
    label="卫生许可证延续",
    effective_from=date(2021, 7, 1),
    law="《行政许可法》第五十条",
    initial="draft",
    opened_by=APPLICANT,
    form=schema(forms.Application),
    matter="public_place_hygiene",
    materials="public_place_renewal",
    about="licence",
    states=(
        intake.DRAFT,
        *intake.RECEIVED,
        State("accepted", "已受理"),
        intake.PAUSED,
        State("granted", "准予延续"),
        State("deemed", "视为准予延续"),
        State("delivered", "已送达", end=True),
        State("refused", "不予延续", end=True),
        *intake.ENDS,
    ),
    steps=(
        Step(
            "submit",
            "提交延续申请",
            {"draft": "received"},
            APPLICANT,
            guards=(licences.renewal_may_be_filed, licences.renewal_is_in_time),
            effects=(
                MoveRelated("licence", "begin_renewal"),
                Issue("receipt"),
                Notify("party"),
                Notify(Role.WINDOW_CLERK),
            ),
            law="《行政许可法》第五十条第一款",
            in_every_version=True,
        ),
        *intake.receiving(ending=_ENDING),
        intake.accepting(),
        intake.deemed_accepted(),
        *interested.registering(during("accepted", intake.PAUSED.name), by=WINDOW),
        *intake.pausing("accepted", Pause),
        *promise.promising(
            "accepted",
            look=schema(forms.SiteCheck),
            granted="granted",
        ),
        Step(
            "grant",
            "准予延续",
            {"accepted": "granted"},
            WHO_GRANTS,
            form=schema(forms.Note),
            guards=(
                applications.window_is_delegated,
                applications.materials_are_complete,
                promises.conditions_are_kept,
                *promise.GRANTING,
            ),
            effects=(
                MoveRelated(
                    "licence",
                    "renew",
                    {
                        "valid_from": "@after:application.valid_until",
                        "valid_until": "@term:licence.validity:application.valid_until",
                    },
                ),
                *_CERTIFIED,
                promise.CHECKING,
            ),
            law="《行政许可法》第五十条第二款",
            final=True,
            in_every_version=True,
        ),
        Step(
            "refuse",
            "不予延续",
            {"accepted": "refused"},
            APPROVER,
            form=schema(forms.Refusal),
            effects=(
                *_ENDING,
                Issue("renewal_refusal"),
                Publish("licences", "publicity.double"),
                Notify("party"),
            ),
            law="《行政许可法》第三十八条第二款、第五十条",
            optional=True,
            final=True,
        ),
        Step(
            "deem",
            "逾期未作决定视为准予延续",
            during(*_UNDECIDED, to="deemed"),
            (Role.RELATED,),
            effects=_CERTIFIED,
            law="《行政许可法》第五十条第二款",
        ),
        Step(
            "lapse",
            "原许可已届满，终止审查",
            during(*_UNDECIDED, to="terminated"),
            (Role.RELATED,),
            effects=(Issue("termination_notice"), Notify("party")),
        ),
        Step(
            "deliver",
            "送达证书",
            during("granted", "deemed", to="delivered"),
            WINDOW,
            form=schema(forms.Delivery),
            effects=(
                MoveRelated("licence", "confirm_renewal", leaving="deemed"),
                Issue("service_receipt"),
                Notify("party"),
            ),
            law="《行政许可法》第四十四条",
            final=True,
        ),
        *(
            replace(step, in_every_version=step.name == "terminate")
            for step in intake.given_up(
                *_UNDECIDED, undelivered=("granted", "deemed"), ending=_ENDING
            )
        ),
        *intake.telling("renewal_refusal"),
    ),
    clocks=(
        intake.ACCEPTANCE_CLOCK,
        intake.supplement_clock(otherwise=Escalate(Role.SUPERVISOR, breach="none")),
        Clock(
            "decision",
            "延续决定期限",
            ("accepted",),
            Escalate(Role.SUPERVISOR),
            "licensing.decision",
            law="《行政许可法》第四十二条第一款",
            stops=(intake.PAUSE_STOP,),
        ),
        intake.pause_clock(),
        intake.delivery_clock("granted", "deemed"),
    ),
)
