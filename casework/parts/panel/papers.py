"""What documents print of a panel (集体讨论)."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.proposals import votes_of
from casework.documents.paper_parts import Part, Parts
from casework.models import Person
from state_machines.parts.panel import guards as panel
from state_machines.parts.panel.forms import VOTE, Choice
from state_machines.verification import Presence


class VotePart(TypedDict, total=False):
    """A vote, as its form has it."""

    name: str
    choice: str
    opinion: str


class PanelPart(TypedDict):
    """Who voted how on a draft, and what it came to."""

    votes: list[VotePart]
    result: str


def _panel(act: Act) -> PanelPart:
    """Who voted how on the draft before the panel, and what it came to."""
    votes = votes_of(act)
    known = [vote.person_id for vote in votes]
    people = act.session.scalars(select(Person).where(Person.id.in_(known)))
    names = {person.id: person.name for person in people}
    counts = Counter(vote.said.choice for vote in votes)
    return {
        "votes": [
            {
                "name": names[vote.person_id],
                "choice": vote.said.choice.value,
                "opinion": vote.said.opinion,
            }
            for vote in votes
        ],
        "result": "，".join(f"{choice.value}{counts[choice]}人" for choice in Choice),
    }


PARTS: Parts = {
    "panel": Part(
        _panel,
        Presence(steps=(VOTE,)),
        guards=(panel.panel_agrees, panel.panel_does_not_agree),
    ),
}
