"""行政复议 and 行政诉讼: what is pending, and what has changed the decision."""

from __future__ import annotations

from casework.act import Act
from casework.facts.gathering import Gatherers
from state_machines.facts.remedies import Remedies

_NAMES = {"reconsideration": "行政复议", "litigation": "行政诉讼"}


def _remedies(act: Act) -> Remedies:
    at = act.case.tracks
    return Remedies(
        tuple(label for name, label in _NAMES.items() if at.get(name) == f"under_{name}"),
        tuple(label for name, label in _NAMES.items() if at.get(name) == f"{name}_changed"),
    )


GATHERERS: Gatherers = {Remedies: _remedies}
