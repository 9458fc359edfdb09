"""The ledger as files for the credit platforms (双公示报送), under the nation's field codes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ScalarSelect, Select, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased, undefer

from casework.acts.actors import Actor
from casework.common.database import by_index
from casework.common.problems import bad_field
from casework.common.spreadsheet import table, workbook
from casework.documents.files import CSV, JSON, XLSX, File
from casework.kernel.office import Office
from casework.models import Authority, Case, Document, LogRow, Party, Publication
from casework.publicity.national_fields import REGISTERS, Entry, NationalField
from casework.publicity.publications import READERS, as_one_of, may_be_shown, of_month

_BATCH = 500
_AUTHORITY_CODE = "publicity.authority_code"
FORMATS = ("xlsx", "csv", "json")


def exported(office: Office, actor: Actor, register: str, month: str, form: str) -> File:
    """All that was due in a month (`2026-09`) and may be shown, of `licences` or `penalties`, as a
    table whose heading bears the codes of the standard. Raises NotAllowed, BadInput."""
    if register not in REGISTERS:
        raise bad_field("register", "类别", f"请选择：{'、'.join(REGISTERS)}")
    if form not in FORMATS:
        raise bad_field("format", "格式", f"请选择：{'、'.join(FORMATS)}")
    if not month:
        raise bad_field("month", "月份", "请按“2026-09”的格式填写")
    fields = REGISTERS[register]
    heading = [field.code for field in fields]
    rows = _rows(office, actor, register, month, fields)
    name = f"双公示-{register}-{month}.{form}"
    if form == "xlsx":
        return File(name, XLSX, workbook(register, heading, rows))
    if form == "csv":
        return File(name, CSV, table(heading, rows).encode())
    records = [dict(zip(heading, row, strict=True)) for row in rows]
    return File(name, JSON, json.dumps(records, ensure_ascii=False, indent=1).encode())


def _rows(
    office: Office, actor: Actor, register: str, month: str, fields: Sequence[NationalField]
) -> Iterator[list[str]]:
    """The entries, a batch at a time."""
    after = 0
    while True:
        with office.database.session() as session:
            entries = _entries(office, session, actor, register, month, after)
        yield from ([field.of(entry) for field in fields] for entry in entries)
        if len(entries) < _BATCH:
            return
        after = entries[-1].publication.id


def _entries(
    office: Office, session: Session, actor: Actor, register: str, month: str, after: int
) -> list[Entry]:
    reader, authorities = as_one_of(READERS, office, session, actor)
    by_index(session)
    entries = session.execute(
        select(Publication, _decided(), Party, Authority)
        .join(Case, Case.id == Publication.case_id)
        .join(Party, Party.id == Case.party_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(
            Case.authority_id.in_(authorities),
            Publication.register == register,
            of_month(month, reader.today),
            may_be_shown(reader.today),
            Publication.id > literal(after),
        )
        .order_by(Publication.id)
        .limit(_BATCH)
    ).all()
    rows = {row.id: row for row in session.scalars(_rows_of_log({n for _, n, _, _ in entries}))}
    letters = _letters(session, list(rows.values()))
    rules = office.rules.current(session)
    return [
        Entry(
            entry,
            party,
            authority,
            letters[rows[decided].case_id, rows[decided].seq],
            rows[decided].payload.get("input") or {},
            rules.value(_AUTHORITY_CODE, reader.today, authority.region),
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


def _rows_of_log(wanted: Collection[int]) -> Select[tuple[LogRow]]:
    return select(LogRow).where(LogRow.id.in_(wanted))


def _letters(session: Session, rows: Sequence[LogRow]) -> dict[tuple[int, int], list[Document]]:
    """What was issued with each row of the log."""
    found: dict[tuple[int, int], list[Document]] = defaultdict(list)
    places = [(row.case_id, row.seq) for row in rows]
    of_entries = tuple_(Document.case_id, Document.log_seq).in_(places)
    letters = select(Document).where(of_entries).order_by(Document.id)
    for letter in session.scalars(letters.options(undefer(Document.context))):
        found[letter.case_id, letter.log_seq].append(letter)
    return found
