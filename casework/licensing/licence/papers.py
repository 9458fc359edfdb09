"""What documents print of the end of a licence (注销)."""

from __future__ import annotations

from typing import Literal, TypedDict

from casework.acts.act import Act
from casework.documents.paper_parts import Part, Parts
from state_machines.licensing.licence.forms import DEREGISTER, DEREGISTER_REVOKED
from state_machines.licensing.licence.forms import DeregistrationGround as Ground
from state_machines.verification import Presence

# 许可法70.
_ITEMS = {
    Ground.EXPIRED.value: "第一项",
    Ground.DEATH.value: "第二项",
    Ground.DISSOLUTION.value: "第三项",
    Ground.ENDED.value: "第四项",
    Ground.FORCE_MAJEURE.value: "第五项",
}
_OTHER = "第六项"


class DeregistrationPart(TypedDict):
    """Under which item of the article a licence is deregistered."""

    item: str


def _deregistration(act: Act) -> DeregistrationPart | Literal[""]:
    """The item of 许可法70 that the licence is deregistered under; an empty text before that."""
    if DEREGISTER_REVOKED in act.inputs:
        return {"item": _ITEMS[Ground.ENDED.value]}
    if deregistration := act.inputs.at(DEREGISTER):
        return {"item": _ITEMS.get(deregistration.ground, _OTHER)}
    return ""


PARTS: Parts = {
    "deregistration": Part(_deregistration, Presence(steps=(DEREGISTER, DEREGISTER_REVOKED))),
}
