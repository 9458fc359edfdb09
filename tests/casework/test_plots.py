"""A plot put in order is as good as a fresh copy: no test sees what the one before it did."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from casework.acts.actors import Actor
from casework.common.database import Database, engine_for
from casework.common.problems import GuardRefused
from casework.kernel.office import Office
from tests.support import exemptions, penalties
from tests.support.journeys import (
    address,
    check_to,
    exemption_to,
    follow,
    joint_to,
    training_to,
)
from tests.support.penalties import penalty_to
from tests.support.records import contents
from tests.support.rules import set_key
from tests.support.standing import Standing, bring_back, kept_in
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


def test_a_journey_brought_back_is_as_the_one_that_was_gone(
    server: str, settled: dict[str, Actor]
) -> None:
    found = []
    for _ in range(2):
        with fresh_town(server, settled) as town:
            with town.session() as session:
                set_key(session, "licence.late_renewal", value="accept_warn")
            numbers = [town.granted(address=address(1)), penalty_to(town, "served")]
            check_to(town, numbers[0], "revoked")
            rows, counters = _read(town)
            found.append((rows, counters, town.time.instant, numbers))
            # What comes next is done, as it would have been.
            follow(town, town.relative(numbers[0], "check").number, ("serve", "inspector1"))
    # Rows are signed at random, so these are the very same ones.
    assert found[0] == found[1]


def test_other_journeys_are_not_brought_back(server: str, settled: dict[str, Actor]) -> None:
    with fresh_town(server, settled) as town:
        first = town.granted(address=address(1))
        assert town.granted(address=address(2)) != first
    with fresh_town(server, settled) as town:
        town.time.pass_(days=1)
        number = town.granted(address=address(1))
        assert town.case(number).opened_at == town.time.instant
    with fresh_town(server, settled) as town:
        with town.session() as session:
            set_key(session, "licensing.window_may_grant", value=False)
        with pytest.raises(GuardRefused):
            town.granted(address=address(1))


def test_the_city_that_was_kept_is_the_one_that_was_laid_out(
    server: str, settled: dict[str, Actor], standing: Standing
) -> None:
    with standing.copied() as (town, numbers):
        there = _read(town)
    with fresh_copy(server, SETTLED, "again") as url:
        again, people = bring_back(kept_in(), url)
        with closing(Database(url)) as database:
            time = StoppedTime()
            office = Office(database, time, public_url="http://127.0.0.1:8000")
            town = Town(url, database, time, office, people)
            assert _read(town) == there
            assert town.granted(address=address(290), by="applicant2")
    assert (again, people) == (numbers, standing.people) == (numbers, settled)


def test_journeys_of_one_name_are_told_apart(server: str, settled: dict[str, Actor]) -> None:
    for module, process in ((penalties, "penalty"), (exemptions, "first_offence_exemption")):
        with fresh_town(server, settled) as town:
            assert town.case(module.open_lead(town)).process == process
