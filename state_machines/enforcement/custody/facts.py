"""Things in custody (先行登记保存、查封、扣押)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CustodyMeasure:
    """Whether the measure is a seizure (查封、扣押) rather than preservation, and whether its
    officers said that it could not wait."""

    seizure: bool
    urgent: bool


@dataclass(frozen=True)
class CustodyTest:
    """The day of sending things for a test, and the day by which it is expected back."""

    sent_on: date
    expected_until: date


@dataclass(frozen=True)
class ResultAwaited:
    """Whether things were sent for a test of which no result was entered."""

    awaited: bool


@dataclass(frozen=True)
class DecisionNamed:
    """The day of the decision that a step names, and the step's own."""

    decided_on: date
    today: date
