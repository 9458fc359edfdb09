"""What other systems say of a party (外部数据), for whoever may read its credit file. It stands
apart from what this house knows itself, and nothing here is derived of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.acts.successions import lines_of
from casework.common.codes import normalise
from casework.common.problems import NotFound
from casework.exchange.importing.kinds import KINDS, PARTIES
from casework.kernel.office import Office
from casework.models import DataImport, OutsideRecord, Party

MOST = 100
# What persons are identified by (XK_FR_SFZH, CF_XDR_ZJHM …): the file of a party shows none of it.
_OF_PERSONS = re.compile(r"(SFZH|ZJLX|ZJHM)$")


@dataclass(frozen=True)
class OutsideView:
    """What another system says: of which kind, under which number, by which organ, on which day and
    until when it holds; `source` is who told it, `imported` the number of the import, and `said`
    all of it by the codes of its columns."""

    kind: str
    kind_label: str
    label: str
    number: str
    organ: str
    decided_on: date | None
    holds_until: date | None
    source: str
    imported: int
    recorded_at: datetime
    said: dict[str, str]


@dataclass(frozen=True)
class OutsideFile:
    """What is said of a party by its code, the latest first; `more` than are shown."""

    code: str
    name: str
    records: tuple[OutsideView, ...]
    more: bool


def outside_of(office: Office, session: Session, actor: Actor, code: str) -> OutsideFile:
    """What other systems say of the party of that code, and of the codes that it bore before; the
    party need not be registered. Raises NotFound for whoever is nothing to it."""
    reader, wanted = reader_of(office, session, actor), normalise(code)
    codes, is_own = _codes(session, reader, wanted)
    if not (reader.posts or is_own):
        raise NotFound(f"没有代码为“{wanted}”的当事人")
    seen = OutsideRecord.code.in_(codes) & (OutsideRecord.kind != PARTIES.key)
    if not is_own:  # officers read what their own authority took in
        taken_in = select(DataImport.id).where(DataImport.authority_id.in_(reader.authorities))
        seen &= OutsideRecord.import_id.in_(taken_in)
    latest = aliased(
        OutsideRecord,
        select(OutsideRecord)
        .where(seen)
        .distinct(OutsideRecord.key)
        .order_by(OutsideRecord.key, OutsideRecord.id.desc())
        .subquery(),
    )
    order = latest.decided_on.desc().nulls_last(), latest.id.desc()
    rows = session.scalars(select(latest).order_by(*order).limit(MOST + 1)).all()
    name = rows[0].name if rows else ""
    return OutsideFile(wanted, name, tuple(map(_view, rows[:MOST])), len(rows) > MOST)


def _codes(session: Session, reader: Reader, code: str) -> tuple[Sequence[str], bool]:
    """The codes of the line of a party, and whether it is the reader's own."""
    its_line = lines_of(select(Party.id).where(Party.code == code), reader.today)
    line = session.execute(select(Party.id, Party.code).where(Party.id.in_(its_line))).all()
    codes = [each.code for each in line] or [code]
    return codes, any(each.id in reader.parties for each in line)


def _view(row: OutsideRecord) -> OutsideView:
    return OutsideView(
        kind=row.kind,
        kind_label=KINDS[row.kind].label,
        label=row.label,
        number=row.number,
        organ=row.organ,
        decided_on=row.decided_on,
        holds_until=row.holds_until,
        source=row.source,
        imported=row.import_id,
        recorded_at=row.recorded_at,
        said={name: text for name, text in row.said.items() if not _OF_PERSONS.search(name)},
    )
