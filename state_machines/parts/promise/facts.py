"""Promise (告知承诺): who may make it, education before it, conditions that follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CreditStanding:
    """What closes the promise route to this party on the legal date (信用状况)."""

    unrepaired: tuple[str, ...]
    revoked_before: bool
    repair_restores: bool


@dataclass(frozen=True)
class Signatory:
    """In what capacity the person acts for the party: `representative`, `agent` or None, and
    whether it is this person who signs."""

    capacity: str | None
    may_promise: bool
    name: str
    signs: bool


@dataclass(frozen=True)
class QuizAnswers:
    """How the questions of the pre-licence education (准入前诚信教育) were answered: how many were
    to be, and for each wrong or missing one what is right and by which article."""

    asked: int
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Education:
    """Whether the pre-licence education is asked for here, and was completed."""

    required: bool
    done: bool


@dataclass(frozen=True)
class ReadyBy:
    """Until when the conditions are promised to be met, today, and the last day allowed."""

    by: date | None
    today: date
    latest: date


@dataclass(frozen=True)
class PaperPromise:
    """Whether the promise was made at the counter, and its signed paper kept as a scan."""

    at_counter: bool
    kept: bool


@dataclass(frozen=True)
class ConditionsReported:
    """Whether the holder has reported that the promised conditions are met."""

    reported: bool


@dataclass(frozen=True)
class Proof:
    """On what a grant rests: a promise, or a site check (现场核查) and its outcome."""

    promised: bool
    checked: bool
    all_met: bool


@dataclass(frozen=True)
class Informed:
    """Whether the party was given the notice (告知书) of what it would promise."""

    given: bool


@dataclass(frozen=True)
class GrantedBy:
    """Whether the window is to grant, and whether what it grants rests on a promise."""

    window: bool
    promised: bool
