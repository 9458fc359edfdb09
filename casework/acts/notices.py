"""Writing notices into the outbox (通知), each under a key of its own, so none goes out twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.acts.participants import authority_of
from casework.models import Case, Notice
from state_machines.language.vocabulary import Process

PARTY = "party"
CODE = "code"
# What serves documents electronically (电子送达): they go with it.
ELECTRONIC = "electronic"
# What stands in the place of a code that nobody is to read any more.
TAKEN_BACK = "（验证码不再保存）"


def notice_of(
    session: Session,
    case: Case,
    process: Process,
    *,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
) -> Notice:
    """A notice of a step or a breach for the outbox, to `party` or to a role of the authority at
    which it is held.

    A key that was used before fails the transaction: the same thing cannot happen twice.
    """
    serves = _authority_for(session, case, process, to)
    return Notice(**_row(case, serves, key, kind, to, subject, body, now))


def enqueue_unless_there(
    session: Session,
    case: Case,
    process: Process,
    *,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
) -> bool:
    """Put a notice into the outbox unless one under that key is there; tells whether it did."""
    statement = insert(Notice).values(
        _row(case, _authority_for(session, case, process, to), key, kind, to, subject, body, now)
    )
    written = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(Notice.id)
    )
    return written is not None


def enqueue_for_desk(
    session: Session,
    *,
    key: str,
    kind: str,
    authority_id: int,
    to_role: str,
    subject: str,
    body: str,
    now: datetime,
) -> int | None:
    """Tell a role of an authority of what is of no case, unless that was told under the key; gives
    the id of the notice if it was not."""
    statement = insert(Notice).values(
        key=key,
        kind=kind,
        case_id=None,
        authority_id=authority_id,
        to_role=to_role,
        subject=subject,
        body=body,
        created_at=now,
        attempts=0,
        next_try_at=now,
    )
    return session.scalar(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(Notice.id)
    )


def enqueue_code(session: Session, *, key: str, phone: str, body: str, now: datetime) -> None:
    """Put a message with a one-time code into the outbox, to a telephone and nobody's inbox."""
    session.add(
        Notice(
            key=key,
            kind=CODE,
            to_phone=phone,
            subject="验证码",
            body=body,
            created_at=now,
            attempts=0,
            next_try_at=now,
        )
    )


def enqueue_of_entry(
    session: Session,
    *,
    key: str,
    subject: str,
    body: str,
    now: datetime,
    party_id: int | None = None,
    phone: str | None = None,
) -> None:
    """Tell a party, or whoever has a telephone number, of what is of no case: its entry changed."""
    session.add(
        Notice(
            key=key,
            kind="step",
            to_party_id=party_id,
            to_phone=phone,
            subject=subject,
            body=body,
            created_at=now,
            attempts=0,
            next_try_at=now,
        )
    )


def _authority_for(session: Session, case: Case, process: Process, to: str) -> int:
    """The id of the authority whose notice it is: of the case for the party, else that of the
    desk."""
    return case.authority_id if to == PARTY else authority_of(session, case, process, to)


def _row(
    case: Case,
    authority_id: int,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "case_id": case.id,
        "authority_id": authority_id,
        "to_party_id": case.party_id if to == PARTY else None,
        "to_role": None if to == PARTY else to,
        "subject": subject,
        "body": body,
        "created_at": now,
        "attempts": 0,
        "next_try_at": now,
    }
