"""What a decision upon a check prints of the notice before it (事先告知)."""

from __future__ import annotations

from typing import Literal, TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of
from casework.documents.paper_parts import Part, Parts
from casework.models import Document
from state_machines.verification import Presence

_NOTICE = "revocation_notice"


class ToldPart(TypedDict):
    """The notice of a revocation: name, number, day, and the day of its service, if it has one."""

    title: str
    number: str
    on: str
    served_on: str


def _told(act: Act) -> ToldPart | Literal[""]:
    """The notice before the decision: its title, number, day, and when it was served; empty if
    there was none."""
    paper = act.session.scalar(
        select(Document)
        .where(Document.case_id == act.case.id, Document.key == _NOTICE)
        .order_by(Document.id.desc())
        .limit(1)
    )
    if paper is None:
        return ""
    return {
        "title": paper.title,
        "number": paper.number,
        "on": paper.issued_on.isoformat(),
        "served_on": entry_of(act.data, "notice")["served_on"] or "",
    }


PARTS: Parts = {"told": Part(_told, Presence(documents=(_NOTICE,)))}
