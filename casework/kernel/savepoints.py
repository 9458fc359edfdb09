"""Parts of a transaction that may be undone, and with them what the session knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.dossier import forget_all
from casework.acts.successions import locks_given_back


@contextmanager
def savepoint(session: Session, *, keep: bool = True) -> Iterator[None]:
    """What is done inside is undone if it raises, or, without `keep`, at the end."""
    known = set(session.identity_map.keys())
    part = session.begin_nested()
    try:
        yield
        session.flush()
        if keep:
            part.commit()
    finally:
        if part.is_active:
            part.rollback()
            _forget(session, known)


def _forget(session: Session, known: set[Any]) -> None:
    """Rows that were begun, dossiers that were read and locks that were taken are no more."""
    for key in set(session.identity_map.keys()) - known:
        if (row := session.identity_map.get(key)) is not None:
            session.expunge(row)
    forget_all(session)
    locks_given_back(session)
