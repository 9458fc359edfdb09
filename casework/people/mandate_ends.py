"""Ending a mandate before its time, and telling of it in the history of its party (变更登记)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.timekeeping import legal_date
from casework.models import Mandate, PartyChange

MANDATE, UNTIL = "mandate", "valid_to"
# Rows of a party's history that change its entry, and not who acts for it.
CORRECTS = func.json_extract_path_text(PartyChange.changes, MANDATE, "0").is_(None)


def end_mandate(
    session: Session, mandate: Mandate, because: str, actor: Actor, now: datetime
) -> None:
    """End a mandate from today on, and tell of it: from which last day to which."""
    today = legal_date(now)
    until = today - timedelta(days=1)
    formerly = mandate.valid_to.isoformat() if mandate.valid_to else ""
    session.add(
        PartyChange(
            party_id=mandate.party_id,
            changes={
                MANDATE: [str(mandate.id), str(mandate.id)],
                UNTIL: [formerly, until.isoformat()],
            },
            reason=because,
            effective_on=today,
            recorded_by=actor.person_id,
            recorded_at=now,
        )
    )
    mandate.valid_to, mandate.ended_because = until, because
