"""What silence accepted is granted only once it is complete (许可法32、38), in every version."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import handed_in, listed
from state_machines.language.vocabulary import Refusal
from state_machines.radiation.forms import DECIDE_ECO, DECIDE_HEALTH

_LAW = "《行政许可法》第三十八条第一款、《放射性同位素与射线装置安全和防护条例》第七条、第八条"


def refusals(act: Act) -> list[Refusal]:
    """What is lacking of the materials that are shared, or of the item's own."""
    if act.step.name not in (DECIDE_HEALTH, DECIDE_ECO):
        return []
    there = handed_in(act)
    missing = [
        item.label
        for item in listed(act)
        if item.required and item.matter in ("", act.matter) and item.key not in there
    ]
    if not missing:
        return []
    text = f"缺少申请材料：{'、'.join(missing)}，不能准予许可"
    return [Refusal("materials_missing", text, _LAW)]
