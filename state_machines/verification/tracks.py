"""Tracks: when the last one has ended the case goes on, and not before."""

from __future__ import annotations

from collections.abc import Iterator

from state_machines.language.vocabulary import Process, Role, Step
from state_machines.verification.findings import Finding
from state_machines.verification.lines import Line, by_person, lines, main_line


def check_tracks(process: Process) -> Iterator[Finding]:
    """Find joins that never happen, may be refused by all their guards, or can be passed by."""
    main = main_line(process)
    branches = [track for track in process.tracks if not track.overlay]
    opening = dict.fromkeys(state for track in branches for state in track.opens_in)
    for state in opening:
        for kind, message in _join(main, state):
            yield Finding(process.key, kind, message)
    for line in lines(process):
        for step in line.steps:
            if Role.JOIN in step.by and (line.track or not set(step.moves) <= set(opening)):
                yield Finding(
                    process.key,
                    "join_without_tracks",
                    f"step {step.name} joins tracks in a state in which none is open",
                )


def _join(main: Line, state: str) -> Iterator[tuple[str, str]]:
    branches = [t for t in main.process.tracks if not t.overlay]
    tracks = "、".join(t.label for t in branches if state in t.opens_in)
    leaving = [step for step in main.leaving(state) if step.moves[state] != state]
    joins = [step for step in leaving if Role.JOIN in step.by]
    if not joins:
        yield (
            "join_missing",
            f"{main.story(state)}: when {tracks} have ended, no step takes the case on",
        )
        return
    free = [step for step in joins if not step.guards]
    if not free:
        yield (
            "join_may_be_refused",
            f"{main.story(state)}: {tracks} have ended, and every join "
            f"({_names(joins)}) has a guard; if all refuse, the case stands still",
        )
    else:
        late = joins[joins.index(free[0]) + 1 :]
        if late:
            yield (
                "join_never_taken",
                f"{main.story(state)}: {free[0].name} has no guard and comes first, "
                f"so that {_names(late)} is never taken",
            )
    for step in leaving:
        if by_person(step) and step.awaited_in(state):
            yield (
                "join_bypassed",
                f"{main.story(state)} –{step.name}→ {main.label(step.moves[state])}: "
                f"the case goes on while {tracks} may still be open",
            )


def _names(steps: list[Step]) -> str:
    return ", ".join(step.name for step in steps)
