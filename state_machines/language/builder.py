"""The one builder of `transitions` machines: one per flat machine of a version, for all cases.

A machine carries no case. Firing passes a small model that holds a state and the verdicts of the
guards; a step whose verdicts are missing or refuse cannot fire, whoever calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from transitions import EventData, Machine, MachineError

from state_machines.language.vocabulary import Process, Refusal, State, Step


class StepRefused(Exception):
    """The machine did not fire: the step is not of this state, or a guard did not allow it."""


@dataclass
class Firing:
    """One case (or one of its tracks) on its way through one step."""

    state: str
    verdicts: Mapping[str, Refusal | None] = field(default_factory=dict)


@cache
def machine(process: Process, track: str | None = None) -> Machine:
    """The shared machine of a version's main line, or of one of its tracks."""
    part = process.track(track) if track else process
    return _build(part.states, part.initial, part.steps)


def fire(process: Process, step: Step, state: str, verdicts: Mapping[str, Refusal | None]) -> str:
    """Take `step` from `state` and give the state it leads to.

    `verdicts` holds, by guard key, the verdict of each guard of the step.
    Raises StepRefused if the state does not know the step or a verdict is missing or a refusal.
    """
    track = process.track_of(step.name)
    shared = machine(process, track.name if track else None)
    model = Firing(state, verdicts)
    try:
        fired = shared.events[step.name].trigger(model)
    except MachineError as error:
        raise StepRefused(str(error)) from error
    if not fired:
        raise StepRefused(f"guards of {step.name} did not allow it")
    return model.state


def _build(states: tuple[State, ...], initial: str, steps: tuple[Step, ...]) -> Machine:
    built = Machine(
        model=None,
        states=[state.name for state in states],
        initial=initial,
        auto_transitions=False,  # the default adds a to_<state> past every guard
        send_event=True,
    )
    for step in steps:
        for source, target in step.moves.items():
            built.add_transition(step.name, source, target, conditions=[_allowed(step)])
    return built


def _allowed(step: Step) -> Any:
    keys = tuple(guard.key for guard in step.guards)

    def every_guard_allows(event: EventData) -> bool:
        model = event.model
        assert isinstance(model, Firing)  # noqa: S101 -- narrows the library's untyped model
        verdicts = model.verdicts
        return all(key in verdicts and verdicts[key] is None for key in keys)

    return every_guard_allows
