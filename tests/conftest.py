"""Fixtures: one embedded PostgreSQL per test process, and a fresh town per test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import text

from casework.database import Database, engine_for
from casework.embedded import embedded_database
from casework.migration import migrate
from casework.office import Office
from tests.support.town import START, StoppedTime, Town, fresh_copy, settle

_SETTLED = "town"
_serial = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded PostgreSQL for this test process."""
    with embedded_database(tmp_path_factory.mktemp("pg")) as url:
        yield url


@pytest.fixture(scope="session")
def settled(server: str) -> dict[str, object]:
    """A migrated database with people in it, to be copied; gives the people."""
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{_SETTLED}"'))
    owner.dispose()
    url = server.replace("/postgres?", f"/{_SETTLED}?")
    migrate(url, START)
    database = Database(url)
    with database.session() as session:
        people = settle(session)
    database.close()
    return dict(people)


@pytest.fixture
def town(server: str, settled: dict[str, object]) -> Iterator[Town]:
    """A fresh town: its own database, people who can act, and a clock that stands."""
    with fresh_copy(server, _SETTLED, f"town_{next(_serial)}") as url:
        database = Database(url)
        time = StoppedTime()
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        yield Town(url, database, time, office, dict(settled))  # type: ignore[arg-type]
        database.close()
