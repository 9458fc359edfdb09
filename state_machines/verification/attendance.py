"""Every state can be reached and left, and somebody and some limit see to it that it is."""

from __future__ import annotations

from collections.abc import Iterator

from state_machines.language.vocabulary import Fire, Process, Role, State
from state_machines.parts.remedies.forms import BRING_BACK
from state_machines.verification.findings import Finding
from state_machines.verification.lines import Line, by_person, lines


def check_attendance(process: Process) -> Iterator[Finding]:
    """Find states nobody comes to, gets out of, acts in, or is told to leave in time."""
    for line in lines(process):
        for kind, message in (*_ways(line), *_waiting(line)):
            yield Finding(process.key, kind, message)


def _ways(line: Line) -> Iterator[tuple[str, str]]:
    ways = line.ways()
    lost = [state.name for state in line.states if state.name not in ways]
    if lost:
        yield (
            "unreachable_state",
            f"no way leads from {line.story(line.initial)} to {line.labels(lost)}",
        )
    trapped = sorted(line.open_ended() & set(ways), key=lambda state: len(ways[state]))
    if trapped and not (line.track and line.track.overlay):
        rest = f" (nor from {line.labels(trapped[1:])})" if trapped[1:] else ""
        yield "no_way_out", f"{line.story(trapped[0])}: from here no end can be reached{rest}"


def _waiting(line: Line) -> Iterator[tuple[str, str]]:
    for state in line.states:
        if state.end:
            for step in line.leaving(state.name):
                # What comes to an ended case, as money does, may be put down where it stays; and
                # what it took is given back if that is quashed.
                stays = step.moves[state.name] == state.name
                if step.in_every_version and (stays or step.name == BRING_BACK):
                    continue
                yield (
                    "end_goes_on",
                    f"{line.story(state.name)} –{step.name}→: the case has ended and goes on",
                )
        elif not state.unattended:
            if not _has_actor(line, state):
                yield (
                    "no_actor",
                    f"{line.story(state.name)}: nobody takes the case on from here (no step that "
                    "a person has to take, no clock that fires one), and it does not say why",
                )
            if not any(state.name in clock.runs_in for clock in line.process.every_clock):
                yield (
                    "no_clock",
                    f"{line.story(state.name)}: no clock runs while the case waits here, "
                    "and it does not say why",
                )


def _has_actor(line: Line, state: State) -> bool:
    """Whether the case is moved on: by a person whose task it is, a clock, or its tracks."""
    fired = {
        clock.on_expiry.step
        for clock in line.clocks
        if isinstance(clock.on_expiry, Fire) and state.name in clock.runs_in
    }
    branches = [track for track in line.process.tracks if not track.overlay]
    opens_tracks = any(state.name in track.opens_in for track in branches)
    return any(
        (by_person(step) and step.awaited_in(state.name))
        or (Role.TIMER in step.by and step.name in fired)
        or (Role.JOIN in step.by and opens_tracks)
        for step in line.leaving(state.name)
        if step.moves[state.name] != state.name
    )
