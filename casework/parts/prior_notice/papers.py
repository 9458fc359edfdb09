"""What the notice before a decision prints (事先告知): the party's time, what it may ask for."""

from __future__ import annotations

from typing import TypedDict

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from casework.parts.prior_notice.collect import PERIOD
from rulebook.models import in_words
from state_machines.parts.hearing.forms import REQUEST_HEARING


class PriorPart(TypedDict):
    """The party's time in words, and whether it may ask for a hearing."""

    period: str
    hearing: bool


def _prior(act: Act) -> PriorPart:
    limit, _ = act.rules.limit(PERIOD, act.day, act.region)
    asked = any(step.name == REQUEST_HEARING for step in act.process.every_step)
    return {"period": in_words(limit.n, limit.unit), "hearing": asked}


PARTS: Parts = {"prior": Part(_prior)}
