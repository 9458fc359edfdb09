"""Proving that no number was given out twice or left out (文号连续、不重号), that each is borne by
a document or a licence of the case it was given to, and that each document bears one."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework.audit.faults import Fault
from casework.models import Backfill, NumberCounter, NumberEntry
from state_machines.licences import LICENCES


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
    return [*faults, *_set_aside(session), *_apart(session)]


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


# A document that bears it, of the step that was entered under the same 专项补录 if under any; or a
# licence that was opened by the case.
_BORNE_BY_NONE = text(
    """
    SELECT n.id, n.text FROM number_entry n
    WHERE n.case_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM document d JOIN case_log l ON l.case_id = d.case_id AND l.seq = d.log_seq
            WHERE d.case_id = n.case_id AND d.number = n.text
                AND l.header ->> 'backfill' IS NOT DISTINCT FROM n.backfill_id::text
        )
        AND NOT EXISTS (
            SELECT FROM case_file c
            JOIN case_log l ON l.case_id = c.origin_id AND l.seq = c.origin_seq
            WHERE c.origin_id = n.case_id AND c.data #>> '{application,number}' = n.text
                AND l.header ->> 'backfill' IS NOT DISTINCT FROM n.backfill_id::text
        )
    ORDER BY n.id
    """
)
# Numbers of two series may be written alike, so each kind of document wants one of its own; that of
# a licence stands on several.
_NOT_GIVEN_OUT = text(
    """
    WITH borne AS (
        SELECT case_id, number, key AS kind FROM document WHERE number <> ''
        UNION
        SELECT id, data #>> '{application,number}', '' FROM case_file
        WHERE process = ANY(:licences)
    ), wanted AS (
        SELECT coalesce(c.family_id, c.id) AS family, borne.number, min(c.number) AS first,
            CASE WHEN bool_or(kind = '') THEN 1 ELSE count(DISTINCT kind) END AS kinds
        FROM borne JOIN case_file c ON c.id = borne.case_id
        WHERE borne.number IS NOT NULL GROUP BY 1, 2
    )
    SELECT first, number FROM wanted
    WHERE kinds > (
        SELECT count(*) FROM number_entry n JOIN case_file g ON g.id = n.case_id
        WHERE n.text = wanted.number AND coalesce(g.family_id, g.id) = wanted.family
    )
    ORDER BY first, number
    """
)
_VOID_FOR_NOTHING = text(
    """
    SELECT n.id, n.text FROM number_entry n LEFT JOIN backfill b ON b.id = n.backfill_id
    WHERE n.voided_because IS NOT NULL AND (
        n.case_id IS NOT NULL
        OR n.backfill_id IS NOT NULL AND (
            b.closed_at IS NULL
            OR NOT starts_with(n.voided_because, '第' || b.id || '号专项补录结束')
        )
        OR n.backfill_id IS NULL AND NOT EXISTS (
            SELECT FROM number_entry p
            WHERE p.authority_id = n.authority_id AND p.series = '纸质·' || n.series
        )
    )
    ORDER BY n.id
    """
)


def _apart(session: Session) -> Iterator[Fault]:
    """Numbers that nothing bears, documents and licences whose number was never given out, and
    numbers that are void without a reason."""
    for key, number in session.execute(_BORNE_BY_NONE):
        yield Fault("文号", key, f"“{number}”没有用在所登记的案件的文书或者证照上")
    for case, number in session.execute(_NOT_GIVEN_OUT, {"licences": list(LICENCES)}):
        yield Fault(case, None, f"文书或者证照的编号“{number}”没有给出的记录")
    for key, number in session.execute(_VOID_FOR_NOTHING):
        yield Fault("文号", key, f"“{number}”作废，没有作废的原因")
