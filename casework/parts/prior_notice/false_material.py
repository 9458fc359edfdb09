"""Refusals for false material (许可法78), which bar from applying again: what they are told by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.common.typed_inputs import read
from state_machines.licensing.instant_licence.forms import REFUSE, Refusal, RefusalGround
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

LAW = "《行政许可法》第七条、第七十八条"
_REFUSING = (REFUSE, REFUSE_HEALTH, REFUSE_ECO)


def refuses_for_false_material(step: str, given: Mapping[str, Any]) -> bool:
    """Whether a step, with what was filled in, finds that the applicant hid or forged anything."""
    return step in _REFUSING and read(Refusal, given).ground == RefusalGround.FALSE_MATERIAL
