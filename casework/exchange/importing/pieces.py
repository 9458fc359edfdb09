"""One piece of an import (逐批导入): its rows are judged, compared with what is there, and kept.

A row is new, changes what is there, or says the same again; a second one of the same in one file
says the same or is refused. A dry import finds out all of that, and keeps only what it found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from casework.exchange.importing.heads import Numbered
from casework.exchange.importing.import_states import Outcome
from casework.exchange.importing.judging import Judge, Record, Refused, shown
from casework.exchange.importing.kinds import PARTIES, Kind
from casework.models import DataImport, ImportRow, OutsideRecord, Party

# Two imports at once must see what the other brought: one piece at a time in the whole house.
_LOCK = 7_305_139
_LONGEST_CELL = 2000
_OF_PARTY = {
    "name": ("XDR_MC", "名称"),
    "representative": ("FRDB", "法定代表人"),
    "address": ("ZS", "住所"),
    "phone": ("LXDH", "联系电话"),
}


@dataclass
class _Piece:
    """What is known before a piece is taken in, and what comes of its rows."""

    parties: Mapping[str, Party]
    latest: Mapping[str, str]
    seen: dict[str, tuple[int, str]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    new_parties: list[dict[str, Any]] = field(default_factory=list)


def take_in(
    session: Session, row: DataImport, judge: Judge, piece: Sequence[Numbered], now: datetime
) -> None:
    """Take in the rows of a piece, and put down how far the import has come."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    judged = [(n, cells, _judged(judge, cells)) for n, cells in piece]
    records = [record for _, _, record in judged if isinstance(record, Record)]
    found = _Piece(
        _parties(session, {one.code for one in records}),
        _latest(session, {one.key for one in records}),
        _seen(session, row.id, {one.key for one in records}),
    )
    for n, cells, record in judged:
        _settle(found, row, judge.kind, n, cells, record, now)
    _keep(session, row, found)
    counts = Counter(one["outcome"] for one in found.rows)
    for outcome in Outcome:
        setattr(row, outcome.value, getattr(row, outcome.value) + counts[outcome.value])
    row.read_to = piece[-1][0]


def _judged(judge: Judge, cells: Sequence[str]) -> Record | str:
    """What a row says, or why it is refused."""
    try:
        return judge.judged(cells)
    except Refused as refused:
        return str(refused)


def _settle(
    found: _Piece,
    row: DataImport,
    kind: Kind,
    n: int,
    cells: list[str],
    record: Record | str,
    now: datetime,
) -> None:
    """Say what becomes of a row, and put down what it brings."""
    why = record if isinstance(record, str) else _against(found, record)
    if isinstance(record, str) or why:
        kept = [cell[:_LONGEST_CELL] for cell in cells]
        found.rows.append(_row(row.id, n, Outcome.REFUSED, why, cells=kept))
        return
    before = found.seen.setdefault(record.key, (n, record.digest))
    if before[0] != n:
        told, outcome = f"与第{before[0]}行重复", Outcome.UNCHANGED
    else:
        told = _differences(found, record) if kind is PARTIES else ""
        outcome = _outcome(found, record)
        if outcome is not Outcome.UNCHANGED:
            found.records.append(_record(row, kind, n, record, now))
        if kind is PARTIES and record.code not in found.parties:
            found.new_parties.append(_party(record))
    found.rows.append(_row(row.id, n, outcome, told, record))


def _against(found: _Piece, record: Record) -> str:
    """Why a row that is well formed cannot be taken all the same; empty if it can."""
    if record.doubt and record.code not in found.parties:
        return f"{record.doubt}。代码确实如此的，先由窗口凭证照登记当事人、写明理由"
    before = found.seen.get(record.key)
    if before and before[1] != record.digest:
        return f"与第{before[0]}行是同一项，内容不同，请核对后只留一行"
    return ""


def _outcome(found: _Piece, record: Record) -> Outcome:
    known = found.latest.get(record.key)
    if known is None:
        return Outcome.NEW
    return Outcome.UNCHANGED if known == record.digest else Outcome.CHANGED


def _differences(found: _Piece, record: Record) -> str:
    """What is registered otherwise of a party that is registered: no import changes it."""
    party = found.parties.get(record.code)
    if party is None:
        return ""
    other = [
        label
        for field_, (code, label) in _OF_PARTY.items()
        if getattr(party, field_) != record.said[code]
    ]
    if not other:
        return "已经登记"
    return f"已经登记，登记的{'、'.join(other)}与此不同，没有改动；需要变更的，由窗口凭证照办理"


def _keep(session: Session, row: DataImport, found: _Piece) -> None:
    if not row.dry and found.new_parties:
        new = upsert(Party).values(found.new_parties)
        session.execute(new.on_conflict_do_nothing(index_elements=["code"]))
    if not row.dry and found.records:
        session.execute(insert(OutsideRecord), found.records)
    session.execute(insert(ImportRow), found.rows)


def _row(
    number: int,
    n: int,
    outcome: Outcome,
    told: str,
    record: Record | None = None,
    cells: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "import_id": number,
        "line": n,
        "outcome": outcome.value,
        "told": told,
        "key": record.key if record else None,
        "digest": record.digest if record else None,
        "cells": cells,
    }


def _record(row: DataImport, kind: Kind, n: int, record: Record, now: datetime) -> dict[str, Any]:
    said = record.said

    def day(code: str) -> date | None:
        return date.fromisoformat(said[code]) if code in said else None

    return {
        "kind": kind.key,
        "key": record.key,
        "digest": record.digest,
        "code": record.code,
        "name": record.name,
        "label": shown(kind, said),
        "number": record.number,
        "organ": said.get(kind.organ, ""),
        "decided_on": day(kind.day),
        "holds_until": day(kind.until),
        "source": said.get(kind.source) or row.source,
        "said": dict(said),
        "import_id": row.id,
        "line": n,
        "recorded_at": now,
    }


def _party(record: Record) -> dict[str, Any]:
    entry = {name: record.said[code] for name, (code, _) in _OF_PARTY.items()}
    return {"code_kind": record.code_kind, "code": record.code, **entry}


def _parties(session: Session, codes: set[str]) -> dict[str, Party]:
    rows = session.scalars(select(Party).where(Party.code.in_(codes)))
    return {party.code: party for party in rows}


def _latest(session: Session, keys: set[str]) -> dict[str, str]:
    """What was said last under each key, as its digest."""
    last = (
        select(OutsideRecord.key, OutsideRecord.digest)
        .where(OutsideRecord.key.in_(keys))
        .distinct(OutsideRecord.key)
        .order_by(OutsideRecord.key, OutsideRecord.id.desc())
    )
    return dict(session.execute(last).tuples().all())


def _seen(session: Session, number: int, keys: set[str]) -> dict[str, tuple[int, str]]:
    """Which of these the same file has told already: in which row, and what."""
    rows = session.execute(
        select(ImportRow.key, ImportRow.line, ImportRow.digest)
        .where(ImportRow.import_id == number, ImportRow.key.in_(keys))
        .order_by(ImportRow.line.desc())
    )
    return {str(key): (line, str(digest)) for key, line, digest in rows}
