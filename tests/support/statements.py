"""Counting what a town's office sends to its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.town import Town


@contextmanager
def statements(town: Town) -> Iterator[list[str]]:
    """Every statement, as it is sent."""
    sent: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(town.database.engine, "before_cursor_execute", heard)
    try:
        yield sent
    finally:
        event.remove(town.database.engine, "before_cursor_execute", heard)


@contextmanager
def writing_transactions(town: Town) -> Iterator[list[int]]:
    """The number of statements of each transaction that wrote something."""
    found: list[int] = []
    with statements(town) as sent:

        def committed(_connection: Any) -> None:
            if any("INSERT" in statement or "UPDATE case" in statement for statement in sent):
                found.append(len(sent))
            sent.clear()

        event.listen(town.database.engine, "commit", committed)
        try:
            yield found
        finally:
            event.remove(town.database.engine, "commit", committed)
