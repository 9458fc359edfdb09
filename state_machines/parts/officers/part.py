"""回避与移交: who stands aside from a case, and who takes it over, whatever the procedure.

Processes of inquiry compose these steps; they leave the case in the state it is in.
"""

from __future__ import annotations

from state_machines.language.vocabulary import Issue, Notify, Recuse, Role, Step, during, schema
from state_machines.parts.looks import guards as checks
from state_machines.parts.officers import forms
from state_machines.parts.officers import guards as officers

_LAW = "《行政处罚法》第四十三条"


def recusal(
    *undecided: str,
    staff: tuple[Role, ...],
    heads: tuple[Role, ...] = (Role.APPROVER,),
    law: str = _LAW,
) -> tuple[Step, ...]:
    """Recusal (回避): asked for by the party, or by one of the `staff` for himself, and decided
    by the head, one of `heads`. The inquiry goes on meanwhile."""
    return (
        Step(
            "ask_recusal",
            "申请回避",
            during(*undecided),
            (Role.APPLICANT, *staff),
            form=schema(forms.RecusalRequest),
            guards=(officers.no_recusal_is_undecided,),
            effects=tuple(map(Notify, heads)),
            law=law,
            optional=True,
            certified=False,
            in_every_version=True,
        ),
        Step(
            "decide_recusal",
            "决定回避",
            during(*undecided),
            heads,
            form=schema(forms.RecusalDecision),
            guards=(officers.recusal_is_asked, officers.recusal_names_who_was_asked),
            effects=(
                Recuse("decide_recusal.officer", when="decide_recusal.recused"),
                Issue("recusal_decision"),
                Notify("party"),
                *(Notify(role) for role in staff),
            ),
            law=law,
            optional=True,
            final=True,
            in_every_version=True,
        ),
    )


def hand_over(*assigned: str, to: Role) -> Step:
    """The case passes to other officers (移交承办), for whatever reason."""
    return Step(
        "hand_over",
        "移交承办",
        during(*assigned),
        (Role.SUPERVISOR, Role.APPROVER),
        form=schema(forms.HandOver),
        guards=(checks.two_certified_are_named,),
        effects=(Notify(to),),
        law="《行政处罚法》第四十二条",
        optional=True,
    )
