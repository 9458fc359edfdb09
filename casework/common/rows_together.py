"""Rows that one statement reads, or writes, of several tables.

A step reads a dozen tables and writes half a dozen. Asked one by one they cost more than all that
the step decides, so what is read goes together as JSON, and what is written as one `INSERT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    LargeBinary,
    SelectBase,
    Table,
    TextClause,
    func,
    inspect,
    text,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from casework.common.database import to_json
from casework.models.base import Base

R = TypeVar("R", bound=Base)

_DIALECT = PGDialect(json_serializer=to_json, paramstyle="named")  # type: ignore[no-untyped-call]


def as_text(statement: SelectBase) -> TextClause:
    """The same statement, put into words once: SQLAlchemy works out a long one at every use."""
    return text(str(statement.compile(dialect=_DIALECT)))


def as_json(row: type[Base]) -> ColumnElement[Any]:
    """A row of a table, or of an alias of it, as a list, without what is only loaded on demand."""
    return func.json_build_array(*(getattr(row, name) for name, _ in _read(inspect(row).mapper)))


def from_json(model: type[R], told: Sequence[Any]) -> R:
    """A row that `as_json` told of, for reading: no session knows it, and whatever is only loaded
    on demand is not to be had of it."""
    row = model(
        **{
            name: day.fromisoformat(value) if day and value is not None else value
            for (name, day), value in zip(_read(inspect(model)), told, strict=True)
        }
    )
    make_transient_to_detached(row)
    return row


def known_from_json(session: Session, model: type[R], told: Sequence[Any]) -> R:
    """The same as a row that the session keeps, as if it had been read by its key."""
    row = from_json(model, told)
    known = session.identity_map.get(session.identity_key(instance=row))
    if known is not None:
        return known  # type: ignore[no-any-return]
    session.add(row)
    return row


def as_known(session: Session, row: Base) -> None:
    """Let the session keep a row that stands in the database, as if it had read it."""
    make_transient_to_detached(row)
    session.add(row)


def write_rows(session: Session, rows: Sequence[Base], changed: Base | None = None) -> None:
    """Insert new rows of any tables, and what changed of a row that the session knows, by one
    statement.

    The new rows stay unknown to the session, and without keys that the database gives. What bears a
    key that its table declares under `info["replaces"]` is written over the row of that key.
    """
    by_shape: dict[_Shape, list[Base]] = {}
    for row in rows:
        by_shape.setdefault(_Shape(type(row), _keyed(row)), []).append(row)
    names = _changed(changed) if changed is not None else ()
    if not by_shape and not names:
        return
    given = {
        f"rows_{number}": to_json([_said(row, shape.columns) for row in bases])
        for number, (shape, bases) in enumerate(by_shape.items())
    }
    if changed is not None and names:
        columns = _table(type(changed)).columns
        given["changed"] = to_json(_said(changed, {n: columns[n] for n in (*names, "id")}))
    statement = _statement(tuple(by_shape), type(changed) if changed else None, names)
    session.execute(statement, given)
    for name in names:
        set_committed_value(changed, name, getattr(changed, name))


@dataclass(frozen=True)
class _Shape:
    """Rows of a table that say the same columns: with their key, or as the database gives it."""

    model: type[Base]
    keyed: bool

    @property
    def table(self) -> Table:
        return _table(self.model)

    @property
    def columns(self) -> dict[str, Column[Any]]:
        return _written(self.model, self.keyed)


def _keyed(row: Base) -> bool:
    return row.__dict__.get("id") is not None


def _changed(row: Base) -> tuple[str, ...]:
    attributes = inspect(row).attrs
    names = inspect(type(row)).column_attrs.keys()
    return tuple(name for name in names if attributes[name].history.has_changes())


def _said(row: Base, columns: Mapping[str, Column[Any]]) -> dict[str, Any]:
    """What a row says in these columns, as JSON has it."""
    said = row.__dict__
    return {
        name: in_json(value)
        if (value := said.get(name)) is not None and (in_json := _in_json(column))
        else value
        for name, column in columns.items()
    }


@cache
def _in_json(column: Column[Any]) -> Callable[[Any], str] | None:
    """How a value is said that JSON does not have; None if it has all of the column's."""
    if isinstance(column.type, LargeBinary):
        return _in_hex
    return _in_iso if isinstance(column.type, Date | DateTime) else None


def _in_iso(value: date) -> str:
    return value.isoformat()


def _in_hex(value: bytes) -> str:
    return "\\x" + value.hex()


@lru_cache(maxsize=1024)
def _statement(
    shapes: tuple[_Shape, ...], changed: type[Base] | None, names: tuple[str, ...]
) -> TextClause:
    """One text for any number of rows: then the database plans it once, and the driver reads it
    once, since it is short."""
    parts = [_insert(shape, f"CAST(:rows_{number} AS json)") for number, shape in enumerate(shapes)]
    if changed is not None and names:
        table = _table(changed).name
        new = ", ".join(f"{name} = new.{name}" for name in names)
        parts.append(
            f"UPDATE {table} SET {new} "  # noqa: S608
            f"FROM json_populate_record(NULL::{table}, CAST(:changed AS json)) AS new "
            f"WHERE {table}.id = new.id"
        )
    *first, last = parts
    named = ", ".join(f"_{number} AS ({part})" for number, part in enumerate(first))
    return text(f"WITH {named} {last}" if first else last)


def _insert(shape: _Shape, rows: str) -> str:
    table, names = shape.table, ", ".join(shape.columns)
    # Of our own tables and columns; every value is bound.
    insert = (
        f"INSERT INTO {table.name} ({names}) "  # noqa: S608
        f"SELECT {names} FROM json_populate_recordset(NULL::{table.name}, {rows})"
    )
    if key := table.info.get("replaces"):
        new = ", ".join(f"{name} = excluded.{name}" for name in shape.columns if name not in key)
        insert += f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new}"
    return insert


@cache
def _read(mapper: Mapper[Any]) -> list[tuple[str, type[date] | None]]:
    """What is read of a row, and which of it are days or instants: JSON has neither."""
    found = []
    for attribute in mapper.column_attrs:
        if not attribute.deferred:
            kind = attribute.columns[0].type.python_type
            found.append((attribute.key, kind if kind in (date, datetime) else None))
    return found


@cache
def _written(model: type[Base], keyed: bool) -> dict[str, Column[Any]]:
    """The columns that a new row says itself."""
    return {
        column.name: column
        for column in _table(model).columns
        if (keyed if column.identity else column.server_default is None)
    }


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)
