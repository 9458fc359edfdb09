"""The shelf of rules holds whatever can be seen, in whatever order it was committed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import EditionRow
from casework.rules.rule_cache import as_held
from tests.support.town import LONG_AGO, START, Town


def _edition(key: str) -> EditionRow:
    return EditionRow(
        kind="key",
        key=key,
        scope=None,
        valid_from=LONG_AGO,
        valid_to=None,
        content={"label": key, "value": 1},
        law="",
        mark="S",
        source="test",
        digest=key,
        loaded_at=START,
    )


def test_an_edition_that_was_committed_after_a_later_one_is_seen(town: Town) -> None:
    def known() -> list[str]:
        with town.session() as session:
            return town.office.rules.current(session).keys("key")

    with Session(town.database.engine) as slow:
        slow.add(_edition("began_first"))
        slow.flush()
        with town.session() as session:
            session.add(_edition("began_second"))
        assert "began_second" in known()
        assert "began_first" not in known()
        slow.commit()
    assert "began_first" in known()


def test_a_place_that_closes_its_entry_is_back_at_the_nation_s(town: Town) -> None:
    """Also where the database has loaded that entry while no end of it was known."""

    def length(day: date) -> tuple[int, str]:
        with town.session() as session:
            limit, _ = town.office.rules.current(session).limit("check.first", day, "320600")
            return limit.n, limit.unit

    closed, day_after = date(2026, 8, 31), date(2026, 9, 1)
    assert length(closed) == length(day_after) == (1, "month")
    with town.session() as session:
        row = session.scalars(
            select(EditionRow).where(EditionRow.key == "check.first", EditionRow.scope == "320000")
        ).one()
        edition = replace(as_held(row).edition, valid_to=closed)
        known = {name: getattr(row, name) for name in ("content", "law", "mark", "source", "blob")}
        session.add(
            EditionRow(
                kind=edition.kind,
                key=edition.key,
                scope=edition.scope,
                valid_from=edition.valid_from,
                valid_to=edition.valid_to,
                digest=edition.digest,
                loaded_at=START,
                **known,
            )
        )
    assert length(closed) == (1, "month")
    assert length(day_after) == (60, "cd")
