"""What letters print of a public notice (公示): what it is about, and where to comment."""

from __future__ import annotations

from typing import TypedDict

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from casework.parts.public_notice.collect import comments
from state_machines.parts.public_notice.forms import Noticed


class NoticedPart(TypedDict):
    """What is made public, the address of its page, and how many comments came."""

    title: str
    number: str
    url: str
    comments: int


def _noticed(act: Act) -> NoticedPart:
    # A revision that is made public names itself; recorded, it is what the application says.
    latest = act.inputs.saying(Noticed)[-1]
    return {
        "title": latest.title,
        "number": latest.number,
        "url": f"{act.context.public_url}/consultations/{act.case.number}",
        "comments": len(comments(act)),
    }


PARTS: Parts = {"noticed": Part(_noticed)}
