"""Entries of the ledger with the decisions that they are of (公示的决定), as they were issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, undefer

from casework.models import Authority, Case, Document, LogRow, Party, Publication
from casework.publicity.national_fields import Entry
from casework.rules.rule_cache import Rules

_AUTHORITY_CODE = "publicity.authority_code"


def decided_entries(
    session: Session,
    rules: Rules,
    today: date,
    wanted: ColumnElement[bool],
    order: ColumnElement[int] | InstrumentedAttribute[int],
    limit: int,
) -> list[Entry]:
    """The first entries in that order that meet a condition; their cases, parties and authorities
    are joined."""
    entries = session.execute(
        select(Publication, _decided(), Party, Authority)
        .join(Case, Case.id == Publication.case_id)
        .join(Party, Party.id == Case.party_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(wanted)
        .order_by(order)
        .limit(limit)
    ).all()
    wanted_rows = select(LogRow).where(LogRow.id.in_({decided for _, decided, _, _ in entries}))
    rows = {row.id: row for row in session.scalars(wanted_rows)}
    letters = _letters(session, list(rows.values()))
    return [
        Entry(
            entry,
            party,
            authority,
            letters[rows[decided].case_id, rows[decided].seq],
            rows[decided].payload.get("input") or {},
            rules.value(_AUTHORITY_CODE, today, authority.region),
        )
        for entry, decided, party, authority in entries
    ]


def _decided() -> ScalarSelect[int]:
    """The row of the log whose decision an entry is of: its own, or of what is taken down that of
    the first entry of the decision's case. The case of the entry is joined."""
    first, of = aliased(Publication), aliased(Case)
    source = func.coalesce(Case.data["application"]["source"].as_string(), Case.number)
    shown = (
        select(LogRow.id)
        .join(first, and_(first.case_id == LogRow.case_id, first.log_seq == LogRow.seq))
        .join(of, of.id == first.case_id)
        .where(
            of.number.in_((source, Case.number)),
            first.register == Publication.register,
            first.withdrawn_because.is_(None),
            Publication.withdrawn_because.is_not(None),
        )
        .order_by(first.id)
        .limit(1)
    )
    own = select(LogRow.id).where(
        LogRow.case_id == Publication.case_id, LogRow.seq == Publication.log_seq
    )
    return select(func.coalesce(shown.scalar_subquery(), own.scalar_subquery())).scalar_subquery()


def _letters(session: Session, rows: Sequence[LogRow]) -> dict[tuple[int, int], list[Document]]:
    """What was issued with each row of the log."""
    found: dict[tuple[int, int], list[Document]] = defaultdict(list)
    places = [(row.case_id, row.seq) for row in rows]
    of_entries = tuple_(Document.case_id, Document.log_seq).in_(places)
    letters = select(Document).where(of_entries).order_by(Document.id)
    for letter in session.scalars(letters.options(undefer(Document.context))):
        found[letter.case_id, letter.log_seq].append(letter)
    return found
