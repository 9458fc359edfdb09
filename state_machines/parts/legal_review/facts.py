"""Legal review (法制审核): whether it must be, and what the reviewer looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReviewNeed:
    """What makes a legal review compulsory (处罚法58): grounds that somebody has stated or that
    follow from the file, and a hearing."""

    stated: tuple[str, ...]
    hearing_held: bool


@dataclass(frozen=True)
class ReviewLeftOut:
    """Whether a case comes to its decision without a legal review, and on which grounds one is
    compulsory."""

    left_out: bool
    grounds: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
    """Questions of the review that were not answered, and those answered with no."""

    unanswered: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class EarlyReview:
    """Whether the authority reviews before the notice too, and whether a hearing came after it."""

    allowed: bool
    hearing_held: bool
