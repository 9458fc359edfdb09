"""Records that officers make before somebody (笔录)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordTimes:
    """From when to when a record was made, `HH:MM` of its day."""

    begun: str
    ended: str


@dataclass(frozen=True)
class RecordSignature:
    """How a paper ends: whether it was signed or nobody of the party was there, and what is noted
    for it: the reason, a witness, a recording."""

    signed: bool
    absent: bool
    reason: bool
    witness: bool
    recorded: bool


@dataclass(frozen=True)
class RecordCorrections:
    """Places of a signed record that were put right without being initialled."""

    not_initialled: tuple[str, ...]
