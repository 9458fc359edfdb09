"""A party (当事人) as its own people and officers see it; `masking` is how everybody else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.models import Party


@dataclass(frozen=True)
class PartyView:
    """The party (当事人). `code_override_reason`: why a doubtful code was let stand;
    `dissolved_on` the day of its 注销登记."""

    name: str
    code_kind: str
    code: str
    code_override_reason: str | None
    representative: str
    address: str
    phone: str
    dissolved_on: date | None


def party_view(party: Party) -> PartyView:
    """A party as its own people and officers see it."""
    return PartyView(
        party.name,
        party.code_kind,
        party.code,
        party.code_override_reason,
        party.representative,
        party.address,
        party.phone,
        party.dissolved_on,
    )
