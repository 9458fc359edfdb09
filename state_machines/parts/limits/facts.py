"""Limits that are extended or stopped (延长、中止). How long one is stands in `rulebook/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ExtendedLimit:
    """The limit that a step extends (延长): whether it was extended before, whether it is over."""

    extended: bool
    over: bool


@dataclass(frozen=True)
class StoppedLimit:
    """Whether the limit that a step extends is stopped (中止) at present."""

    stopped: bool


@dataclass(frozen=True)
class PauseSpan:
    """From when to when a technical review (技术审查) is expected to last."""

    first: date
    last: date


@dataclass(frozen=True)
class StopsTogether:
    """Until when a limit is to be stopped (中止) this time, against the last day that all its stops
    together may come to: `used` days of the `length` are behind, `left` whether any are ahead."""

    until: date
    latest: date
    used: int
    length: str
    left: bool
