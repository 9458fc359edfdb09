"""Facts about 行政复议 and 行政诉讼."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedies:
    """What is pending against the decision, and what has changed it, each by its Chinese name."""

    pending: tuple[str, ...]
    changed_by: tuple[str, ...]
