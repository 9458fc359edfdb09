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
class FormerParty:
    """The party of the old code: what is registered of it otherwise than of the case's own party,
    whether it still acts or has anything under way, and whether it agreed by its own head. Until
    when it may object to what it was told (None: it was told nothing), and whether that is over."""

    differing: tuple[str, ...]
    lives: bool
    agreed: bool
    until: date | None
    over: bool


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
