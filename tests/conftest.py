"""Fixtures: one embedded PostgreSQL per test process, and a fresh town per test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from casework.acts.actors import Actor
from casework.operations.embedded import embedded_database
from tests.support import tried
from tests.support.balance import Balanced, longest_first, takes_long
from tests.support.journeys import Numbers
from tests.support.passwords import hash_lightly
from tests.support.server import FOLDER, forget_all_at_a_crash, quick_folder
from tests.support.standing import Standing, laid_out
from tests.support.town import SETTLED, Town, fresh_town, lay_out

# The far ends of tests are on this machine.
os.environ.setdefault("NUOXIN_LOCAL_OUTLETS", "127.0.0.1:*")
# Now, since some files hash a password when they are read.
hash_lightly()
tried.watch()


# To lay out a case in every state takes a minute, and each page in a browser takes seconds.
_LONG = {"standing", "browser"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs either, and a file that takes long, is for the long run, but for a test that says
    it is for every day."""
    for item in items:
        long = takes_long(item) or _LONG & set(getattr(item, "fixturenames", ()))
        if long and item.get_closest_marker("everyday") is None:
            item.add_marker(pytest.mark.slow)
    longest_first(items)


def pytest_collection_finish() -> None:
    """All that was read stays until the end, so nobody need look for what of it can go."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Balanced:
    return Balanced(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of an embedded PostgreSQL for this test process."""
    # Not under pytest's own folder: another run would take the server's right to enter it away.
    with (
        TemporaryDirectory(prefix=FOLDER, dir=quick_folder(), ignore_cleanup_errors=True) as folder,
        embedded_database(Path(folder) / "pg") as url,
    ):
        forget_all_at_a_crash(url)
        yield url


@pytest.fixture(scope="session")
def settled(server: str) -> dict[str, Actor]:
    """A migrated database with people in it, to be copied; gives the people."""
    return lay_out(server, SETTLED)


@pytest.fixture
def town(server: str, settled: dict[str, Actor], request: pytest.FixtureRequest) -> Iterator[Town]:
    """A fresh town: its own database, people who can act, and a clock that stands."""
    with fresh_town(server, settled) as made:
        if "monkeypatch" in request.fixturenames:
            made.history = None  # a journey through other code is another journey
        yield made


@pytest.fixture(scope="module")
def module_town(server: str, settled: dict[str, Actor]) -> Iterator[Town]:
    """A town that the tests of one file share, so each must leave it as it was."""
    with fresh_town(server, settled) as made:
        yield made


@pytest.fixture(scope="session")
def standing(server: str, settled: dict[str, Actor]) -> Iterator[Standing]:
    """A database with a case in every state, to be copied."""
    with laid_out(server, settled) as made:
        yield made


@pytest.fixture(scope="module")
def full_town(standing: Standing) -> Iterator[tuple[Town, Numbers]]:
    """A town with a case in every state, and their numbers, for the tests of one file."""
    with standing.copied() as made:
        yield made


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was tried: a worker to whom it works for, the others to the cache."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["tried"] = sorted(tried.found)
    else:
        tried.write(tried.LAST, tried.found)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    tried.found |= {tuple(line) for line in getattr(node, "workeroutput", {}).get("tried", ())}
