"""What documents print of a hearing (听证)."""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from sqlalchemy import select

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from casework.models import Account, Person
from casework.parts.interested_party.collect import own_hearing
from state_machines.parts.hearing.forms import REQUEST_HEARING, SCHEDULE_HEARING
from state_machines.parts.hearing.guards import presides_as_named
from state_machines.parts.interested_party.forms import TELL_INTERESTED
from state_machines.verification import Presence

Nothing = Literal[""]


class HearingPart(TypedDict):
    """The hearing besides what its notice says: `asked`, whether this party asked for it, or else
    another one, or with `own` nobody; `examiners`, what those are called who speak for the
    authority."""

    chair: str
    asked: bool
    own: bool
    examiners: str


def _hearing(act: Act) -> HearingPart | Nothing:
    """The hearing as the party was told of it, with the chair's name."""
    hearing_appointment = act.inputs.at(SCHEDULE_HEARING)
    if hearing_appointment is None:
        return ""
    chair = act.session.scalar(
        select(Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == hearing_appointment.chair)
    )
    found = {
        **act.inputs.printed(SCHEDULE_HEARING),
        "chair": chair,
        "asked": REQUEST_HEARING in act.inputs,
        "own": TELL_INTERESTED in act.inputs and own_hearing(act).called,
        "examiners": "审查人员" if TELL_INTERESTED in act.inputs else "调查人员",
    }
    return cast("HearingPart", found)


PARTS: Parts = {
    "hearing": Part(
        _hearing,
        Presence(steps=(SCHEDULE_HEARING,)),
        prints=(SCHEDULE_HEARING,),
        guards=(presides_as_named,),
    ),
}
