"""法制审核: no major decision without it, and what it passed is what is decided (处罚法58).

Processes compose these steps, clock and binding; the states they name are theirs.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Binding,
    Clock,
    Escalate,
    Guard,
    Issue,
    JsonObject,
    Notify,
    Remind,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.hearing import guards as hearing
from state_machines.parts.legal_review import forms, guards
from state_machines.parts.officers import guards as officers

REVIEWER = (Role.LEGAL_REVIEWER,)


def submitting(
    *ready: str,
    by: tuple[Role, ...],
    law: str,
    form: JsonObject | None = None,
    asking: tuple[Guard, ...] = (),
    again: tuple[str, ...] = (),
) -> Step:
    """A draft goes to the legal reviewer once the party was heard; `asking` are more conditions.

    In the states `again` it was passed already, and goes there anew if what it rests on changed.
    """
    return Step(
        "submit_review",
        "送法制审核",
        during(*ready, *again, to="legal_review"),
        by,
        form=form,
        guards=(*asking, approvals.approvals_are_there, hearing.party_was_heard),
        effects=(Notify(Role.LEGAL_REVIEWER),),
        law=law,
        optional_in=again,
        certified=False,
    )


def reviewing(
    *,
    passed: str,
    returned: str,
    tell: Role,
    after: Role,
    handled: tuple[str, ...],
    law: str,
) -> tuple[Step, ...]:
    """The reviewer's two answers: the draft passes to `passed`, or goes back to `returned`.

    `tell` is who handles the case, `after` who is to act on a pass; nobody reviews who `handled`.
    """
    return (
        Step(
            "pass_review",
            "审核通过",
            {"legal_review": passed},
            REVIEWER,
            form=schema(forms.ReviewPass),
            guards=(officers.reviewer_is_qualified, guards.checklist_is_passed),
            effects=(Issue("legal_review_opinion"), Notify(after)),
            law=law,
            apart_from=handled,
        ),
        Step(
            "return_review",
            "退回",
            {"legal_review": returned},
            REVIEWER,
            form=schema(forms.ReviewReturn),
            guards=(officers.reviewer_is_qualified,),
            effects=(Issue("legal_review_opinion"), Notify(tell)),
            law=law,
            apart_from=handled,
        ),
    )


def forgoing(*ready: str, to: str, by: tuple[Role, ...]) -> Step:
    """No review where none is compulsory; whoever says so is answerable for it."""
    return Step(
        "forgo_review",
        "不属于应当法制审核的情形",
        during(*ready, to=to),
        by,
        guards=(guards.review_is_not_compulsory, hearing.party_was_heard),
        law="《行政处罚法》第五十八条第一款",
        optional=True,
        certified=False,
    )


def reviewing_early(
    drafted: str, *, by: tuple[Role, ...], tell: Role, handled: tuple[str, ...]
) -> tuple[Step, ...]:
    """A first run before the party is told, where the authority's rule has it: from the state of
    the draft and back to it."""
    return (
        Step(
            "submit_early_review",
            "告知前送法制审核",
            {drafted: "early_review"},
            by,
            guards=(guards.review_may_be_early,),
            effects=(Notify(Role.LEGAL_REVIEWER),),
            law="《行政处罚法》第五十八条",
            optional=True,
            certified=False,
        ),
        Step(
            "pass_early_review",
            "告知前审核通过",
            {"early_review": drafted},
            REVIEWER,
            form=schema(forms.ReviewPass),
            guards=(officers.reviewer_is_qualified, guards.checklist_is_passed),
            effects=(Issue("legal_review_opinion"), Notify(tell)),
            law="《行政处罚法》第五十八条",
            apart_from=handled,
        ),
        Step(
            "return_early_review",
            "告知前审核退回",
            {"early_review": drafted},
            REVIEWER,
            form=schema(forms.ReviewReturn),
            guards=(officers.reviewer_is_qualified,),
            effects=(Issue("legal_review_opinion"), Notify(tell)),
            law="《行政处罚法》第五十八条",
            apart_from=handled,
        ),
    )


def keeping_early(*ready: str, to: str, by: tuple[Role, ...]) -> Step:
    """The pass from before the notice holds, if nothing changed and no hearing was held."""
    return Step(
        "keep_review",
        "沿用告知前法制审核",
        during(*ready, to=to),
        by,
        guards=(
            approvals.approvals_are_there,
            hearing.party_was_heard,
            guards.early_review_suffices,
            approvals.draft_is_as_approved,
        ),
        law="《行政处罚法》第五十八条",
        optional=True,
        certified=False,
    )


def review_binds(
    drafts: tuple[str, ...],
    parts: tuple[str, ...],
    *bound: str,
    law: str,
    by: tuple[str, ...] = ("pass_review",),
    lapses: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
) -> Binding:
    """What the review passed binds the steps `bound`; a new submission or a return ends it."""
    return Binding(
        name="review",
        label="法制审核",
        by=by,
        drafts=drafts,
        parts=parts,
        bound=bound,
        law=law,
        lapses=("submit_review", "return_review", *lapses),
        unless=unless,
    )


def early_review_binds(draft: str, parts: tuple[str, ...]) -> Binding:
    """What the early review passed is what may be kept after the party was heard."""
    return Binding(
        name="early_review",
        label="告知前法制审核",
        by=("pass_early_review",),
        drafts=(draft,),
        parts=parts,
        bound=("keep_review",),
        law="《行政处罚法》第五十八条",
        lapses=("submit_early_review", "return_early_review"),
    )


def review_clock(limit: str, *states: str) -> Clock:
    """The reviewer's time, by the key of a limit, in `legal_review` or the `states` named."""
    return Clock(
        "legal_review",
        "法制审核期限",
        states or ("legal_review",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        limit,
        remind=(Remind(Role.LEGAL_REVIEWER),),
    )
