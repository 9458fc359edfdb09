"""过渡规定: what this release lays down for cases of every version.

A case runs under the version it was opened with. But a step that is declared `in_every_version`
holds for it as the release has it: to whom, on which form, under which guards, to which state. So
money that a party pays is taken, and a judgment has its effect, in the cases of yesterday too. So
does what a clock declared `in_every_version` does on expiry. And the forms of its own steps know
the fields that came since: a gate may ask for what they say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from state_machines.language.canonical import digest
from state_machines.language.vocabulary import Clock, JsonObject, Process, State, Step, Track
from state_machines.processes import PROCESSES


def held_to_release(stored: Process, processes: Mapping[str, Process] = PROCESSES) -> Process:
    """A stored version with the steps that hold in every version, as the release has them, and the
    states that these lead to. A track that the version does not have is not added."""
    release = processes.get(stored.key)
    if release is None or digest(release) == digest(stored):
        return stored
    tracks = {track.name: track for track in release.tracks}
    return replace(
        stored,
        states=_states(stored.states, release.states, release.steps),
        steps=_steps(stored.states, stored.steps, release.steps),
        clocks=_clocks(stored.clocks, release.clocks),
        tracks=tuple(
            replace(
                track,
                opens_in=_opens_in(track, tracks[track.name], stored),
                states=_states(track.states, tracks[track.name].states, tracks[track.name].steps),
                steps=_steps(track.states, track.steps, tracks[track.name].steps),
                clocks=_clocks(track.clocks, tracks[track.name].clocks),
            )
            if track.name in tracks
            else track
            for track in stored.tracks
        ),
    )


def _opens_in(stored: Track, release: Track, process: Process) -> tuple[str, ...]:
    """Where a track opens: as its version says, and in the states that came since as the release
    says."""
    known = {state.name for state in process.states}
    return (*stored.opens_in, *(name for name in release.opens_in if name not in known))


def _steps(
    states: Sequence[State], stored: Sequence[Step], release: Sequence[Step]
) -> tuple[Step, ...]:
    held = {step.name: step for step in _held(_reached(states, release), release)}
    forms = {step.name: step.form for step in release}
    mine = tuple(
        replace(held.pop(step.name), formerly=step.moves)
        if step.name in held
        else replace(step, form=_with_later_fields(step.form, forms.get(step.name)))
        for step in stored
    )
    return (*mine, *(replace(step, formerly={}) for step in held.values()))


def _clocks(stored: Sequence[Clock], release: Sequence[Clock]) -> tuple[Clock, ...]:
    """The version's own clocks; those that hold in every version do what the release has them do.
    None is added: that it ran would stand nowhere in the log."""
    released = {clock.name: clock for clock in release}
    return tuple(
        _clock(clock, released[clock.name]) if clock.name in released else clock for clock in stored
    )


def _clock(stored: Clock, release: Clock) -> Clock:
    now = {stop.kind: stop for stop in release.stops}
    stops = tuple(
        replace(
            stop,
            end_told=stop.kind in now and now[stop.kind].end_told,
            # What a step of every version leads to rests as that did which it came from.
            states=tuple(dict.fromkeys((*stop.states, *now[stop.kind].states)))
            if stop.kind in now
            else stop.states,
        )
        for stop in stored.stops
    )
    if not release.in_every_version or stored.on_expiry == release.on_expiry:
        return replace(stored, stops=stops)
    return replace(stored, stops=stops, on_expiry=release.on_expiry, formerly=stored.on_expiry)


def _with_later_fields(stored: JsonObject | None, release: JsonObject | None) -> JsonObject | None:
    """A version's form with what may be said at that step since: what the release's guards ask of
    every version must be possible to say in it. Nothing of it is asked for."""
    if stored is None or release is None:
        return stored
    later = {
        name: field
        for name, field in release.get("properties", {}).items()
        if name not in stored.get("properties", {}) and "default" in field
    }
    if not later:
        return stored
    defined = {**release.get("$defs", {}), **stored.get("$defs", {})}
    return {
        **stored,
        "properties": {**stored.get("properties", {}), **later},
        **({"$defs": defined} if defined else {}),
    }


def _held(known: Collection[str], release: Sequence[Step]) -> Iterator[Step]:
    """The steps that this release lays down for every version, from those states that the version
    knows."""
    for step in release:
        moves = {source: to for source, to in step.moves.items() if source in known}
        if step.in_every_version and moves:
            yield replace(step, moves=moves)


def _states(
    stored: Sequence[State], release: Sequence[State], released: Sequence[Step]
) -> tuple[State, ...]:
    led_to = _reached(stored, released) - {state.name for state in stored}
    return (*stored, *(one for one in release if one.name in led_to))


def _reached(stored: Sequence[State], released: Sequence[Step]) -> set[str]:
    """The version's own states, and those that steps of every version lead to from them, be it
    through one another: a case that came to one of these goes on from there."""
    reached, known = {state.name for state in stored}, set[str]()
    while reached != known:
        known = set(reached)
        reached |= {to for step in _held(known, released) for to in step.moves.values()}
    return reached
