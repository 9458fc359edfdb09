"""告知、陈述申辩与听证: what every decision against a party goes through (处罚法44, 45, 62-65).

Processes that decide against somebody compose these steps and clocks; the states they name are
theirs. The notice itself is the process's own step, since what is told differs; `notice` in the
process's `binds` names it.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Binding,
    Clock,
    Effect,
    Escalate,
    Guard,
    Issue,
    JsonObject,
    LegalDay,
    Notify,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.approvals import forms as drafts
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.delivery import part as service
from state_machines.parts.hearing import forms, guards

APPLICANT = (Role.APPLICANT,)
CHAIR = (Role.HEARING_CHAIR,)

HEARING_STATES = (
    State("hearing_requested", "申请听证"),
    State("hearing_scheduled", "已通知听证"),
    State("hearing_held", "已听证"),
    State("hearing_abandoned", "放弃听证"),
)
# In which a hearing is still to come, and after which it is behind the party.
HEARING_AHEAD = ("hearing_requested", "hearing_scheduled")
HEARING_BEHIND = ("hearing_held", "hearing_abandoned")


def defending(
    *told: str, waiver_in: tuple[str, ...], to: str | None = None, tell: Role, law: str
) -> tuple[Step, ...]:
    """Statement and defence, made in the states `told` or expressly waived in `waiver_in`.

    A statement leads to `to`, or leaves the case where it is; `tell` is who handles the case.
    """
    return (
        Step(
            "state_defence",
            "陈述申辩",
            during(*told, to=to),
            APPLICANT,
            form=schema(forms.Statement),
            effects=(Notify(tell),),
            law=law,
            optional=True,
        ),
        Step(
            "waive_defence",
            "明确放弃陈述申辩",
            during(*waiver_in),
            APPLICANT,
            effects=(Notify(tell),),
            law=law,
            optional=True,
            final=True,
        ),
    )


def hearing(
    *told: str,
    by: tuple[Role, ...],
    handled: tuple[str, ...],
    law: str,
    asking: tuple[Guard, ...] = (),
) -> tuple[Step, ...]:
    """The hearing: asked for or expressly waived in the states `told`; scheduled by `by` under the
    guards `asking`, held or abandoned.

    `handled` are the steps whose takers may not chair: who investigated, and who reviewed.
    """
    tell = by[0]
    return (
        Step(
            "request_hearing",
            "要求听证",
            during(*told, to="hearing_requested"),
            APPLICANT,
            form=schema(forms.HearingRequest),
            guards=(guards.hearing_is_a_right, guards.hearing_is_asked_in_time),
            effects=(Notify(tell),),
            law=law,
            optional=True,
        ),
        Step(
            "waive_hearing",
            "明确放弃听证",
            during(*told),
            APPLICANT,
            effects=(Notify(tell),),
            law=law,
            optional=True,
            final=True,
        ),
        Step(
            "schedule_hearing",
            "通知听证",
            during(*HEARING_AHEAD, to="hearing_scheduled"),
            by,
            form=schema(forms.HearingAppointment),
            guards=(
                *asking,
                guards.hearing_is_told_in_time,
                guards.closed_hearing_says_why,
                guards.chair_may_preside,
            ),
            effects=(Issue("hearing_notice"), Notify("party"), Notify(Role.HEARING_CHAIR)),
            law=law,
        ),
        *service.reaching(
            "serve_hearing",
            "登记听证通知书送达",
            during("hearing_scheduled"),
            by,
            of="hearing",
            documents=("hearing_notice",),
            law="《行政处罚法》第六十一条、第六十四条第二项，《行政许可法》第四十八条第一款第一项",
        ),
        Step(
            "ask_earlier_hearing",
            "要求提前举行听证",
            during(*HEARING_AHEAD),
            APPLICANT,
            form=schema(forms.EarlierHearing),
            effects=(Notify(tell),),
            law=law,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "adjourn_hearing",
            "延期举行听证",
            during("hearing_scheduled"),
            CHAIR,
            form=schema(forms.Adjournment),
            guards=(guards.presides_as_named, guards.hearing_day_has_come),
            effects=(Notify("party"), Notify(tell)),
            law=law,
            optional=True,
            apart_from=handled,
            legal_day=LegalDay.AWAY,
            in_every_version=True,
        ),
        Step(
            "withdraw_hearing",
            "撤回听证申请",
            during(*HEARING_AHEAD, to="hearing_abandoned"),
            APPLICANT,
            effects=(Notify(tell),),
            law=law,
            optional=True,
            final=True,
        ),
        Step(
            "hold_hearing",
            "举行听证",
            {"hearing_scheduled": "hearing_held"},
            CHAIR,
            form=schema(forms.HearingRecord),
            guards=(
                guards.presides_as_named,
                guards.hearing_day_has_come,
                guards.refusal_to_sign_is_noted,
            ),
            effects=(Issue("hearing_record"), Notify("party"), Notify(tell)),
            law=law,
            apart_from=handled,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "abandon_hearing",
            "视为放弃听证",
            {"hearing_scheduled": "hearing_abandoned"},
            CHAIR,
            form=schema(forms.Absence),
            guards=(guards.presides_as_named, guards.hearing_day_has_come),
            effects=(Notify("party"), Notify(tell)),
            law="《行政处罚法》第六十四条第六项",
            optional=True,
            apart_from=handled,
            final=True,
            legal_day=LegalDay.AWAY,
        ),
    )


def reconsidering(
    *heard: str,
    to: str,
    by: tuple[Role, ...],
    form: JsonObject | None = None,
    two_officers: bool = False,
    asking: tuple[Guard, ...] = (),
    then: tuple[Effect, ...] = (),
) -> Step:
    """What the party said is weighed, and what is proposed now put down (复核), never heavier.

    `asking` are more conditions, `then` is what it causes."""
    return Step(
        "reconsider",
        "复核",
        during(*heard, to=to),
        by,
        form=form or schema(drafts.Reconsidered),
        guards=(
            approvals.approvals_are_there,
            guards.party_was_heard,
            approvals.approvals_are_kept,
            *asking,
        ),
        effects=then,
        law="《行政处罚法》第四十五条、第六十五条",
        two_officers=two_officers,
    )


def notice_binds(
    notice: str,
    parts: tuple[str, ...],
    *bound: str,
    milder: tuple[str, ...] = (),
    law: str,
) -> Binding:
    """What the party was told of binds the steps `bound`; they may be milder in the parts named."""
    return Binding(
        name="notice",
        label="事先告知",
        by=(notice,),
        drafts=(notice,),
        parts=parts,
        bound=bound,
        law=law,
        milder=milder,
    )


def heard_clocks(
    *told: str,
    defence: str,
    request: str,
    hold: str,
    to: tuple[Role, ...],
    law: str,
) -> tuple[Clock, ...]:
    """The party's time for its defence and for asking for a hearing, and the authority's to hold
    it, of which `to` learn; `defence`, `request` and `hold` are keys of limits.

    `told` are the states that a notice leads to from outside: a new notice begins its time anew.
    """
    over = Escalate(to[0], breach="none", besides=to[1:])
    return (
        Clock(
            "defence",
            "陈述申辩期限",
            told,
            over,
            defence,
            law=law,
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 陈述申辩",
        ),
        Clock(
            "hearing_request",
            "听证申请期限",
            told,
            over,
            request,
            law=law,
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 要求听证",
        ),
        Clock(
            "hearing",
            "组织听证期限",
            HEARING_AHEAD,
            Escalate(Role.SUPERVISOR, breach="promise"),
            hold,
            law=law,
            remind=tuple(map(Remind, to)),
        ),
    )
