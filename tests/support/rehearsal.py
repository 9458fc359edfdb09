"""An office that only rehearses: everything is tried and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy.orm import Session

from casework.common.database import Database
from casework.kernel.office import Office
from tests.support import tried
from tests.support.town import Town


class Rehearsal(Database):
    """A database on which everything is tried and nothing is kept."""

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self._sessions() as session:
            yield session
            session.rollback()


@contextmanager
def rehearsing(town: Town) -> Iterator[Office]:
    """The office of a town on such a database."""
    with closing(Rehearsal(town.url)) as database, tried.rehearsed():
        yield Office(database, town.time, public_url="http://127.0.0.1:8000")
