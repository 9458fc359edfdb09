"""Facts about putting one's own decision right: clerical errors (笔误), 撤销、变更."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slips:
    """`known`: the document is one that may be corrected here. Of its errors: those that are no
    clerical ones (`substance`), whose wrong text does not stand there (`absent`), that change
    nothing (`same`); `allowed` is what may be corrected."""

    known: bool
    substance: tuple[str, ...]
    absent: tuple[str, ...]
    same: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class UnservedCorrection:
    """Whether something was corrected that has not been served yet."""

    waits: bool


@dataclass(frozen=True)
class UndoingProposed:
    """Whether a draft of undoing the decision waits to be reviewed."""

    waits: bool


@dataclass(frozen=True)
class UndoingReviewed:
    """Whether the legal reviewer passed the draft, as it now stands, of undoing the decision."""

    passed: bool


@dataclass(frozen=True)
class UndoingKind:
    """Whether the decision is to be changed (变更) rather than revoked."""

    changed: bool
