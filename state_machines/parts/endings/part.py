"""依职权注销: a licence that stands is ended by what its authority has found.

Its holder was told and heard; the decision is served, and has no effect before; then the entry is
struck off and the public told (许可法7, 70). In cases of every version.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Clock,
    Guard,
    Issue,
    JsonObject,
    Notify,
    Role,
    State,
    Step,
    during,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.endings.forms import DECIDE_ENDING
from state_machines.parts.prior_notice import part as prior

DECIDED, SERVED = "ending_decided", "ending_served"
_DOCUMENT = "ending_decision"


def states(unattended: str) -> tuple[State, State]:
    """Decided and served; `unattended` says why nothing presses for the entry."""
    return (
        State(DECIDED, "有效（注销决定待送达）"),
        State(SERVED, "注销决定已送达", unattended=unattended),
    )


def ending(
    *standing: str,
    form: JsonObject,
    by: tuple[Role, ...],
    apart_from: tuple[str, ...],
    law: str,
    asking: tuple[Guard, ...] = (),
    decides: Role = Role.APPROVER,
) -> tuple[Step, ...]:
    """What the head `decides`, in the states `standing`, and its service by those who told of it
    (`by`)."""
    return (
        Step(
            DECIDE_ENDING,
            "决定注销（依职权认定）",
            during(*standing, to=DECIDED),
            (decides,),
            form=form,
            guards=(*prior.DECIDING, *asking),
            effects=(Issue(_DOCUMENT), Notify("party"), *map(Notify, by)),
            law=law,
            apart_from=apart_from,
            optional=True,
            final=True,
            in_every_version=True,
        ),
        *service.reaching(
            "serve_ending",
            "登记注销决定书送达",
            {DECIDED: SERVED},
            by,
            of="ending",
            documents=(_DOCUMENT,),
            law="《行政许可法》第七条、《民事诉讼法》第八十七条",
            then=(Notify(decides),),
        ),
    )


def ending_clock(by: Role) -> Clock:
    """The authority's time to serve the decision."""
    return service.service_clock((DECIDED,), by=by, suffix="_ending", what="（注销决定书）")
