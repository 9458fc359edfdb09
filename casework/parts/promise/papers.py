"""What documents print of a promise (告知承诺)."""

from __future__ import annotations

from typing import TypedDict

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts


class PromisedPart(TypedDict):
    """What is promised: that the conditions are met, or by which day they will be."""

    ready_by: str


def _promised(act: Act) -> PromisedPart:
    """The day by which the conditions will be met; an empty text where they are said to be met."""
    return {"ready_by": act.data.get("commit", {}).get("ready_by") or ""}


PARTS: Parts = {"promised": Part(_promised)}
