"""A branch of a town: all that is done in it happens in one transaction that is never kept.

To take back what a walk wrote costs one statement, however much it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.common.database import Database
from casework.kernel.office import Office
from casework.rules.rendering import Template
from tests.support.town import StoppedTime, Town


class Branch(Database):
    """Sessions that are savepoints of one transaction."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = self.engine.connect()
        self._outer = self._connection.begin()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """As of any database: kept at the end, taken back on any exception."""
        with (
            Session(
                self._connection,
                join_transaction_mode="create_savepoint",
                expire_on_commit=False,
                autoflush=False,
            ) as session,
            session.begin(),
        ):
            yield session

    def take_back(self) -> None:
        """Everything since the last time, or the beginning."""
        self._outer.rollback()
        self._outer = self._connection.begin()

    def close(self) -> None:
        """Take everything back and leave."""
        self._outer.rollback()
        self._connection.close()
        super().close()


@contextmanager
def branching(town: Town) -> Iterator[Town]:
    """The same town on a branch; its letters are plain text, which is written in no time."""
    with closing(Branch(town.url)) as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", _plain)
        time = StoppedTime()
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        yield Town(town.url, database, time, office, dict(town.people))


def _plain(_template: Template, context: Mapping[str, Any]) -> bytes:
    return json.dumps(context, ensure_ascii=False, sort_keys=True, default=str).encode()
