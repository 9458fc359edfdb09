"""`interested_party` 听取利害关系人意见: one person is told of an application, and heard about it.

《行政许可法》第三十六条、第四十五条至第四十八条. Applications (`parts/interested_party`) open one
for each interested party, and for the applicant beside them. Notice, service, statement and
hearing are those of every decision against somebody; of one application there is one hearing, of
which each has its own notice, receipt and signed record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.hearing import guards as hearings
from state_machines.parts.hearing import part as heard
from state_machines.parts.hearing.forms import ABANDON_HEARING, HOLD_HEARING, SCHEDULE_HEARING
from state_machines.parts.interested_party import forms, guards
from state_machines.parts.officers import part as officers

# Whoever examines the item: the ecology bureau, where it goes on alone.
_BY = (Role.REVIEWER, Role.ECO_REVIEWER)
_LAW = "《行政许可法》第三十六条"
_HEARING_LAW = "《行政许可法》第四十七条、第四十八条"
# Who examined the application does not chair its hearing (许可法48).
_HANDLED = (
    "tell_interested",
    "serve_notice",
    "consider_opinions",
    "instant_licence.check_site",
    "instant_licence.register_interested",
    "licence_renewal.check_site",
    "licence_renewal.register_interested",
    "licence_change.check_site",
    "licence_change.register_interested",
    "one_matter.pass_health",
    "one_matter.fail_health",
    "single_health.pass_health",
    "single_health.fail_health",
    "single_eco.pass_eco",
    "single_eco.fail_eco",
    "single_eco.register_interested",
)
_OPEN = ("registered", "told", *(state.name for state in heard.HEARING_STATES))


def _hearing() -> Iterator[Step]:
    """The hearing: where one of those who are heard asked for it, the others are called too."""
    for step in heard.hearing(
        "told", by=_BY, handled=_HANDLED, law=_HEARING_LAW, asking=(guards.hearing_is_called,)
    ):
        if step.name == SCHEDULE_HEARING:
            moves = during("told", *heard.HEARING_AHEAD, to="hearing_scheduled")
            yield replace(step, moves=moves, optional_in=("told",))
        elif step.name in (HOLD_HEARING, ABANDON_HEARING):
            yield replace(step, guards=(*step.guards, guards.everybody_is_called))
        else:
            yield step


def _telling_both(*steps: Step) -> Iterator[Step]:
    """The steps that tell the desk of health: they tell that of ecology too, which may be the one
    that hears."""
    health, ecology = (Notify(role) for role in _BY)
    for step in steps:
        if health in step.effects:
            yield replace(step, effects=(*step.effects, ecology))
        else:
            yield step


INTERESTED_PARTY = Process(
    key="interested_party",
    code="LX",
    label="许可听取意见",
    effective_from=date(2021, 7, 1),
    law="《行政许可法》第三十六条、第四十七条",
    initial="registered",
    opened_by=(Role.RELATED,),
    form=schema(forms.Consultation),
    states=(
        State("registered", "待告知"),
        State("told", "已告知"),
        *heard.HEARING_STATES,
        State("heard", "已听取意见", end=True),
        State("left_off", "不再听取", end=True),
    ),
    steps=(
        Step(
            "tell_interested",
            "告知许可事项和陈述申辩、听证的权利",
            {"registered": "told"},
            _BY,
            form=schema(forms.InterestNotice),
            effects=(Issue("interested_notice"), Notify("party")),
            law=f"{_LAW}、第四十七条第一款",
        ),
        *service.reaching(
            "serve_notice",
            "登记告知书送达",
            during("told"),
            _BY,
            of="notice",
            documents=("interested_notice",),
            law=f"{_LAW}、《民事诉讼法》第八十七条",
        ),
        *_telling_both(
            *heard.defending(
                "told", "hearing_abandoned", waiver_in=("told",), tell=Role.REVIEWER, law=_LAW
            ),
            *_hearing(),
        ),
        Step(
            "consider_opinions",
            "写明听取意见的情况",
            during("told", *heard.HEARING_BEHIND, to="heard"),
            _BY,
            form=schema(forms.Considered),
            guards=(hearings.party_was_heard, guards.called_hearing_is_behind),
            effects=(Notify("party"), Notify(Role.APPROVER), Notify(Role.ECO_APPROVER)),
            law=f"{_LAW}、第四十八条第二款",
        ),
        *officers.recusal(
            *_OPEN,
            staff=(*_BY, Role.HEARING_CHAIR),
            heads=(Role.APPROVER, Role.ECO_APPROVER),
            law="《行政许可法》第四十八条第一款第三项",
        ),
        Step(
            "leave_off",
            "申请已经办结，不再听取",
            during(*_OPEN, to="left_off"),
            _BY,
            form=schema(Reasoned),
            guards=(guards.application_is_over,),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "telling",
            "告知期限",
            ("registered",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "licensing.interested_telling",
            remind=tuple(map(Remind, _BY)),
        ),
        *heard.heard_clocks(
            "told",
            defence="licensing.interested_statement",
            request="licensing.hearing_request",
            hold="licensing.hearing_hold",
            to=_BY,
            law="《行政许可法》第三十六条、第四十七条",
        ),
        Clock(
            "considering",
            "写明听取意见情况的期限",
            heard.HEARING_BEHIND,
            Escalate(Role.SUPERVISOR, breach="promise"),
            "licensing.interested_considering",
            remind=tuple(map(Remind, _BY)),
        ),
    ),
    binds=(
        heard.notice_binds(
            "tell_interested", ("proposed", "facts", "basis"), law="《行政许可法》第三十六条"
        ),
    ),
)
