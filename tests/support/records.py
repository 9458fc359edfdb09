"""What a database holds, told so that two of them can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import undefer

from casework.models import (
    Base,
    Case,
    CaseClock,
    CreditEvent,
    Document,
    LogRow,
    Notice,
    NumberCounter,
    NumberEntry,
    Publication,
)
from tests.support.town import Town

# When something was entered: the one thing that may differ between a late sweep and a punctual one.
ENTRY_TIMES = frozenset({"recorded_at", "created_at", "next_try_at"})


def contents(town: Town) -> dict[str, tuple[int, int]]:
    """The rows of every table, counted and digested: equal exactly if nothing has changed."""
    with town.session() as session:
        return {
            table: tuple(
                session.execute(
                    text(f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} t")  # noqa: S608
                ).one()
            )
            for table in Base.metadata.tables
        }


def number_gaps(town: Town) -> list[str]:
    """Series of numbers that are not 1, 2, 3 … up to their counter."""
    with town.session() as session:
        given: dict[tuple[int, str, int], list[int]] = {}
        for row in session.scalars(select(NumberEntry).order_by(NumberEntry.n)):
            given.setdefault((row.authority_id, row.series, row.year), []).append(row.n)
        counted = {
            (row.authority_id, row.series, row.year): row.last
            for row in session.scalars(select(NumberCounter))
        }
    return [
        f"{series}: {given.get(series)}"
        for series in given.keys() | counted.keys()
        if given.get(series) != list(range(1, counted.get(series, 0) + 1))
    ]


def heads(town: Town) -> dict[str, tuple[int, str, str, int]]:
    """Version, state, head of the log and its length, of every case."""
    with town.session() as session:
        rows = session.execute(
            select(Case.number, Case.version, Case.state, Case.head_hash, Case.head_seq)
        )
        return {number: (version, state, head, n) for number, version, state, head, n in rows}


def history(town: Town) -> dict[str, list[dict[str, Any]]]:
    """Everything that a town's cases came to, documents byte by byte, but no entry times."""
    kinds = (Case, CaseClock, LogRow, Document, Notice, NumberEntry, Publication, CreditEvent)
    with town.session() as session:
        return {
            kind.__tablename__: sorted(
                (_told(row) for row in session.scalars(_whole(kind))), key=lambda told: str(told)
            )
            for kind in kinds
        }


# Surrogate keys follow the order of entry; salts and hashes cover the entry time.
_LEFT_OUT = ENTRY_TIMES | {"id", "salt", "payload_digest", "previous", "hash", "head_hash"}


def _whole(kind: type[Any]) -> Any:
    if kind is Document:
        return select(kind).options(undefer(Document.context), undefer(Document.content))
    return select(kind)


def _told(row: Any) -> dict[str, Any]:
    columns: Iterable[str] = row.__table__.columns.keys()
    return {name: _without_times(getattr(row, name)) for name in columns if name not in _LEFT_OUT}


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v) for k, v in value.items() if k not in ENTRY_TIMES}
    if isinstance(value, list):
        return [_without_times(item) for item in value]
    return value
