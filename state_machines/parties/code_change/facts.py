"""Parties whose code changed (主体代码变更)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ContinuedCode:
    """The code that is said to be continued: whether it is registered, is the party's very own,
    belongs to the other kind of subject, or to one that itself continues the party (`circular`);
    and by which code it is continued already (`""`: by none)."""

    code: str
    registered: bool
    own: bool
    other_kind: bool
    circular: bool
    continued_by: str


@dataclass(frozen=True)
class ActingForOld:
    """Names of acting officers who represent the party of the old code."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class ChangeProof:
    """Whether the proof of the change was handed in, the day of the change, and today."""

    handed_in: bool
    changed_on: date
    today: date
