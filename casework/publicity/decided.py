"""Entries of the ledger with the decisions that they are of (公示的决定), as they were issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, undefer

from casework.models import Authority, Case, Document, LogRow, Party, Publication
from casework.publicity.national_fields import CERTIFICATES, Entry
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
    found = session.execute(
        select(Publication, _own_row(), _first_row(), Party, Authority)
        .join(Case, Case.id == Publication.case_id)
        .join(Party, Party.id == Case.party_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(wanted)
        .order_by(order)
        .limit(limit)
    ).all()
    keys = {key for _, own, first, _, _ in found for key in (own, first)}
    rows = {row.id: row for row in session.scalars(select(LogRow).where(LogRow.id.in_(keys)))}
    letters = _letters(session, list(rows.values()))
    entries = []
    for entry, own_key, first_key, party, authority in found:
        own = rows[own_key]
        papers = letters[own.case_id, own.seq]
        # What is taken down, shown again or was varied bears the letters of the decision itself.
        elsewhere = entry.withdrawn_because is not None or entry.shows is not None or not papers
        decided = rows.get(first_key, own) if elsewhere else own
        code = rules.value(_AUTHORITY_CODE, today, authority.region)
        place = decided.case_id, decided.seq
        entries.append(
            Entry(
                entry,
                party,
                authority,
                [latest for _, latest in letters[place]],
                _filled(decided, own),
                code,
                place,
                _decided_on(letters[place]),
            )
        )
    return entries


def _filled(decided: LogRow, own: LogRow) -> dict[str, Any]:
    """What was filled in at the decision; of one that was varied the measures that were left."""
    varied = own.payload.get("input") or {}
    left = {"measures": varied["measures"]} if varied.get("measures") else {}
    return {**(decided.payload.get("input") or {}), **left}


def _own_row() -> ScalarSelect[int]:
    """The row of the log that an entry came about with."""
    own = select(LogRow.id).where(
        LogRow.case_id == Publication.case_id, LogRow.seq == Publication.log_seq
    )
    return own.scalar_subquery()


def _first_row() -> ScalarSelect[int | None]:
    """The row of the log with which the decision itself was to be shown: that of the first entry of
    its case. The case of the entry is joined."""
    first, of = aliased(Publication), aliased(Case)
    source = func.coalesce(
        Publication.shows, Case.data["application"]["source"].as_string(), Case.number
    )
    shown = (
        select(LogRow.id)
        .join(first, and_(first.case_id == LogRow.case_id, first.log_seq == LogRow.seq))
        .join(of, of.id == first.case_id)
        .where(
            of.number.in_((source, Case.number)),
            first.register == Publication.register,
            first.withdrawn_because.is_(None),
            first.shows.is_(None),
        )
        .order_by(first.id)
        .limit(1)
    )
    return shown.scalar_subquery()


def _decided_on(letters: Sequence[tuple[Document, Document]]) -> date | None:
    """The day of the letter that says what was decided, as it was first issued."""
    return next((one.issued_on for one, _ in letters if one.key not in CERTIFICATES), None)


def _letters(
    session: Session, rows: Sequence[LogRow]
) -> dict[tuple[int, int], list[tuple[Document, Document]]]:
    """What was issued with each row of the log, each letter with what it was last corrected to
    (补正): itself, if it was not."""
    issued: list[Document] = []
    corrected: dict[int, Document] = {}
    places = [(row.case_id, row.seq) for row in rows]
    of_entries = tuple_(Document.case_id, Document.log_seq).in_(places)
    of_cases = Document.case_id.in_({row.case_id for row in rows})
    wanted = of_entries | (of_cases & Document.corrects.is_not(None))
    letters = select(Document).where(wanted).order_by(Document.id)
    for letter in session.scalars(letters.options(undefer(Document.context))):
        if letter.corrects is not None:
            corrected[letter.corrects] = letter
        else:
            issued.append(letter)
    found: dict[tuple[int, int], list[tuple[Document, Document]]] = defaultdict(list)
    for letter in issued:
        found[letter.case_id, letter.log_seq].append((letter, _latest(letter, corrected)))
    return found


def _latest(letter: Document, corrected: Mapping[int, Document]) -> Document:
    while letter.id in corrected:
        letter = corrected[letter.id]
    return letter
