"""申请注销: the holder itself asks for the end of its radiation licence (许可法70).

The licence is what it was until the authority ends it, and the holder may take back what it asked.
"""

from __future__ import annotations

from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import Notify, Role, Step, during, schema
from state_machines.licensing.licence import guards as licences
from state_machines.licensing.licence.forms import KEEP_OPEN, REQUEST_CLOSURE, Closure
from state_machines.parts.intake.part import APPLICANT
from state_machines.radiation import guards as radiation

_LAW = "《行政许可法》第七十条"


def closing(*states: str, decides: Role) -> tuple[Step, ...]:
    """The holder's steps in `states`; whoever `decides` is told of them."""
    return (
        Step(
            REQUEST_CLOSURE,
            "申请注销",
            during(*states),
            APPLICANT,
            form=schema(Closure),
            guards=(licences.nothing_is_open,),
            effects=(Notify("party"), Notify(decides)),
            law=_LAW,
            optional=True,
            in_every_version=True,
        ),
        Step(
            KEEP_OPEN,
            "撤回注销申请",
            during(*states),
            APPLICANT,
            form=schema(Reasoned),
            guards=(radiation.closure_is_asked,),
            effects=(Notify(decides),),
            law=_LAW,
            optional=True,
            in_every_version=True,
        ),
    )
