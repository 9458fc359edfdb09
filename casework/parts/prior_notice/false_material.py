"""Refusals for false material (许可法78), which bar from applying again: what they are told by."""

from __future__ import annotations

from state_machines.licensing.instant_licence.forms import REFUSE, Refusal, RefusalGround
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

LAW = "《行政许可法》第七条、第七十八条"
_REFUSING = (REFUSE, REFUSE_HEALTH, REFUSE_ECO)


def refuses_for_false_material(step: str, said: Refusal) -> bool:
    """Whether a step, with what was filled in, finds that the applicant hid or forged anything."""
    return step in _REFUSING and said.ground == RefusalGround.FALSE_MATERIAL
