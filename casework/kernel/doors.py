"""What topics ask at the door (各专题的门槛), besides the guards that a step declares.

This is neither the one door itself (`Office`) nor what binds every version
(`state_machines/door`): it is what single topics add, asked last, when no guard refuses.

The `door.py` of a topic may have any of these functions: `refusals(act)`, what stands against an
act; `judge_opening(session, process, party, inputs, on)`, which raises for a case that may not be
opened; and `families_moved(session, number, step)`, the cases of other families that a step moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.common.typed_inputs import Inputs
from casework.models import Party
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Process, Refusal


def refusals(act: Act) -> list[Refusal]:
    """What stands against an act that its guards allow."""
    return [refusal for door in _doors_with("refusals") for refusal in door.refusals(act)]


def judge_opening(
    session: Session, process: Process, party: Party, data: Mapping[str, Any], on: date
) -> None:
    """Raise BadInput if a case that an officer opens against a party may not be opened so."""
    for door in _doors_with("judge_opening"):
        door.judge_opening(session, process, party, Inputs({"application": data}), on)


def families_moved(session: Session, number: str, step: str) -> list[int]:
    """The families, by id, of which taking the step may move cases, besides the case's own."""
    return [
        family
        for door in _doors_with("families_moved")
        for family in door.families_moved(session, number, step)
    ]


def _doors_with(function: str) -> list[ModuleType]:
    """The `door.py` of the topics that have such a function."""
    return [door for door in modules_named("door", "casework") if hasattr(door, function)]
