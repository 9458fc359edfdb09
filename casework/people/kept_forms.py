"""What somebody had typed when the log-in ended (未提交的表单): kept for its person, for a while.

So that whoever logs in again goes on where the form was left. It is nobody else's: another person
who logs in at the same desk does not see it. Passwords, one-time codes and files are never kept.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.models import KeptForm

KEPT_FOR = timedelta(hours=2)
MOST = 5  # of one person
LARGEST = 1024 * 1024  # characters of one form


@dataclass(frozen=True)
class Kept:
    """A form that was left: its page, what was typed by name, and the names of files chosen."""

    page: str
    fields: Mapping[str, Sequence[str]]
    files: tuple[str, ...]


def keep(
    session: Session,
    person_id: int,
    page: str,
    fields: Mapping[str, Sequence[str]],
    files: Sequence[str],
    now: datetime,
) -> str:
    """Keep what a person had typed; gives the handle to it, empty if it is too much to keep."""
    typed = {name: list(values) for name, values in fields.items()}
    if len(json.dumps(typed, ensure_ascii=False)) > LARGEST:
        return ""
    handle = secrets.token_urlsafe(24)
    forget_old(session, now)
    earlier = (
        select(KeptForm.handle_hash)
        .where(KeptForm.person_id == person_id)
        .order_by(KeptForm.created_at.desc(), KeptForm.handle_hash)
        .offset(MOST - 1)
    )
    session.execute(delete(KeptForm).where(KeptForm.handle_hash.in_(earlier)))
    session.add(
        KeptForm(
            handle_hash=_hash(handle),
            person_id=person_id,
            page=page,
            fields=typed,
            files=list(files),
            created_at=now,
            expires_at=now + KEPT_FOR,
        )
    )
    session.flush()
    return handle


def kept(session: Session, handle: str, person_id: int, now: datetime) -> Kept | None:
    """What is kept under a handle for that person; None if nothing is."""
    row = session.scalar(
        select(KeptForm).where(
            KeptForm.handle_hash == _hash(handle),
            KeptForm.person_id == person_id,
            KeptForm.expires_at > now,
        )
    )
    return Kept(row.page, row.fields, tuple(row.files)) if row else None


def forget_old(session: Session, now: datetime) -> None:
    """Keep no longer what was kept long enough; done whenever anybody logs in."""
    session.execute(delete(KeptForm).where(KeptForm.expires_at <= now))


def drop(session: Session, handle: str) -> None:
    """Keep it no longer, whosever it is."""
    session.execute(delete(KeptForm).where(KeptForm.handle_hash == _hash(handle)))


def _hash(handle: str) -> str:
    return sha256(handle.encode(errors="surrogatepass")).hexdigest()
