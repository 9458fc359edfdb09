"""Plots: databases on which one town after the other stands, put in order in between.

To copy a database costs more than most tests do; to take back what one of them left costs little.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import psycopg
from sqlalchemy import select

from casework.common.database import Database
from casework.common.timekeeping import Timekeeper
from casework.kernel.office import Office
from casework.models import ProcessVersion
from casework.rules.rule_cache import RuleCache
from casework.rules.versions import VersionCache
from tests.support import rows
from tests.support.history import History
from tests.support.rows import Rows

_MOST_CONNECTIONS = 20
# The tables with their columns, who may do what with them, and what guards them.
_BUILT = """
    SELECT sum(hashtextextended(what, 0)) FROM (
        SELECT concat(relname, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT concat(attrelid::regclass, attname, atttypid, attacl) FROM pg_attribute
        JOIN pg_class ON attrelid = pg_class.oid AND relnamespace = 'public'::regnamespace
    ) AS built (what)
"""
# To delete rows is quick, but what was deleted lies about; to truncate clears it away.
_LARGEST = "SELECT coalesce(max(pg_relation_size(oid)), 0) FROM pg_class WHERE relname = ANY(%s)"
_MOST_BYTES = 400_000
# What tables of these names point to cannot be truncated without them.
_POINTED_TO = """
    SELECT DISTINCT confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
"""
_OTHERS = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_END_OTHERS = f"SELECT pg_terminate_backend(pid, 5000) FROM {_OTHERS}"  # noqa: S608


@dataclass(frozen=True)
class Settled:
    """What every town begins with: its rows, and what an office has read of them."""

    rows: Rows
    rules: RuleCache
    versions: VersionCache

    @classmethod
    def read(cls, url: str) -> Settled:
        """What is in the database at the owner's `url`."""
        rules, versions = RuleCache(), VersionCache()
        with closing(Database(url)) as database, database.session() as session:
            rules.current(session)
            for digest in session.scalars(select(ProcessVersion.digest)).all():
                versions.by_digest(session, digest)
        with psycopg.connect(url) as owner:
            return cls(Rows.read(owner), rules, versions)


class Plot:
    """A copy of the settled database.

    Its engine keeps connections and compiled statements from one town to the next.
    """

    def __init__(self, settled: Settled, url: str) -> None:
        self.url = url
        self.database = Database(url)
        self._settled = settled
        self._office: Office | None = None
        # A test may hold a lock for as long as it lasts.
        self._owner = psycopg.connect(url, options="-c lock_timeout=2s")
        self._built = self._owner.execute(_BUILT).fetchone()
        self._signs = rows.signs(self._owner)
        self._owner.commit()

    def office(self, time: Timekeeper) -> Office:
        """The office of this plot, as if just opened: it has read the rules and versions of the
        settled town, and no more."""
        fresh = Office(self.database, time, public_url="http://127.0.0.1:8000")
        known = self._settled
        fresh.rules._seen, fresh.rules._rules = known.rules._seen, known.rules._rules
        fresh.versions._loaded = dict(known.versions._loaded)
        if self._office is None:
            self._office = fresh
        else:
            # What was built over it, such as its front door, is then over the new one.
            self._office.__dict__ = fresh.__dict__
        return self._office

    def history(self) -> History:
        """Of a town that begins here."""
        return History(self._owner, self._settled.rows, self._signs)

    def put_in_order(self) -> bool:
        """Take back all that was written; False if more than rows was changed."""
        owner, settled = self._owner, self._settled.rows
        [others] = owner.execute(f"SELECT count(*) FROM {_OTHERS}").fetchone() or (0,)  # noqa: S608
        owner.execute(_END_OTHERS + (" AND state <> 'idle'" if others < _MOST_CONNECTIONS else ""))
        owner.commit()
        if owner.execute(_BUILT).fetchone() != self._built:
            return False
        signs = rows.signs(owner)
        changed = [table for table in rows.TABLES if signs[table] != self._signs[table]]
        pointed_to = {row[0] for row in owner.execute(_POINTED_TO, (list(settled.tables),))}
        kept = {*settled.tables, *pointed_to}
        came = [table for table in rows.TABLES if table not in kept]
        rows.unguarded(owner)
        [largest] = owner.execute(_LARGEST, (came,)).fetchone() or (0,)
        if largest > _MOST_BYTES:
            owner.execute(f"TRUNCATE {', '.join(came)}")
            changed = [table for table in changed if table not in came]
        settled.put_back(owner, changed)
        settled.count_on(owner)
        if any(table in settled.tables for table in changed):
            self._signs = rows.signs(owner)
        owner.commit()
        return True

    def leave(self) -> None:
        """End every connection to it."""
        self.database.close()
        self._owner.close()
