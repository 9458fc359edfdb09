"""Processes as the release before had them: a payment settles all or is refused, a quashed decision
waits for somebody to annul it, a suit ends however it is entered, and what goes to criminal justice
never comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from state_machines.enforcement.fines import guards as fines
from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    Proceed,
    Process,
    State,
    Step,
    Track,
)
from state_machines.parts.remedies import guards as remedies
from state_machines.processes import PROCESSES

_NEW_STEPS = (
    "settle",
    "resume_plan",
    "owe_late_fee",
    "revive",
    "withdraw_appeal",
    "lapse",
    "reclass",
    "refer_crime",
    "record_justice_receipt",
    "take_back",
    "end_with_justice",
)
_NEW_STATES = ("appeal_withdrawn", "lapsed", "reinstated", "with_justice", "taken_by_justice")
_NEW_GUARDS = ("ending_agrees_with_judgment", "judgment_says_what_stands")


def yesterday(key: str) -> Process:
    """A process as an older version had it."""
    process = PROCESSES[key]
    return replace(
        process,
        states=_states(process.states),
        steps=_steps(process.steps),
        clocks=tuple(map(_clock, process.clocks)),
        tracks=tuple(map(_track, process.tracks)),
    )


def _states(states: tuple[State, ...]) -> tuple[State, ...]:
    return tuple(one for one in states if one.name not in _NEW_STATES)


def _track(track: Track) -> Track:
    return replace(
        track,
        opens_in=tuple(name for name in track.opens_in if name not in _NEW_STATES),
        states=_states(track.states),
        steps=_steps(track.steps),
        clocks=tuple(map(_clock, track.clocks)),
    )


def _clock(clock: Clock) -> Clock:
    stops = tuple(
        replace(stop, states=tuple(name for name in stop.states if name not in _NEW_STATES))
        for stop in clock.stops
    )
    runs_in = tuple(name for name in clock.runs_in if name not in _NEW_STATES)
    return replace(clock, stops=stops, runs_in=runs_in, instead=(), after_end=False)


def _steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(_step(one) for one in steps if one.name not in _NEW_STEPS)


def _step(step: Step) -> Step:
    moves = {
        source: "closed" if to in _NEW_STATES else to
        for source, to in step.moves.items()
        if source not in _NEW_STATES
    }
    said: Mapping[str, Any] = {
        "moves": moves,
        "only": {},
        "guards": tuple(one for one in step.guards if one.name not in _NEW_GUARDS),
        "effects": tuple(one for one in step.effects if not isinstance(one, BringInLine | Proceed)),
        "in_every_version": False,
    }
    if step.name == "record_payment":
        # As much as was owed to the cent, from where something was.
        from_ = ("served", "punished", "deferred", "overdue", "urging_issued", "urged")
        said = {
            **said,
            "moves": {source: "paid" for source in moves if source in from_},
            "guards": (
                fines.something_is_owed,
                fines.payment_is_possible,
                fines.payment_is_what_is_owed,
            ),
        }
    if step.name == "report_penalty":  # where it ended unreported, it stayed so
        open_yet = ("punished", "overdue", "paid")
        said = {
            **said,
            "moves": {source: source for source in open_yet},
            "optional_in": open_yet[1:],
        }
    if "gravity" in (step.form or {}).get("properties", {}):  # nobody asked what makes a case grave
        form = dict(step.form or {})
        form["properties"] = {n: of for n, of in form["properties"].items() if n != "gravity"}
        said = {**said, "form": form}
    if step.name in ("annul", "reinstate"):
        said = {**said, "by": step.by[:1], "guards": (remedies.decision_was_overturned,)}
    return replace(step, **said)
