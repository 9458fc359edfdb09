"""Plots: databases on which one town after the other stands, put in order in between.

To copy a database costs more than most tests do; to take back what one of them left costs little.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from casework.common.database import Database
from casework.common.timekeeping import Timekeeper
from casework.kernel.office import Office
from casework.models import Base
from casework.rules.rule_cache import RuleShelf
from tests.support.letterbox import Letterbox

_TABLES = sorted(Base.metadata.tables)
_MOST_CONNECTIONS = 20
# Whatever writes a row signs it with its transaction, which is later than all that were before.
_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}"  # noqa: S608
    for table in _TABLES
)
_COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
# The tables with their columns, who may do what with them, and what guards them.
_BUILT = """
    SELECT sum(hashtextextended(what, 0)) FROM (
        SELECT concat(relname, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT concat(attrelid::regclass, attname, atttypid, attacl) FROM pg_attribute
        JOIN pg_class ON attrelid = pg_class.oid AND relnamespace = 'public'::regnamespace
    ) AS built (what)
"""
_OTHERS = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_END_OTHERS = f"SELECT pg_terminate_backend(pid, 5000) FROM {_OTHERS}"  # noqa: S608


@dataclass(frozen=True)
class Settled:
    """What every town begins with: rows by table, counters, and an office's rules of it."""

    rows: Mapping[str, bytes]
    counters: Mapping[str, int]
    rules: RuleShelf

    @classmethod
    def read(cls, url: str) -> Settled:
        """What is in the database at the owner's `url`."""
        rules = RuleShelf()
        with closing(Database(url)) as database, database.session() as session:
            rules.current(session)
        with psycopg.connect(url) as owner:
            found = {table: _copied(owner, table) for table in _TABLES}
            rows = {table: copied for table, copied in found.items() if copied}
            return cls(rows, _pairs(owner, _COUNTERS), rules)


class Plot:
    """A copy of the settled database.

    Its engine keeps connections and compiled statements from one town to the next.
    """

    def __init__(self, settled: Settled, url: str) -> None:
        self.url = url
        self.database = Database(url)
        self._settled = settled
        self._owner = psycopg.connect(url)
        self._built = self._owner.execute(_BUILT).fetchone()
        self._rows = _rows(self._owner)
        self._owner.commit()

    def office(self, time: Timekeeper) -> Office:
        """An office that has read the rules of the settled town, and no more."""
        office = Office(
            self.database, time, public_url="http://127.0.0.1:8000", mailbox=Letterbox()
        )
        known = self._settled.rules
        office.rules._seen, office.rules._rules = known._seen, known._rules
        return office

    def put_in_order(self) -> bool:
        """Take back all that was written; False if more than rows was changed."""
        owner, settled = self._owner, self._settled
        [others] = owner.execute(f"SELECT count(*) FROM {_OTHERS}").fetchone() or (0,)  # noqa: S608
        owner.execute(_END_OTHERS + (" AND state <> 'idle'" if others < _MOST_CONNECTIONS else ""))
        owner.commit()
        if owner.execute(_BUILT).fetchone() != self._built:
            return False
        rows, counters = _rows(owner), _pairs(owner, _COUNTERS)
        # No trigger fires, and no row is asked what points at it.
        owner.execute("SET LOCAL session_replication_role = replica")
        came = [table for table in _TABLES if table not in settled.rows]
        if counters != settled.counters or any(rows[table] != self._rows[table] for table in came):
            owner.execute(f"TRUNCATE {', '.join(came)} RESTART IDENTITY")
            for name, last in settled.counters.items():
                if last is not None and last != counters[name]:
                    owner.execute("SELECT setval(%s, %s)", (name, last))
        changed = [table for table in settled.rows if rows[table] != self._rows[table]]
        for table in changed:
            owner.execute(f"DELETE FROM {table}")  # noqa: S608
            with owner.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(settled.rows[table])
        if changed:
            self._rows = _rows(owner)
        owner.commit()
        return True

    def leave(self) -> None:
        """End every connection to it."""
        self.database.close()
        self._owner.close()


def _rows(owner: psycopg.Connection) -> dict[str, tuple[Any, ...]]:
    return {table: tuple(rest) for table, *rest in owner.execute(_ROWS)}


def _pairs(owner: psycopg.Connection, query: str) -> dict[str, Any]:
    return dict(owner.execute(query).fetchall())


def _copied(owner: psycopg.Connection, table: str) -> bytes:
    with owner.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
