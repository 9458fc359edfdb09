"""Looks and checks (核查): appointment, officers, findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Appointment:
    """The day of a look that is booked, today, and the last day that may be booked."""

    on: date
    today: date
    latest: date


@dataclass(frozen=True)
class RemoteLook:
    """Whether the look was by video, was booked so before, and how many pictures are kept."""

    remote: bool
    booked: bool
    pictures: int


@dataclass(frozen=True)
class NamedInspectors:
    """The persons to be sent: how many, and those without a valid certificate that day."""

    count: int
    uncertified: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """Names of acting officers whom the assignment (指派) did not name."""

    strangers: tuple[str, ...]


@dataclass(frozen=True)
class Tries:
    """How often somebody was tried to be reached (联系), and how often it must be at least."""

    made: int
    least: int


@dataclass(frozen=True)
class Referral:
    """What is to be punished beside a revocation: its code if nobody knows it, else an empty text;
    its days; and the number of the penalty of an earlier referral that is still under way."""

    unknown: str
    found_on: date
    act_on: date
    today: date
    under_way: str


@dataclass(frozen=True)
class Findings:
    """Clauses of the promise found broken at the latest inspection or recheck."""

    broken: tuple[str, ...]
