"""What documents print of a hearing (听证)."""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from sqlalchemy import select

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from casework.models import Account, Person
from state_machines.parts.hearing.guards import presides_as_named
from state_machines.verification import Presence

Nothing = Literal[""]


class HearingPart(TypedDict):
    """The hearing besides what its notice says."""

    chair: str


def _hearing(act: Act) -> HearingPart | Nothing:
    """The hearing as the party was told of it, with the chair's name."""
    said = act.data.get("schedule_hearing")
    if said is None:
        return ""
    chair = act.session.scalar(
        select(Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == said["chair"])
    )
    return cast("HearingPart", {**said, "chair": chair})


PARTS: Parts = {
    "hearing": Part(
        _hearing,
        Presence(steps=("schedule_hearing",)),
        prints=("schedule_hearing",),
        guards=(presides_as_named,),
    ),
}
