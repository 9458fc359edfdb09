"""行政复议 and 行政诉讼: what is pending, what has overturned the decision, and what varied it."""

from __future__ import annotations

from casework import standing
from casework.act import Act
from casework.facts.gathering import Gatherers
from state_machines.facts.remedies import Remedies, VariedSentence
from state_machines.forms.remedies import HeavierBecause, Varied
from state_machines.measures import heavier, other_kinds, raised

_NAMES = {"reconsideration": "行政复议", "litigation": "行政诉讼"}


def _remedies(act: Act) -> Remedies:
    at = act.case.tracks
    return Remedies(
        tuple(label for name, label in _NAMES.items() if at.get(name) == f"under_{name}"),
        tuple(label for name, label in _NAMES.items() if at.get(name) == f"{name}_changed"),
    )


def _varied(act: Act) -> VariedSentence:
    now = act.input.get("measures", ())
    stood = standing.before(act.data, act.step.name)
    because = act.input.get("heavier_because")
    return VariedSentence(
        leaves_it=act.input.get("result") == Varied.UNLAWFUL,
        listed=bool(now),
        other_kinds=other_kinds(stood, now),
        raised=raised(stood, now),
        because=HeavierBecause(because).name if because else "",
        restored=not heavier(standing.decided(act.data), now),
    )


GATHERERS: Gatherers = {Remedies: _remedies, VariedSentence: _varied}
