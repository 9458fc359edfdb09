"""集体讨论: a complex or grave case is decided by the heads of the authority together (处罚法57).

Each member votes in a session of his own; the minute says what became of it, and binds.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Binding,
    Clock,
    Escalate,
    Issue,
    Notify,
    Remind,
    Role,
    State,
    Step,
    schema,
)
from state_machines.parts.panel import forms, guards

MEMBER = (Role.PANEL_MEMBER,)
LAW = "《行政处罚法》第五十七条第二款"

PANEL_STATE = State("panel_discussion", "集体讨论")


def discussing(
    *,
    agreed: str,
    rejected: str,
    minuted_by: tuple[Role, ...],
    tell: Role,
    handled: tuple[str, ...],
) -> tuple[Step, ...]:
    """The members vote; the minute leads to `agreed`, or back to `rejected`.

    Nobody votes who `handled` the case. Where no discussion is compulsory the case may go on
    without it.
    """
    return (
        Step(
            "vote",
            "发表意见并表决",
            {"panel_discussion": "panel_discussion"},
            MEMBER,
            form=schema(forms.Vote),
            guards=(guards.member_votes_once,),
            law=LAW,
            apart_from=handled,
        ),
        Step(
            "conclude_panel",
            "形成集体讨论意见",
            {"panel_discussion": agreed},
            minuted_by,
            form=schema(forms.PanelMinute),
            guards=(guards.panel_agrees,),
            effects=(Issue("panel_minutes"), Notify(tell)),
            law=LAW,
        ),
        Step(
            "reject_in_panel",
            "集体讨论未通过",
            {"panel_discussion": rejected},
            minuted_by,
            form=schema(forms.PanelMinute),
            guards=(guards.panel_does_not_agree,),
            effects=(Issue("panel_minutes"), Notify(tell)),
            law=LAW,
            optional=True,
        ),
        Step(
            "forgo_panel",
            "不属于应当集体讨论的情形",
            {"panel_discussion": agreed},
            minuted_by,
            guards=(guards.panel_is_not_compulsory,),
            effects=(Notify(tell),),
            law=LAW,
            optional=True,
        ),
    )


def panel_binds(drafts: tuple[str, ...], parts: tuple[str, ...], *bound: str) -> Binding:
    """What the panel agreed to binds the steps `bound`."""
    return Binding(
        name="panel",
        label="集体讨论",
        by=("conclude_panel",),
        drafts=drafts,
        parts=parts,
        bound=bound,
        law=LAW,
        lapses=("reject_in_panel",),
        unless=("panel_is_not_compulsory",),
    )


def panel_clock(limit: str) -> Clock:
    """The panel's time, by the key of a limit."""
    return Clock(
        "panel",
        "集体讨论期限",
        ("panel_discussion",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        limit,
        remind=(Remind(Role.PANEL_MEMBER),),
    )
