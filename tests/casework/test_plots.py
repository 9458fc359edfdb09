"""A plot put in order is as good as a fresh copy: no test sees what the one before it did."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from casework.acts.actors import Actor
from casework.common.database import Database, engine_for
from casework.kernel.office import Office
from tests.support.journeys import address, check_to, exemption_to, joint_to, training_to
from tests.support.records import contents
from tests.support.rules import set_key
from tests.support.town import SETTLED, StoppedTime, Town, fresh_copy, fresh_town

pytestmark = pytest.mark.slow

_COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


def _read(town: Town) -> tuple[dict[str, tuple[int, int]], list[tuple[str, int | None]]]:
    """Every row of every table, digested, and every counter."""
    owner = engine_for(town.url, role=None)
    with owner.connect() as connection:
        counters = sorted(tuple(row) for row in connection.execute(text(_COUNTERS)))
    owner.dispose()
    return contents(town), counters


def _live(town: Town) -> None:
    """Leave something in most of the tables, and change what was settled."""
    granted = town.granted(address=address(1))
    joint_to(town, "certs_ready", address(2))
    exemption_to(town, "exempted")
    training_to(town, "certified")
    check_to(town, granted, "revoked")
    with town.session() as session:
        set_key(session, "licence.late_renewal", value="accept_warn")
        session.execute(text("UPDATE party SET name = '改名'"))
        session.execute(text("UPDATE post SET valid_to = '2026-01-01' WHERE role = 'reviewer'"))


def test_a_plot_put_in_order_is_as_a_fresh_copy(server: str, settled: dict[str, Actor]) -> None:
    with (
        fresh_copy(server, SETTLED, "untouched") as url,
        closing(Database(url)) as database,
    ):
        time = StoppedTime()
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        untouched = _read(Town(url, database, time, office))
    with fresh_town(server, settled) as town:
        url = town.url
        _live(town)
        (rows, _), (before, _) = _read(town), untouched
        changed = {table for table in before if rows[table] != before[table]}
        assert changed > {"party", "post", "edition", "case_file", "case_log", "document"}
    with fresh_town(server, settled) as town:
        assert town.url == url, "the plot was not taken again"
        assert _read(town) == untouched
        assert town.granted(address=address(1)) == "CC-GC-2026-000001"
