"""Facts that guards read, narrow and typed: the back office gathers them and logs them.

A guard names the facts it needs by the types of its parameters, so each type says one thing only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PlaceRecord:
    """What else is going on at the same premises (场所). Numbers of cases, or None."""

    open_application: str | None
    standing_licence: str | None


@dataclass(frozen=True)
class PlaceKind:
    """How the law treats this kind of place: `licence`, `filing` (备案), `other` or `none`."""

    kind: str
    label: str
    treatment: str
    law: str


@dataclass(frozen=True)
class Materials:
    """Labels of required items of the materials list (材料清单) that were not handed in."""

    missing: tuple[str, ...]


@dataclass(frozen=True)
class Supplement:
    """Labels of the items the supplement list (补正清单) asked for that have not come in."""

    outstanding: tuple[str, ...]


@dataclass(frozen=True)
class CreditStanding:
    """What closes the promise route to this party on the legal date (信用状况)."""

    unrepaired: tuple[str, ...]
    revoked_before: bool
    repair_restores: bool


@dataclass(frozen=True)
class Signatory:
    """In what capacity the person acts for the party: `representative`, `agent` or None."""

    capacity: str | None
    may_promise: bool


@dataclass(frozen=True)
class Delegation:
    """Whether the window holds the power to decide (首席代表授权), and whether it is using it."""

    acts_as_window: bool
    window_may_grant: bool


@dataclass(frozen=True)
class Proof:
    """On what a grant rests: a promise, or a site check (现场核查) and its outcome."""

    promised: bool
    checked: bool
    all_met: bool


@dataclass(frozen=True)
class ExtendedLimit:
    """The limit that a step extends (延长): whether it was extended before, whether it is over."""

    extended: bool
    over: bool


@dataclass(frozen=True)
class PauseSpan:
    """From when to when a technical review (技术审查) is expected to last."""

    first: date
    last: date


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
class Findings:
    """Clauses of the promise found broken at the latest inspection or recheck."""

    broken: tuple[str, ...]


@dataclass(frozen=True)
class Defence:
    """Where the right to a statement and defence (陈述申辩) stands on the legal date."""

    stated: bool
    waived: bool
    period_ends: date | None
    period_over: bool


@dataclass(frozen=True)
class ReviewBinding:
    """Whether a legal review passed, and whether it passed exactly what is now to be decided."""

    passed: bool
    same_content: bool


@dataclass(frozen=True)
class PublicHarm:
    """Whether revoking would do major harm to the public interest (重大公共利益损害)."""

    major: bool
