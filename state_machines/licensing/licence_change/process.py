"""`licence_change` 卫生许可证变更、补发、更正: same number, same expiry, and the old copy is void.

《行政许可法》第四十九条、《公共场所卫生管理条例实施细则》第二十七条: name and representative may
change; another address or kind of place is a new application, and another holder a new licence.
What is decided rests on a promise, as a new licence does; what is merely printed anew does not.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Effect,
    Escalate,
    Issue,
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
from state_machines.licensing.licence_change import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, APPROVER, WHO_GRANTS, WINDOW
from state_machines.parts.interested_party import part as interested
from state_machines.parts.promise import guards as promises
from state_machines.parts.promise import part as promise

_UNDECIDED = (*intake.NOT_YET_ACCEPTED, "accepted", intake.PAUSED.name)


def _certified(decision: str) -> tuple[Effect, ...]:
    return (
        MoveRelated(
            "licence",
            "amend",
            {
                "place_name": "application.place_name",
                "representative": "application.representative",
                "address": "application.address",
            },
        ),
        Issue(decision),
        Issue("certificate"),
        Issue("certificate_duplicate"),
        Notify("party"),
    )


LICENCE_CHANGE = Process(
    key="licence_change",
    code="BG",
    label="卫生许可证变更、补发",
    effective_from=date(2021, 7, 1),
    law="《行政许可法》第四十九条",
    initial="draft",
    opened_by=APPLICANT,
    form=schema(forms.Application),
    matter="public_place_hygiene",
    materials="public_place_change",
    about="licence",
    states=(
        intake.DRAFT,
        *intake.RECEIVED,
        State("accepted", "已受理"),
        intake.PAUSED,
        State("granted", "已制新证"),
        State("delivered", "已送达", end=True),
        State("refused", "不予变更", end=True),
        *intake.ENDS,
    ),
    steps=(
        Step(
            "submit",
            "提交变更（补发）申请",
            {"draft": "received"},
            APPLICANT,
            guards=(
                licences.licence_stands,
                licences.change_is_one,
                licences.holder_stays_the_same,
            ),
            effects=(Issue("receipt"), Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="《行政许可法》第四十九条",
        ),
        *intake.receiving(),
        intake.accepting(),
        intake.deemed_accepted(),
        *interested.registering(during("accepted", intake.PAUSED.name), by=WINDOW),
        *intake.pausing("accepted", Pause),
        *promise.promising(
            "accepted",
            look=schema(forms.SiteCheck),
            granted="granted",
            asking=(licences.change_is_granted,),
        ),
        Step(
            "grant",
            "准予变更",
            {"accepted": "granted"},
            WHO_GRANTS,
            form=schema(forms.Note),
            guards=(
                applications.window_is_delegated,
                licences.change_is_granted,
                applications.change_fits_register,
                applications.materials_are_complete,
                licences.licence_stands,
                promises.conditions_are_kept,
                *promise.GRANTING,
            ),
            effects=(
                *_certified("change_decision"),
                Publish("licences", "publicity.double"),
                promise.CHECKING,
            ),
            law="《行政许可法》第四十九条",
            final=True,
            in_every_version=True,
        ),
        Step(
            "reissue",
            "补发（更正换发）证书",
            {"accepted": "granted"},
            WINDOW,
            form=schema(forms.Note),
            guards=(
                licences.copy_is_reissued,
                applications.materials_are_complete,
                licences.licence_stands,
            ),
            effects=_certified("replacement_notice"),
            final=True,
        ),
        Step(
            "refuse",
            "不予变更（补发）",
            {"accepted": "refused"},
            APPROVER,
            form=schema(forms.Refusal),
            effects=(Issue("change_refusal"), Notify("party")),
            law="《行政许可法》第三十八条第二款、第四十九条",
            optional=True,
            final=True,
        ),
        Step(
            "deliver",
            "送达新证，收回旧证",
            {"granted": "delivered"},
            WINDOW,
            form=schema(forms.Delivery),
            effects=(
                MoveRelated("licence", "hand_over"),
                Issue("service_receipt"),
                Notify("party"),
            ),
            law="《行政许可法》第四十四条",
            final=True,
        ),
        *intake.given_up(*_UNDECIDED, undelivered=("granted",)),
        *intake.telling("change_refusal"),
    ),
    clocks=(
        intake.ACCEPTANCE_CLOCK,
        intake.supplement_clock(),
        Clock(
            "decision",
            "变更决定期限",
            ("accepted",),
            Escalate(Role.SUPERVISOR),
            "licensing.decision",
            law="《行政许可法》第四十二条第一款",
            stops=(intake.PAUSE_STOP,),
        ),
        intake.pause_clock(),
        intake.delivery_clock("granted"),
    ),
)
