"""All rows of a database, kept to be brought back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from casework.models import Base

TABLES = sorted(Base.metadata.tables)
# Whatever writes a row signs it with its transaction, which is later than all that were before.
_SIGNED = " UNION ALL ".join(
    f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}"  # noqa: S608
    for table in TABLES
)
_COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"

Signs = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Rows:
    """Rows by table, where there are any, and what the counters last gave out."""

    tables: Mapping[str, bytes]
    counters: Mapping[str, int | None]

    @classmethod
    def read(cls, owner: psycopg.Connection, known: Mapping[str, bytes] | None = None) -> Rows:
        """What is in the database of that connection, where it is not `known`."""
        known = known or {}
        found = {
            table: known[table] if table in known else _copied(owner, table) for table in TABLES
        }
        tables = {table: copied for table, copied in found.items() if copied}
        return cls(tables, counters(owner))

    def put_back(self, owner: psycopg.Connection, into: Iterable[str] = TABLES) -> None:
        """Replace what is in those tables, until the end of this transaction by nobody guarded."""
        unguarded(owner)
        for table in into:
            owner.execute(f"DELETE FROM {table}")  # noqa: S608
            if table in self.tables:
                with owner.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(self.tables[table])

    def count_on(self, owner: psycopg.Connection) -> None:
        """Let the counters go on from where they stood, as far as they have moved."""
        now = counters(owner)
        for name, last in self.counters.items():
            if last != now[name]:
                begun = last is not None
                owner.execute("SELECT setval(%s, %s, %s)", (name, last if begun else 1, begun))


def unguarded(owner: psycopg.Connection) -> None:
    """In this transaction no trigger fires, and no row is asked what points at it."""
    owner.execute("SET LOCAL session_replication_role = replica")


def signs(owner: psycopg.Connection) -> Signs:
    """By table how many rows it has, and who wrote there last: other signs, other rows."""
    return {table: tuple(rest) for table, *rest in owner.execute(_SIGNED)}


def counters(owner: psycopg.Connection) -> dict[str, int | None]:
    """What each counter gave out last."""
    return dict(owner.execute(_COUNTERS).fetchall())


def _copied(owner: psycopg.Connection, table: str) -> bytes:
    with owner.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
