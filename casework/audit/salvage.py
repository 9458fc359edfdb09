"""Reading rows so that one that cannot be read hides no other.

A row that was forged or damaged may fail on its way here: a date beyond all dates, JSON without
end, bytes that the disk lost. What was asked for together is then asked for in halves, down to the
one that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

V = TypeVar("V")

_TOGETHER = 200

Load = Callable[[Sequence[int]], Mapping[int, V]]


def salvaged(
    session: Session, column: InstrumentedAttribute[int], load: Load[V]
) -> Iterator[tuple[int, V | Exception]]:
    """What `load` gives for each value of `column`, in order, or why it cannot be read.

    A few rows are in memory at a time. What `load` does not give was deleted meanwhile.
    """
    wanted = select(column).where(column.is_not(None)).distinct().order_by(column).limit(_TOGETHER)
    further = wanted
    while keys := session.scalars(further).all():
        yield from _halved(session, keys, load)
        further = wanted.where(column > keys[-1])
    if session.scalar(select(func.count()).where(column.is_(None))):
        yield 0, ValueError(f"{column.key} 为空")


def _halved(
    session: Session, keys: Sequence[int], load: Load[V]
) -> Iterator[tuple[int, V | Exception]]:
    """What is loaded, by key; of a key that cannot be loaded the exception."""
    try:
        with session.begin_nested():
            found = load(keys)
    except Exception as error:  # whatever a forger or a broken disk left there
        if len(keys) == 1:
            yield keys[0], error
            return
        middle = len(keys) // 2
        yield from _halved(session, keys[:middle], load)
        yield from _halved(session, keys[middle:], load)
        return
    yield from ((key, found[key]) for key in keys if key in found)


def by_id(session: Session, model: type[Any]) -> Load[Any]:
    """Loads the rows of a table by their `id`."""

    def load(ids: Sequence[int]) -> Mapping[int, Any]:
        return {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}

    return load
