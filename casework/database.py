"""The way to PostgreSQL: sessions that run as the application's own, limited role."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

APP_ROLE = "nuoxin_app"
_ATTEMPTS = 5

T = TypeVar("T")


def engine_for(url: str, *, role: str | None = APP_ROLE) -> Engine:
    """An engine for the URL of a PostgreSQL database (`postgresql://…`).

    Connections take on `role`, which may not change or delete log rows, and use UTC.
    With `role=None` they stay what the URL says: only migrations do that.
    """
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        json_serializer=_to_json,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
    )
    if role:

        @event.listens_for(engine, "connect")
        def take_role(connection: Any, _record: Any) -> None:
            connection.autocommit = True
            connection.execute(f'SET ROLE "{role}"')
            connection.autocommit = False

    return engine


class Database:
    """Sessions over one engine."""

    def __init__(self, url: str) -> None:
        self.engine = engine_for(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        with self._sessions.begin() as session:
            yield session

    def in_transaction(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction, again from the start after a deadlock or a serialization
        failure. Gives up with that error after five attempts."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self.session() as session:
                    return work(session)
            except DBAPIError as error:
                passing = isinstance(error.orig, DeadlockDetected | SerializationFailure)
                if not passing or attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
