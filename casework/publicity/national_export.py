"""The ledger as files for the credit platforms (双公示报送), under the nation's field codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import and_
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.database import by_index
from casework.common.problems import bad_field
from casework.common.tables.spreadsheet import table, workbook
from casework.documents.files import CSV, JSON, XLSX, File
from casework.kernel.office import Office
from casework.models import Case, Publication
from casework.publicity.decided import decided_entries
from casework.publicity.national_fields import REGISTERS, Entry, NationalField
from casework.publicity.publications import READERS, as_one_of, may_be_shown, of_month

_BATCH = 500
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
    wanted = and_(
        Case.authority_id.in_(authorities),
        Publication.register == register,
        of_month(month, reader.today),
        may_be_shown(reader.today),
        Publication.id > after,
    )
    rules = office.rules.current(session)
    return decided_entries(session, rules, reader.today, wanted, Publication.id, _BATCH)
