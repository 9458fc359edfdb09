"""The record that something sent came to the system of its address (到达回执)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework.common.timekeeping import ZONE


@dataclass(frozen=True)
class Arrival:
    """By which system it was sent, how that calls it, and when it arrived; `papers` are the keys
    and log rows of the documents that came with it; `consented_on` is the day of the consent under
    which they were sent."""

    system: str
    receipt: str
    at: datetime
    papers: frozenset[tuple[str, int]]
    consented_on: date | None

    def to_json(self) -> dict[str, Any]:
        """As the log tells it."""
        return {
            "system": self.system,
            "receipt": self.receipt,
            "at": self.at.astimezone(ZONE).isoformat(),
        }


def in_words(told: Mapping[str, Any]) -> str:
    """An arrival that the log tells, as a receipt proves its service by it."""
    at = datetime.fromisoformat(told["at"]).astimezone(ZONE)
    return f"{at:%Y-%m-%d %H:%M:%S}到达，发送渠道“{told['system']}”，到达回执{told['receipt']}"
