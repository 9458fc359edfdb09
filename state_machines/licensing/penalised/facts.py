"""What ties a licence to the penalty that moves it (吊销、暂扣), in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PenaltyBehind:
    """The decision by which a licence is to be cancelled or suspended, as the form names it.

    `measure` is what it must have decided. `here` is whether a penalty case of this system made a
    decision of that number; the facts after it, but `served_on`, are those of that case.
    `elsewhere` says that the form calls it another authority's, or older than the system, and
    `unnamed` what the form then leaves out. `undone` tells how the decision came to nothing.
    """

    number: str
    measure: str
    said_on: date
    today: date
    elsewhere: bool
    unnamed: tuple[str, ...]
    here: bool
    of_holder: bool
    decided: bool
    decided_on: date | None
    undone: str
    served_on: date | None


@dataclass(frozen=True)
class SuspensionTerm:
    """How long a licence is to be suspended, against what was decided: days, and the last of them
    counted from the day of service. None where the decision is not known here."""

    days: int
    until: date
    decided_days: int | None
    due: date | None


@dataclass(frozen=True)
class PenaltyUndone:
    """The decision that cancelled or suspended the licence: whether it is this system's, and
    whether it was overturned or undone."""

    number: str
    here: bool
    undone: str


@dataclass(frozen=True)
class PlaceLicensedAnew:
    """Numbers of other licences that stand for the same place."""

    licences: tuple[str, ...]


@dataclass(frozen=True)
class LicencesToTake:
    """What was decided against a licence and not done to it yet: each measure, with the number of
    the party's licence at that place."""

    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LicenceToGiveBack:
    """How the decision came to nothing, if it did, and the numbers of the licences that are still
    cancelled or suspended by it, save where the place is somebody else's by now."""

    undone: str
    taken: tuple[str, ...]


@dataclass(frozen=True)
class Termless:
    """Measures for a time (暂扣许可证件) that do not say for how many days."""

    kinds: tuple[str, ...]
