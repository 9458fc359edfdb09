"""行政复议 and 行政诉讼: what is pending, what has overturned the decision, and what varied it."""

from __future__ import annotations

from casework import standing
from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.facts.given import day_of
from state_machines.facts.remedies import Enforcer, Judgment, Remedies, VariedSentence
from state_machines.forms.remedies import HeavierBecause, Upheld, Varied
from state_machines.measures import heavier, other_kinds, raised

# What may still be appealed against is pending.
_JUDGED = {"litigation": "judgment_served"}
_ENDS_AT_ONCE = (Upheld.WITHDRAWN.value, Upheld.ENDED.value)
_NAMES = {"reconsideration": "行政复议", "litigation": "行政诉讼"}


def _remedies(act: Act) -> Remedies:
    at = act.case.tracks
    # A court may have given back its force to what 行政复议 quashed.
    stands = standing.variation(act.data) is not None and not standing.overturned(act.data)
    return Remedies(
        tuple(
            label
            for name, label in _NAMES.items()
            if at.get(name) in (f"under_{name}", _JUDGED.get(name))
        ),
        tuple(
            label
            for name, label in _NAMES.items()
            if at.get(name) == f"{name}_changed" and not stands
        ),
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


def _judgment(act: Act) -> Judgment:
    served = act.case.tracks.get("litigation") == _JUDGED["litigation"]
    run = next((run for run in reversed(act.runs) if run.name == "appeal"), None)
    until = run.due_on if run and served else None
    # An appeal in time may be entered late, after other acts: its own day is what counts.
    day = day_of(act.input.get("on")) or act.day
    return Judgment(
        instance=str(act.input.get("instance", "")),
        # What was judged already is not withdrawn any more (行诉法62).
        at_once=act.input.get("result") in _ENDS_AT_ONCE and not served,
        served_on=day_of(act.data["record_judgment"]["on"]) if served else None,
        until=until,
        over=until is not None and day > until,
        appealed=act.latest(("record_judgment", "appeal")) == "appeal",
    )


def _enforcer(act: Act) -> Enforcer:
    varied = standing.variation(act.data)
    # What a court varied since, the authority has enforced.
    if varied is None or varied.leaves_it or varied.by_court:
        return Enforcer("")
    return Enforcer(varied.body)


GATHERERS: Gatherers = {
    Enforcer: _enforcer,
    Judgment: _judgment,
    Remedies: _remedies,
    VariedSentence: _varied,
}
