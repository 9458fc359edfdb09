"""Versions of processes as an earlier release had them."""

from __future__ import annotations

from dataclasses import replace

from state_machines.language.vocabulary import Process, Step


def asking_nothing(process: Process) -> Process:
    """The process without what the door asks of its steps: the very same version."""

    def plain(step: Step) -> Step:
        return replace(step, legal_day=None, entered_within="", certified=True, waits_for=())

    return replace(
        process,
        steps=tuple(map(plain, process.steps)),
        tracks=tuple(
            replace(track, steps=tuple(map(plain, track.steps))) for track in process.tracks
        ),
    )


def before_the_door(process: Process) -> Process:
    """An older version of it, from before the door asked anything: one optional step fewer."""
    plain = asking_nothing(process)
    return replace(plain, steps=tuple(s for s in plain.steps if s.name != "ask_recusal"))
