"""A licence that stands (许可证): renewal, change, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LicenceStanding:
    """The state of the licence that an application is about."""

    state: str
    label: str


@dataclass(frozen=True)
class ExpiringLicence:
    """A licence whose renewal is asked for: its own state, which no suspension changes, and whether
    its end is near by the day (到期提醒期)."""

    state: str
    label: str
    near: bool


@dataclass(frozen=True)
class PromisedConditions:
    """Whether conditions of the licence were promised for later, and confirmed since."""

    promised: bool
    confirmed: bool


@dataclass(frozen=True)
class AwaitedSupplement:
    """The renewal whose applicant was asked for what was missing, and has not handed it in; empty
    if there is none."""

    number: str


@dataclass(frozen=True)
class RenewalTime:
    """When the renewal was filed, the last day in time, and the rule for late ones (延续)."""

    filed_on: date
    last_day: date
    late_accepted: bool


@dataclass(frozen=True)
class OpenBusiness:
    """Numbers of cases about the same licence that have not ended (在办事项)."""

    cases: tuple[str, ...]


@dataclass(frozen=True)
class EndingGround:
    """In which state a licence is to be deregistered, and on which ground (许可法70)."""

    state: str
    label: str
    ground: str


@dataclass(frozen=True)
class Change:
    """What a change asks for, which entries of the certificate it changes, and whether the holder
    is a natural person, whose licence nobody else can take over."""

    kind: str
    changed: tuple[str, ...]
    of_person: bool
