"""Who handles a case: recusal and qualification (回避、资格)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class RecusalAsked:
    """The recusal (回避) that was asked for and is not decided yet: of whom, or None."""

    officer: str | None


@dataclass(frozen=True)
class RecusedOfficer:
    """Whom a decision on recusal names: the name of an officer of this authority, or None, and
    whether that is who decides."""

    name: str | None
    is_oneself: bool


@dataclass(frozen=True)
class ReviewerStanding:
    """Since when the person reviews decisions (法制审核), from when on newcomers need the law
    qualification (法律职业资格), and whether the person holds it."""

    since: date | None
    needed_from: date
    qualified: bool
