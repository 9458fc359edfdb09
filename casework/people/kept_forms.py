"""What somebody had typed and not sent (未提交的表单): kept for its person, for a while.

What was typed when the log-in ended is kept under a handle, so that whoever logs in again goes on
where the form was left. A draft (草稿) is kept for as long as a rule says under its person and the
page of its form, so that there is one of each, whatever the device. Both are nobody else's: another
person at the same desk does not see them. Passwords, one-time codes and files are never kept.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.problems import TooLarge
from casework.models import KeptForm

KEPT_FOR = timedelta(hours=2)
MOST = 5  # of one person
MOST_DRAFTS = 50  # of one person
KEEPING_DAYS = "drafts.keeping_days"
LARGEST = 1024 * 1024  # characters of one form


@dataclass(frozen=True)
class Kept:
    """A form that was left: its page, what was typed by name, and the names of files chosen."""

    page: str
    fields: Mapping[str, Sequence[str]]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Draft(Kept):
    """A draft: what it is of, when it was last saved, until when it is kept, and the `mark` of that
    saving, by which a page knows whether another one saved since."""

    title: str
    saved_at: datetime
    expires_at: datetime
    mark: str


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
    if _too_much(typed):
        return ""
    handle = secrets.token_urlsafe(24)
    forget_old(session, now)
    _make_room(session, KeptForm.title == "", person_id, MOST)
    session.add(
        KeptForm(
            handle_hash=_hash(handle),
            person_id=person_id,
            page=page,
            title="",
            mark="",
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


def save(
    session: Session,
    person_id: int,
    page: str,
    title: str,
    fields: Mapping[str, Sequence[str]],
    files: Sequence[str],
    now: datetime,
    keeping: timedelta,
) -> Draft:
    """Save the draft of the form on a page, in place of the one before; gives it as it is now.
    Raises TooLarge."""
    typed = {name: list(values) for name, values in fields.items()}
    if _too_much(typed):
        raise TooLarge("填写的内容过多，不能保存为草稿，请直接提交")
    saved: dict[str, Any] = {
        "title": title,
        "mark": secrets.token_urlsafe(9),
        "fields": typed,
        "files": list(files),
        "created_at": now,
        "expires_at": now + keeping,
    }
    key = _hash(_name(person_id, page))
    of_others = (KeptForm.title != "") & (KeptForm.handle_hash != key)
    _make_room(session, of_others, person_id, MOST_DRAFTS)
    row = insert(KeptForm).values(handle_hash=key, person_id=person_id, page=page, **saved)
    session.execute(row.on_conflict_do_update(index_elements=["handle_hash"], set_=saved))
    return Draft(page, typed, tuple(files), title, now, now + keeping, saved["mark"])


def draft(session: Session, person_id: int, page: str, now: datetime) -> Draft | None:
    """A person's draft of the form on a page; None if there is none."""
    key = KeptForm.handle_hash == _hash(_name(person_id, page))
    return next(iter(_drafts(session, key, person_id, now)), None)


def drafts(session: Session, person_id: int, now: datetime) -> list[Draft]:
    """All drafts of a person, the latest first."""
    return _drafts(session, KeptForm.title != "", person_id, now)


def drafts_counted(session: Session, person_id: int, now: datetime) -> int:
    """How many drafts a person has."""
    mine = (KeptForm.person_id == person_id) & (KeptForm.title != "") & (KeptForm.expires_at > now)
    return session.scalar(select(func.count()).select_from(KeptForm).where(mine)) or 0


def discard(session: Session, person_id: int, page: str) -> None:
    """Keep a person's draft of the form on a page no longer."""
    drop(session, _name(person_id, page))


def forget_case(session: Session, number: str) -> None:
    """Keep nothing that anybody had typed into a form of a case."""
    pages = (f"/cases/{number}", f"/counter/sitting/{number}")
    begun = [f"{page}{end}" for page in pages for end in "/?"]
    under = [KeptForm.page.startswith(one, autoescape=True) for one in begun]
    session.execute(delete(KeptForm).where(or_(KeptForm.page.in_(pages), *under)))


def forget_old(session: Session, now: datetime) -> None:
    """Keep no longer what was kept long enough; done whenever anybody logs in."""
    session.execute(delete(KeptForm).where(KeptForm.expires_at <= now))


def drop(session: Session, handle: str) -> None:
    """Keep it no longer, whosever it is."""
    session.execute(delete(KeptForm).where(KeptForm.handle_hash == _hash(handle)))


def _drafts(
    session: Session, which: ColumnElement[bool], person_id: int, now: datetime
) -> list[Draft]:
    rows = session.scalars(
        select(KeptForm)
        .where(which, KeptForm.person_id == person_id, KeptForm.expires_at > now)
        .order_by(KeptForm.created_at.desc(), KeptForm.handle_hash)
    )
    return [
        Draft(
            row.page,
            row.fields,
            tuple(row.files),
            row.title,
            row.created_at,
            row.expires_at,
            row.mark,
        )
        for row in rows
    ]


def _make_room(session: Session, which: ColumnElement[bool], person_id: int, most: int) -> None:
    """Keep no more of a person's forms than leave room for one more among so many."""
    earlier = (
        select(KeptForm.handle_hash)
        .where(KeptForm.person_id == person_id, which)
        .order_by(KeptForm.created_at.desc(), KeptForm.handle_hash)
        .offset(most - 1)
    )
    session.execute(delete(KeptForm).where(KeptForm.handle_hash.in_(earlier)))


def _too_much(typed: Mapping[str, Sequence[str]]) -> bool:
    return len(json.dumps(typed, ensure_ascii=False)) > LARGEST


def _name(person_id: int, page: str) -> str:
    """Under which name a draft is kept in place of a handle."""
    return f"{person_id} {page}"


def _hash(handle: str) -> str:
    return sha256(handle.encode(errors="surrogatepass")).hexdigest()
