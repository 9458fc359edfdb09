"""Proving that no number was given out twice or left out (文号连续、不重号)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.audit.faults import Fault
from casework.models import Backfill, NumberCounter, NumberEntry


def faults_of_numbers(session: Session) -> list[Fault]:
    """The series whose entries are not each number once, from 1 to where the counter stands."""
    series = (NumberEntry.authority_id, NumberEntry.series, NumberEntry.year)
    given = (
        select(
            *series,
            func.count().label("entries"),
            func.count(NumberEntry.n.distinct()).label("numbers"),
            func.min(NumberEntry.n).label("first"),
            func.max(NumberEntry.n).label("last"),
        )
        .group_by(*series)
        .subquery()
    )
    counter = NumberCounter
    same = (
        (counter.authority_id == given.c.authority_id)
        & (counter.series == given.c.series)
        & (counter.year == given.c.year)
    )
    series_of = func.coalesce(counter.series, given.c.series)
    year_of = func.coalesce(counter.year, given.c.year)
    rows = session.execute(
        select(
            series_of,
            year_of,
            counter.last,
            given.c.entries,
            given.c.numbers,
            given.c.first,
            given.c.last,
        )
        .select_from(counter)
        .join(given, same, full=True)
        .order_by(series_of, year_of)
    )
    faults = [
        Fault(f"文号 {name}（{year}年）", None, "编号有缺失、重复，或者与计数器不一致")
        for name, year, last, entries, numbers, first, highest in rows
        if not (first == 1 and last == entries == numbers == highest)
    ]
    return [*faults, *_set_aside(session)]


def _set_aside(session: Session) -> Iterator[Fault]:
    """Numbers that are set aside for what there is not, or that nobody voided when it ended."""
    entry, of = NumberEntry, Backfill
    free = entry.case_id.is_(None) & entry.voided_because.is_(None)
    left = free & of.closed_at.is_not(None)
    rows = session.execute(
        select(entry.id, entry.text, of.id)
        .outerjoin(of, (of.id == entry.backfill_id) & (of.authority_id == entry.authority_id))
        .where(entry.backfill_id.is_not(None), of.id.is_(None) | left)
        .order_by(entry.id)
    )
    for key, number, found in rows:
        wrong = "所属的专项补录已经结束，没有作废" if found else "所属的专项补录不存在"
        yield Fault("文号", key, f"“{number}”{wrong}")
