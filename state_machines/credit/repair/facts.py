"""Credit repair (信用修复): obligations, training, rectification, verification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Obligations:
    """What had to be performed (义务), whether it was, and whether a paper proves it."""

    outstanding: str
    performed: bool
    proved: bool


@dataclass(frozen=True)
class KeptByItsCase:
    """The case (number) in whose own books performance is registered; `""` if it is nowhere."""

    case: str


@dataclass(frozen=True)
class RecordStanding:
    """Whether all that a repair is about was corrected (更正), as of an overturned penalty."""

    overturned: bool


@dataclass(frozen=True)
class Training:
    """Whether training (信用培训) is a condition in this channel, and the number of a certificate
    that is still good that day."""

    required: bool
    certificate: str


@dataclass(frozen=True)
class RectificationProof:
    """Whether a report of what was put right (整改报告) was handed in, and the days it names."""

    reported: bool
    finished_on: date
    today: date


@dataclass(frozen=True)
class Verified:
    """What the officers found not in order, and how they looked."""

    unmet: tuple[str, ...]
    remote: bool
    pictures: int


@dataclass(frozen=True)
class Recommended:
    """Whether the credit officer has given an opinion on this verification (审核意见)."""

    given: bool


@dataclass(frozen=True)
class PerformedOn:
    """The day on which an obligation is said to have been performed, and today."""

    on: date
    today: date
