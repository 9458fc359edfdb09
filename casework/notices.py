"""Writing notices into the outbox (通知), each under a key of its own, so none goes out twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.models import Case, Notice

PARTY = "party"


def put(
    session: Session,
    case: Case,
    *,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
) -> bool:
    """Put one notice into the outbox, to `party` or to a role of the case's authority.

    Gives False if a notice under that key was there already. `kind` is step, reminder or breach.
    """
    statement = insert(Notice).values(
        key=key,
        kind=kind,
        case_id=case.id,
        authority_id=case.authority_id,
        to_party_id=case.party_id if to == PARTY else None,
        to_role=None if to == PARTY else to,
        subject=subject,
        body=body,
        created_at=now,
        attempts=0,
        next_try_at=now,
    )
    written = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(Notice.id)
    )
    return written is not None
