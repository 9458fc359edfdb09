"""Fixtures: one embedded PostgreSQL per test process, and a fresh town per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from casework.actors import Actor
from casework.database import Database, engine_for
from casework.embedded import embedded_database
from casework.migration import migrate
from tests.support.town import SETTLED, START, Town, fresh_town, settle


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of an embedded PostgreSQL for this test process."""
    # Not under pytest's own folder: another run would take the server's right to enter it away.
    with (
        TemporaryDirectory(prefix="nuoxin-", ignore_cleanup_errors=True) as folder,
        embedded_database(Path(folder) / "pg") as url,
    ):
        yield url


@pytest.fixture(scope="session")
def settled(server: str) -> dict[str, Actor]:
    """A migrated database with people in it, to be copied; gives the people."""
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{SETTLED}"'))
    owner.dispose()
    url = server.replace("/postgres?", f"/{SETTLED}?")
    migrate(url, START)
    database = Database(url)
    with database.session() as session:
        people = settle(session)
    database.close()
    return people


@pytest.fixture
def town(server: str, settled: dict[str, Actor]) -> Iterator[Town]:
    """A fresh town: its own database, people who can act, and a clock that stands."""
    with fresh_town(server, settled) as made:
        yield made


@pytest.fixture(scope="module")
def module_town(server: str, settled: dict[str, Actor]) -> Iterator[Town]:
    """A town that the tests of one file share, so each must leave it as it was."""
    with fresh_town(server, settled) as made:
        yield made
