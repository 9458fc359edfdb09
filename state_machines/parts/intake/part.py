"""收件、补正与受理: what every application goes through until it is accepted (许可法32).

Processes that take applications compose these steps and clocks; the states they name are theirs.
"""

from __future__ import annotations

from dataclasses import replace

from state_machines.language.fields import Form
from state_machines.language.vocabulary import (
    Clock,
    Effect,
    Escalate,
    Fire,
    Guard,
    Issue,
    LegalDay,
    Notify,
    Remind,
    Role,
    State,
    Step,
    Stop,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.intake import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.limits import guards as limits

APPLICANT = (Role.APPLICANT,)
WINDOW = (Role.WINDOW_CLERK,)
REVIEWER = (Role.REVIEWER,)
APPROVER = (Role.APPROVER,)
WHO_GRANTS = (Role.APPROVER, Role.WINDOW_CLERK)

DRAFT = State(
    "draft", "草稿", private=True, unattended="尚未提交，由申请人自行决定何时提交，不产生时限"
)
# Not yet accepted, and how an application ends without a decision.
RECEIVED = (
    State("received", "收件"),
    State("awaiting_supplement", "待补正"),
    State("supplemented", "已补正"),
)
ENDS = (
    State("not_accepted", "不予受理", end=True),
    State("withdrawn", "撤回申请", end=True),
    State("terminated", "终止", end=True),
)
NOT_YET_ACCEPTED = ("received", "awaiting_supplement", "supplemented")


def receiving(
    *,
    received: tuple[str, ...] = ("received",),
    awaiting: str = "awaiting_supplement",
    asking: tuple[Guard, ...] = (),
    ending: tuple[Effect, ...] = (),
) -> tuple[Step, ...]:
    """The steps between receipt and acceptance.

    The one supplement list is sent from the last of the states `received`, under the guards
    `asking`; `ending` is what else a step causes that ends the application.
    """
    return (
        Step(
            "not_accept",
            "不予受理",
            during(*received, to="not_accepted"),
            WINDOW,
            form=schema(forms.NonAcceptance),
            effects=(*ending, Issue("non_acceptance"), Notify("party")),
            law="《行政许可法》第三十二条第一款第一、二项",
            optional=True,
            final=True,
        ),
        Step(
            "request_supplement",
            "一次性告知补正",
            {received[-1]: awaiting},  # once only: `supplemented` has no second list
            WINDOW,
            form=schema(forms.SupplementList),
            guards=asking,
            effects=(Issue("supplement_notice"), Notify("party")),
            law="《行政许可法》第三十二条第一款第四项",
            optional=True,
        ),
        Step(
            "supply",
            "提交补正材料",
            {awaiting: "supplemented"},
            APPLICANT,
            guards=(applications.supplement_is_complete,),
            effects=(Notify(Role.WINDOW_CLERK),),
            law="《行政许可法》第三十二条第一款第四项",
        ),
        Step(
            "close_unanswered",
            "逾期未补正终止",
            {awaiting: "terminated"},
            (Role.TIMER,),
            effects=(*ending, Issue("termination_notice"), Notify("party")),
            final=True,
        ),
    )


def accepting() -> Step:
    """Acceptance of an application that is either whole or not."""
    return Step(
        "accept",
        "受理",
        during("received", "supplemented", to="accepted"),
        WINDOW,
        guards=(applications.materials_are_complete,),
        effects=(Issue("acceptance_notice"), Notify("party")),
        law="《行政许可法》第三十二条第一款第五项",
    )


def deemed_accepted(*unanswered: str) -> Step:
    """The law accepts what was not answered in time: in the states `unanswered`, or the usual."""
    return Step(
        "deem_accepted",
        "逾期未告知视为受理",
        during(*(unanswered or ("received", "supplemented")), to="accepted"),
        (Role.TIMER,),
        effects=(Issue("acceptance_notice"), Notify("party"), Notify(Role.SUPERVISOR)),
        law="《行政许可法》第三十二条第一款第四项",
    )


def given_up(
    *undecided: str,
    undelivered: tuple[str, ...] = (),
    ending: tuple[Effect, ...] = (),
    withdrawing: tuple[Guard, ...] = (),
    besides: tuple[Role, ...] = (),
) -> tuple[Step, ...]:
    """How an application ends without a decision: a draft thrown away, withdrawn (under the guards
    `withdrawing`), terminated. The roles `besides` are told of either.

    What was decided about a licence and not handed over yet is terminated when the licence ends.
    """
    return (
        Step(
            "discard",
            "删除草稿",
            {"draft": "withdrawn"},
            APPLICANT,
            optional=True,
            final=True,
        ),
        Step(
            "withdraw",
            "撤回申请",
            during(*undecided, to="withdrawn"),
            APPLICANT,
            form=schema(forms.Withdrawal),
            guards=withdrawing,
            effects=(*ending, Notify(Role.WINDOW_CLERK), *map(Notify, besides)),
            optional=True,
            final=True,
        ),
        Step(
            "terminate",
            "终止审查",
            during(*undecided, *undelivered, to="terminated"),
            WINDOW,
            form=schema(forms.Termination),
            effects=(
                *(replace(e, leaving=state) for e in ending for state in undecided),
                Issue("termination_notice"),
                Notify("party"),
                *map(Notify, besides),
            ),
            optional=True,
            final=True,
        ),
    )


def acceptance_clock(*unanswered: str) -> Clock:
    """The authority's time to accept, or to say once what is missing."""
    return Clock(
        "acceptance",
        "受理期限",
        unanswered or ("received", "supplemented"),
        Fire("deem_accepted", dated_back=True),
        "licensing.acceptance",
        law="《行政许可法》第三十二条",
        remind=(Remind(Role.WINDOW_CLERK),),
    )


ACCEPTANCE_CLOCK = acceptance_clock()


def supplement_clock(
    otherwise: Escalate | None = None, *, awaiting: str = "awaiting_supplement"
) -> Clock:
    """The party's time to answer the supplement list."""
    return Clock(
        "supplement",
        "补正期限",
        (awaiting,),
        Fire("close_unanswered", otherwise=otherwise),
        "licensing.supplement_answer",
        binds="party",
        remind=(Remind("party"),),
        says="最迟 {day} 提交补正材料",
    )


def telling(*refusals: str) -> tuple[Step, ...]:
    """Serving what ended an application against its applicant: one of the documents `refusals`, or
    what any of them may end with."""
    return service.afterwards(
        *(("refused",) if refusals else ()),
        "not_accepted",
        "terminated",
        documents=(*refusals, "non_acceptance", "termination_notice"),
        by=WINDOW,
        law="《行政许可法》第三十二条第二款、第三十八条第二款、第四十四条",
    )


# The limit rests for a technical review, or for the hearing of those whom the licence touches.
PAUSED = State("paused_technical", "技术审查中止")
PAUSE_STOP = Stop("technical_review", "技术审查", (PAUSED.name,), end_told=True)


def pausing(at: str, form: type[Form]) -> tuple[Step, ...]:
    """Stopping the limit for a technical review or a hearing (许可法45), on the day that the
    applicant was told at the latest going on from where it was."""
    return (
        Step(
            "pause",
            "技术审查，中止计时",
            {at: PAUSED.name},
            REVIEWER,
            form=schema(form),
            guards=(limits.pause_has_an_end,),
            effects=(Issue("technical_review_notice"), Notify("party")),
            law="《行政许可法》第四十五条",
            optional=True,
        ),
        Step(
            "resume",
            "恢复审查",
            {PAUSED.name: at},
            (*REVIEWER, Role.TIMER),
            effects=(Notify("party"), Notify(Role.REVIEWER)),
            law="《行政许可法》第四十五条",
            legal_day=LegalDay.OTHERS,
        ),
    )


def pause_clock(*, in_every_version: bool = False) -> Clock:
    """As long as the party was told, and no longer."""
    return Clock(
        "technical_review",
        "技术审查预计完成",
        (PAUSED.name,),
        Fire("resume"),
        anchor="pause.expected_until",
        law="《行政许可法》第四十五条",
        remind=(Remind(Role.REVIEWER),),
        in_every_version=in_every_version,
    )


def delivery_clock(*decided: str) -> Clock:
    """The authority's time to hand over the certificate."""
    return Clock(
        "delivery",
        "证书送达期限",
        decided,
        Escalate(Role.SUPERVISOR),
        "licensing.delivery",
        law="《行政许可法》第四十四条",
        remind=(Remind(Role.WINDOW_CLERK),),
    )
