"""Facts about clerical errors (笔误) in an issued document."""

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
