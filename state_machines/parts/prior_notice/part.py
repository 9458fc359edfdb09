"""事先告知: what comes before a decision against a party that is no penalty and no revocation.

The notice is given and served with its proof, the party has its time, a legal review looks at it
all, and only then the authority decides what it told. 《行政许可法》第七条, 令36,
国办发〔2020〕49号. Steps stay in the state in which they are taken, in cases of every version.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from state_machines.language.vocabulary import (
    Guard,
    Issue,
    LegalDay,
    Notify,
    Process,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.hearing import part as heard
from state_machines.parts.legal_review import guards as reviews
from state_machines.parts.legal_review.forms import ReviewPass
from state_machines.parts.officers import guards as officers
from state_machines.parts.prior_notice import forms, guards

_REVIEW_LAW = "国办发〔2018〕118号"
# Whoever did any of these does not decide.
HANDLED = ("give_prior_notice", "review_prior_notice")

# What a decision asks for of which the party is told before.
DECIDING: tuple[Guard, ...] = (
    guards.party_was_told_before,
    guards.prior_review_is_passed,
    guards.decision_is_as_told,
)
HEARING = (guards.prior_hearing_is_behind,)


def telling(
    *states: str,
    by: tuple[Role, ...],
    law: str,
    reviewed: bool = True,
    two_officers: bool = False,
    suffix: str = "",
    what: str = "",
) -> tuple[Step, ...]:
    """The steps from the notice, which `by` gives and serves in `states`, `two_officers` of them if
    it takes a right away, to the legal review; that is left to an authority whose lawyers do not
    work here. A second department's steps are told apart by a `suffix`, and by `what` in their
    labels."""
    tell = by[0]
    steps = (
        Step(
            f"give_prior_notice{suffix}",
            f"事先告知{what}",
            during(*states),
            by,
            form=schema(forms.PriorNotice),
            effects=(Issue(f"prior_notice{suffix}"), Notify("party")),
            law=law,
            two_officers=two_officers,
            legal_day=LegalDay.ENTRY,
            optional=True,
            in_every_version=True,
        ),
        *service.reaching(
            f"serve_prior_notice{suffix}",
            f"登记事先告知书送达{what}",
            during(*states),
            by,
            of=f"prior{suffix}",
            documents=(f"prior_notice{suffix}",),
            law="《民事诉讼法》第八十七条",
            asking=(guards.prior_notice_is_given,),
            optional=True,
            what=f"事先告知书{what}",
        ),
        Step(
            f"answer_prior_notice{suffix}",
            f"陈述申辩（对事先告知）{what}",
            during(*states),
            (Role.APPLICANT,),
            form=schema(forms.Answer),
            guards=(guards.prior_notice_is_given,),
            effects=(Notify(tell),),
            law=law,
            optional=True,
            in_every_version=True,
        ),
        Step(
            f"waive_prior_notice{suffix}",
            f"明确放弃陈述申辩（对事先告知）{what}",
            during(*states),
            (Role.APPLICANT,),
            guards=(guards.prior_notice_is_given,),
            effects=(Notify(tell),),
            law=law,
            optional=True,
            final=True,
            in_every_version=True,
        ),
        Step(
            "review_prior_notice",
            "法制审核（对拟作出的决定）",
            during(*states),
            (Role.LEGAL_REVIEWER,),
            form=schema(ReviewPass),
            guards=(
                guards.party_was_told_before,
                officers.reviewer_is_qualified,
                reviews.checklist_is_passed,
            ),
            effects=(Notify(Role.APPROVER),),
            law=_REVIEW_LAW,
            apart_from=("give_prior_notice",),
            optional=True,
            in_every_version=True,
        ),
    )
    return steps if reviewed else steps[:-1]


def hearing(
    *states: str, by: tuple[Role, ...], handled: tuple[str, ...], law: str
) -> tuple[Step, ...]:
    """The hearing that the party may ask for upon such a notice, in `states`; whoever `handled` the
    matter does not chair it."""
    asked = Step(
        "request_hearing",
        "要求听证",
        during(*states),
        (Role.APPLICANT,),
        form=schema(forms.HearingRequest),
        guards=(guards.prior_hearing_is_in_time,),
        effects=(Notify(by[0]),),
        law=law,
        optional=True,
        in_every_version=True,
    )
    held = heard.hearing(
        *states,
        by=by,
        handled=(*HANDLED, *handled),
        law=law,
    )
    left_out = ("request_hearing", "waive_hearing")
    return (
        asked,
        *(
            replace(
                step,
                moves=during(*states),
                guards=(guards.prior_hearing_is_asked, *step.guards),
                optional=True,
                in_every_version=True,
            )
            for step in held
            if step.name not in left_out
        ),
    )


class Taken(Protocol):
    """What knows which steps were taken."""

    def __contains__(self, step: str, /) -> bool: ...


def telling_of(process: Process, step: str, taken: Taken) -> forms.Telling:
    """Which notice a step belongs to, or rests on. In a case of a version in which one window told
    for both departments, the second one's decision rests on that, unless it told by itself."""
    own = forms.TELLING_ECO
    given = next((one for one in process.every_step if one.name == own.give), None)
    if given is None or not step.endswith(own.suffix):
        return forms.TELLING
    decides = not step.endswith((own.paper, own.of))
    told_for_both = given.formerly == {} and own.give not in taken and forms.TELLING.give in taken
    return forms.TELLING if decides and told_for_both else own
