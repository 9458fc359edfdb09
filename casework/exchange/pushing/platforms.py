"""The platforms of an authority (对接平台), as the rulebook has them for its region."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority
from casework.publicity.national_fields import REGISTERS, Entry
from rulebook.models import Platform


@dataclass(frozen=True)
class Counterpart:
    """A platform and the authority that pushes to it, at one moment."""

    platform: Platform
    authority_id: int
    authority: str
    region: str
    now: datetime

    @property
    def key(self) -> str:
        """The key of the platform."""
        return self.platform.key

    @property
    def today(self) -> date:
        """The legal date."""
        return legal_date(self.now)


def counterparts(
    office: Office, session: Session, authorities: Collection[int]
) -> tuple[Counterpart, ...]:
    """The platforms of these authorities today."""
    now, rules = office.time.now(), office.rules.current(session)
    found = select(Authority).where(Authority.id.in_(authorities)).order_by(Authority.id)
    return tuple(
        Counterpart(platform, authority.id, authority.code, authority.region, now)
        for authority in session.scalars(found)
        for platform in rules.platforms(legal_date(now), authority.region)
    )


def said_of(entry: Entry) -> dict[str, str]:
    """An entry of the ledger under the nation's codes."""
    return {field.code: field.of(entry) for field in REGISTERS[entry.publication.register]}
