"""Every column of every table is proved, or is listed with the reason why it needs no proof.

`tests/data/columns.toml` says of each column who proves it, or why nobody need. A column that is
new stands in neither until somebody says so. And the file is not believed: in a town with a case
in every state, what is said to be proved is changed, row by row, and the proof must find it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from sqlalchemy.orm import Session

from casework.audit.roots import Root
from casework.common.database import engine_for
from tests.support.changes import ADDED, REMOVED, TABLES, Changer, columns
from tests.support.column_page import PAGE, Tally, write_page
from tests.support.journeys import Numbers
from tests.support.lived import counted, live
from tests.support.proofs import NAMES, Proofs
from tests.support.town import Town

# In the suite each column that is proved is changed once; in a proof, so many changes are drawn.
_WHOLE = 150
_MANY = int(os.environ.get("NUOXIN_CHANGES", "10000"))


def test_every_column_is_proved_or_said_not_to_be() -> None:
    there = {name: {*table.columns.keys(), ADDED, REMOVED} for name, table in TABLES.items()}
    said = {name: set(of) for name, of in columns().items()}
    assert said == there, "say in tests/data/columns.toml who proves it, or why it needs no proof"


def test_who_proves_is_a_proof_and_a_reason_is_one() -> None:
    for table, of in columns().items():
        for column, said in of.items():
            if isinstance(said, str):
                assert len(said.split()) >= 4, f"{table}.{column}: say why"
            else:
                assert said, f"{table}.{column}"
                assert set(said) <= NAMES, f"{table}.{column}"


@pytest.fixture(scope="module")
def lived(
    full_town: tuple[Town, Numbers], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Town, Root]:
    """A town with a case in every state, in which every register has rows, sealed."""
    town, at = full_town
    return town, live(town, at, tmp_path_factory.mktemp("outside"))


@pytest.fixture
def owner(lived: tuple[Town, Root]) -> Iterator[Session]:
    """A session of the database's owner; nothing of it is kept."""
    engine = engine_for(lived[0].url, role=None)
    with Session(engine, autoflush=False) as session:
        yield session
        session.rollback()
    engine.dispose()


@pytest.mark.slow
def test_the_town_is_proved_and_has_rows_of_all_that_is(
    owner: Session, lived: tuple[Town, Root]
) -> None:
    town, root = lived
    assert Proofs(owner, root).whole() == []
    rows = counted(town)
    proved = {
        table
        for table, of in columns().items()
        if any(isinstance(said, list) for said in of.values())
    }
    assert {table for table in proved if not rows[table]} == set()


@pytest.mark.slow
def test_each_column_that_is_proved_is_missed_when_it_changes(
    owner: Session, lived: tuple[Town, Root]
) -> None:
    """Once each; a few are put to the whole proof besides."""
    proofs, changer, made = Proofs(owner, lived[1]), Changer(owner, "each"), count(1)
    missed = []
    for table, of in columns().items():
        for column, said in of.items():
            if isinstance(said, str):
                continue
            with changer.changed(table, column) as change:
                assert change is not None, f"{table}.{column}: nothing to change"
                if not proofs.find(said, change):
                    missed.append(str(change))
                elif next(made) % _WHOLE == 0:
                    assert proofs.whole(), change
    assert missed == []


@pytest.mark.heavy
@pytest.mark.slow
def test_many_changes_anywhere_are_found_or_need_no_proof(
    owner: Session, lived: tuple[Town, Root]
) -> None:
    """Drawn over all columns of all tables that have rows; what came of it is written down."""
    proofs, changer, random = Proofs(owner, lived[1]), Changer(owner, "many"), Random("many")
    rows, tally = counted(lived[0]), Tally()
    everything = [
        (table, column, said)
        for table, of in columns().items()
        if rows[table]
        for column, said in of.items()
    ]
    for _ in range(_MANY):
        table, column, said = random.choice(everything)
        with changer.changed(table, column) as change:
            if change is None:
                continue
            tally.note(change, said, isinstance(said, list) and proofs.find(said, change))
    write_page(tally, columns())
    assert tally.missed == []


def test_the_page_says_as_many_columns_as_there_are() -> None:
    page = PAGE.read_text("utf-8")
    for table, of in columns().items():
        proved = sum(isinstance(said, list) for said in of.values())
        assert f"| `{table}` | {proved} | {len(of) - proved} |" in page, table
