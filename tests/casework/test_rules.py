"""The shelf of rules holds whatever can be seen, in whatever order it was committed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from casework.models import EditionRow
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
