"""Notice, defence and legal review of a decision (告知、申辩、法制审核)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
class RevocationBasis:
    """Whether the basis of a notice of revocation, or of a decision upon it, names the article with
    paragraph and item (许可法69)."""

    concrete: bool


@dataclass(frozen=True)
class PublicHarm:
    """Whether revoking would do major harm to the public interest (重大公共利益损害)."""

    major: bool
