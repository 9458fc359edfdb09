"""Changes of single rows, as whoever owns the database can make them: a value, a row taken away, a
row put in. Drawn, typed sensibly, and taken back at once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework.models import Base
from rulebook.tree import ROOT

FILE = ROOT / "tests" / "data" / "columns.toml"
ADDED, REMOVED = "added", "removed"
TABLES = Base.metadata.tables
_KINDS = text(
    "SELECT table_name || '.' || column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'public'"
)
_TRIES = 40


def columns() -> Mapping[str, Mapping[str, list[str] | str]]:
    """By table and column the names of the proofs that hold it, or why it needs none."""
    return tomllib.loads(FILE.read_text("utf-8"))


@dataclass(frozen=True)
class Change:
    """What was done to one row: `before` and `after` are the row as JSON has it, None where it was
    not there."""

    table: str
    what: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def __str__(self) -> str:
        row = self.before or self.after or {}
        key = row.get("id") or next(iter(row.values()))
        if self.before and self.after:
            said = f"{str(self.before[self.what])[:60]!r} → {str(self.after[self.what])[:60]!r}"
            return f"{self.table}.{self.what} of {key}: {said}"
        return f"{self.table} {key} {self.what}"

    @property
    def cases(self) -> set[int]:
        """The cases that the row is of, or names."""
        names = ("case_id", "origin_id", *(("id",) if self.table == "case_file" else ()))
        return {
            row[name] for row in (self.before, self.after) if row for name in names if row.get(name)
        }


class Changer:
    """Makes changes in a session of the database's owner, each within a savepoint."""

    def __init__(self, session: Session, seed: object) -> None:
        self._session, self._random = session, Random(str(seed))
        session.execute(text("SET LOCAL session_replication_role = replica"))
        self._kinds: dict[str, str] = dict(session.execute(_KINDS).tuples().all())
        self._places: dict[str, list[str]] = {}

    @contextmanager
    def changed(self, table: str, what: str) -> Iterator[Change | None]:
        """A drawn change of a row, taken back afterwards; None if there is nothing to change."""
        for _ in range(_TRIES):
            with self._session.begin_nested() as undo:
                try:
                    done = self._make(table, what)
                except DBAPIError:  # what the table itself refuses
                    done = None
                if done is not None:
                    self._session.expire_all()
                    yield done
                undo.rollback()
            self._session.expire_all()
            if done is not None:
                return
        yield None

    def _make(self, table: str, what: str) -> Change | None:
        place = self._place(table)
        if place is None:
            return None
        before = self._row(table, place)
        if what == REMOVED:
            self._session.execute(text(f"DELETE FROM {table} WHERE ctid = '{place}'"))  # noqa: S608
            return Change(table, what, before, None)
        if what == ADDED:
            return Change(table, what, None, self._add(table, dict(before)))
        said, given = self._otherwise(table, what, before)
        found = self._session.scalar(
            text(
                f"UPDATE {table} SET {what} = {said} WHERE ctid = '{place}'"  # noqa: S608
                f" AND {what}::text IS DISTINCT FROM ({said})::text RETURNING ctid::text"
            ),
            given,
        )
        return None if found is None else Change(table, what, before, self._row(table, found))

    def _place(self, table: str) -> str | None:
        if table not in self._places:
            rows = self._session.scalars(text(f"SELECT ctid::text FROM {table} ORDER BY ctid"))  # noqa: S608
            self._places[table] = list(rows)
        places = self._places[table]
        return self._random.choice(places) if places else None

    def _row(self, table: str, place: str) -> Mapping[str, Any]:
        row = text(f"SELECT row_to_json(t) FROM {table} t WHERE ctid = '{place}'")  # noqa: S608
        found: Mapping[str, Any] = self._session.scalar(row)
        return found

    def _add(self, table: str, row: dict[str, Any]) -> Mapping[str, Any]:
        """A row like another one, with a key of its own."""
        told = TABLES[table].columns
        unique = {column.name for column in told if column.unique or column.primary_key}
        for constraint in TABLES[table].constraints:
            if type(constraint).__name__ == "UniqueConstraint":
                unique |= set(constraint.columns.keys())
        for name in unique:
            if told[name].foreign_keys and name != "case_id":
                if told[name].unique and row[name] is not None:
                    row[name] += 10**6
                continue
            if isinstance(row[name], int):
                top = self._session.scalar(text(f"SELECT max({name}) FROM {table}"))  # noqa: S608
                row[name] = top + 1 if name != "case_id" else row[name]
            elif isinstance(row[name], str):
                row[name] += str(self._random.randrange(10))
        if {"case_id"} == {one.name for one in told if one.primary_key}:
            row["case_id"] += 100_000
        names = ", ".join(row)
        added = self._session.scalar(
            text(
                f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608
                f" FROM json_populate_record(NULL::{table}, CAST(:row AS json))"
                " RETURNING ctid::text"
            ),
            {"row": json.dumps(row)},
        )
        return self._row(table, added or "")

    def _otherwise(
        self, table: str, column: str, row: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Another value for a column, in SQL, and what is bound in it."""
        draw, declared = self._random.random(), TABLES[table].columns[column]
        if (declared.primary_key or declared.identity) and isinstance(row[column], int):
            return f"{column} + :by", {"by": self._random.randrange(10**6, 10**7)}
        if draw < 0.12 and declared.nullable and row[column] is not None:
            return "NULL", {}
        pointed = next(iter(declared.foreign_keys), None)
        if pointed is not None:
            other = f"{pointed.column.table.name}.{pointed.column.name}"
            of, name = other.split(".")
            return self._drawn(of, name, str(row[column]))
        if draw < 0.35:
            return self._drawn(table, column, str(row[column]))
        kind = self._kinds[f"{table}.{column}"]
        return _KINDS_OTHERWISE[kind](self._random, column, row[column])

    def _drawn(self, table: str, column: str, known: str) -> tuple[str, dict[str, Any]]:
        """The value of another row, or, if there is none, of this."""
        return (
            f"(SELECT {column} FROM {table} WHERE {column}::text IS DISTINCT FROM :known"  # noqa: S608
            f" ORDER BY md5({column}::text || :salt) LIMIT 1)",
            {"known": known, "salt": str(self._random.random())},
        )


Otherwise = Callable[[Random, str, Any], tuple[str, dict[str, Any]]]


def _text(random: Random, _: str, value: Any) -> tuple[str, dict[str, Any]]:
    said = value or ""
    at = random.randrange(len(said) + 1)
    return ":said", {"said": random.choice((said[:at] + "改" + said[at:], said + "1", "x"))}


def _number(random: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    return f"coalesce({column}, 0) + :by", {"by": random.choice((-1, 1, 2, 10))}


def _day(random: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    days = random.choice((-366, -30, -1, 1, 2, 30, 366))
    return f"coalesce({column}, DATE '2026-09-01') + CAST(:days AS int)", {"days": days}


def _instant(random: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    hours = random.choice((-720, -24, -1, 1, 24, 720))
    return (
        f"coalesce({column}, TIMESTAMPTZ '2026-09-01 09:00+08') + :hours * interval '1 hour'",
        {"hours": hours},
    )


def _json(random: Random, _: str, value: Any) -> tuple[str, dict[str, Any]]:
    return "CAST(:said AS json)", {"said": json.dumps(_bent(random, value))}


def _bent(random: Random, value: Any) -> Any:
    """The same but for one leaf."""
    if isinstance(value, dict) and value:
        key = random.choice(sorted(value))
        return {**value, key: _bent(random, value[key])}
    if isinstance(value, list) and value:
        at = random.randrange(len(value))
        return [*value[:at], _bent(random, value[at]), *value[at + 1 :]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}改" if isinstance(value, str) else {"改": 1}


def _bytes(random: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    at = random.randrange(4)
    return f"coalesce(overlay({column} placing '\\x07' from {at + 1}), '\\x01')", {}


def _truth(_: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    return f"NOT {column}", {}


def _list(random: Random, column: str, value: Any) -> tuple[str, dict[str, Any]]:
    if value and random.random() < 0.5:
        return f"trim_array({column}, 1)", {}
    more = "7" if value and isinstance(value[0], int) else "'x'"
    return f"array_append({column}, {more})", {}


_KINDS_OTHERWISE: Mapping[str, Otherwise] = {
    "text": _text,
    "bigint": _number,
    "date": _day,
    "timestamp with time zone": _instant,
    "json": _json,
    "bytea": _bytes,
    "boolean": _truth,
    "ARRAY": _list,
}
