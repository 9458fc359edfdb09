"""A superuser who makes it all agree: what he changes, he changes wherever it is told, computes
every hash again, and at last the roots that the database itself keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from casework.acts.journal import FIRST, payload_digest, row_hash
from casework.audit import roots
from casework.audit.roots import Root
from casework.common.database import engine_for
from casework.grading.draws.draw_book import hash_of as hash_of_draw
from casework.models import AdminEntry, Base, Case, DailyRoot, Draw, LogRow
from casework.people.administration.admin_log import as_told, hash_of

Row = TypeVar("Row", bound=Base)
# What cases are found by, as the database itself would have it.
_FOUND_BY = text(
    "UPDATE case_search s SET number = c.number, said = case_said(c.party_id, c.place_id, c.data)"
    " FROM case_file c WHERE c.id = s.case_id"
)


@contextmanager
def forging(url: str) -> Iterator[Session]:
    """A session of whoever owns the database, without triggers and foreign keys; what was done in
    it is made to agree, and kept."""
    engine = engine_for(url, role=None)
    with Session(engine) as session, session.begin():
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.flush()
        session.execute(_FOUND_BY)
        _seal_again(session)
    engine.dispose()


def newest(session: Session, model: type[Row], *where: Any) -> Row:
    """The row that came last, of those that are so."""
    key = model.__table__.c.id
    return session.scalars(select(model).where(*where).order_by(key.desc()).limit(1)).one()


def log_of(session: Session, case: Case) -> list[LogRow]:
    """The rows of a case's log, in order."""
    rows = select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    return list(session.scalars(rows))


def rewrite(
    session: Session,
    case: Case,
    change: Callable[[dict[str, Any], dict[str, Any]], None] = lambda header, payload: None,
) -> None:
    """Let the log of a case say something else, in headers or payloads, chained up to its head."""
    previous, rows = FIRST, log_of(session, case)
    for row in rows:
        header, payload = deepcopy(row.header), deepcopy(row.payload)
        change(header, payload)
        for one in header.get("redacts", ()):  # what was taken away from rows that came before
            digest = rows[one["seq"] - 1].payload_digest
            one |= {"was": digest, "left": digest}
        row.header, row.payload, row.previous = header, payload, previous
        row.payload_digest = payload_digest(row.salt, payload)
        row.hash = previous = row_hash(header, row.payload_digest, previous)
    case.head_hash, case.head_seq = previous, len(rows)
    flag_modified(case, "data")


def tell_otherwise(
    session: Session, case: Case, register: str, change: Callable[[dict[str, Any]], None]
) -> None:
    """Let the log of a case tell otherwise of what its acts have put into a register."""

    def anew(_: dict[str, Any], payload: dict[str, Any]) -> None:
        for item in payload.get("caused", {}).get(register, []):
            change(item)

    rewrite(session, case, anew)


def administer_otherwise(
    session: Session, row: Any, change: Callable[[dict[str, Any]], None] = lambda said: None
) -> None:
    """Let the log of administration tell a row as it stands now, and what else is changed."""
    session.flush()
    previous: dict[int, str] = {}
    for entry in session.scalars(select(AdminEntry).order_by(AdminEntry.id)):
        said = deepcopy(entry.said)
        told = [n for n, one in enumerate(said["rows"]) if _is(one, row)]
        for n in told:
            said["rows"][n] = as_told(row)
        if told or row is None:
            change(said)
        entry.said, entry.previous = said, previous.get(entry.authority_id, FIRST)
        entry.hash = previous[entry.authority_id] = hash_of(entry)


def draw_otherwise(session: Session, draw: Draw, said: Mapping[str, Any] | None = None) -> None:
    """Let a draw have come out otherwise; it is the last one."""
    draw.said = {**draw.said, **(said or {})}
    draw.hash = hash_of_draw(draw)


def swap(row: Any, content: bytes) -> tuple[str, str]:
    """Other bytes for a file; gives their digest before and now."""
    before, row.content = row.digest, content
    row.digest = sha256(content).hexdigest()
    if hasattr(row, "size"):
        row.size = len(content)
    return before, row.digest


def _is(told: Mapping[str, Any], row: Any) -> bool:
    return row is not None and (told["table"], told["id"]) == (row.__tablename__, row.id)


def _seal_again(session: Session) -> None:
    session.flush()
    session.expire_all()
    roots._prepare(session)
    rows = session.scalars(select(DailyRoot).order_by(DailyRoot.id)).all()
    before = [Root(row.day, row.sealed_at, roots._parts(row.parts)) for row in rows]
    for row, parts in zip(rows, roots._again(session, before), strict=True):
        root = Root(row.day, row.sealed_at, parts)
        row.parts = {name: asdict(part) for name, part in parts.items()}
        row.root, row.cases = root.hash, root.cases
