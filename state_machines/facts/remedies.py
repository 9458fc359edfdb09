"""Facts about 行政复议 and 行政诉讼."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedies:
    """What is pending against the decision, and what has changed it, each by its Chinese name."""

    pending: tuple[str, ...]
    changed_by: tuple[str, ...]


@dataclass(frozen=True)
class VariedSentence:
    """A sentence as 行政复议 or a court varied it, against the one that stood before.

    `leaves_it` says that the decision was merely found unlawful, `listed` whether measures are
    given. `other_kinds` are kinds of penalty that did not stand before, `raised` is in what those
    that did are heavier. `because` is the exception that is claimed (its name), `restored` whether
    the measures are no heavier than those once decided.
    """

    leaves_it: bool
    listed: bool
    other_kinds: tuple[str, ...]
    raised: tuple[str, ...]
    because: str
    restored: bool
