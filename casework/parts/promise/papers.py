"""What documents print of a promise (告知承诺)."""

from __future__ import annotations

from typing import TypedDict

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from casework.parts.promise.collect import is_promised, is_signed
from state_machines.parts.promise.forms import COMMIT, TURN_TO_ORDINARY


class PromisedPart(TypedDict):
    """What is promised: that the conditions are met, or by which day they will be; `made`, whether
    the promise was made and holds, or held until it was turned."""

    ready_by: str
    made: bool


def _promised(act: Act) -> PromisedPart:
    """The day by which the conditions will be met; an empty text where they are said to be met."""
    made = act.inputs.at(COMMIT)
    holds = is_signed(act) if act.step.name == TURN_TO_ORDINARY else is_promised(act)
    return {
        "ready_by": made.ready_by.isoformat() if made and made.ready_by else "",
        "made": made is not None and holds,
    }


PARTS: Parts = {"promised": Part(_promised)}
