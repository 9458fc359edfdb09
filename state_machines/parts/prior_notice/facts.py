"""Where the notice before a decision stands (事先告知), and what the party did with its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PriorTime:
    """Whether the latest notice was given, and served with proof; until when the party has time,
    whether that has run since the service was both made and entered, or was given up."""

    given: bool
    served: bool
    until: date | None
    over: bool
    waived: bool
    law: str


@dataclass(frozen=True)
class PriorContent:
    """Labels of what the decision says otherwise than the notice."""

    differing: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class PriorReview:
    """Whether a legal review must come first, and whether one passed what the party was told."""

    due: bool
    passed: bool


@dataclass(frozen=True)
class PriorHearing:
    """Whether the party has asked to be heard since the notice, and that is not behind it."""

    asked: bool

    @property
    def pending(self) -> bool:
        """The same by the name that a published guard uses."""
        return self.asked
