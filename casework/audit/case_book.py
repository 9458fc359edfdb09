"""A case with all that is kept of it (案卷全部登记), read for a proof: a few cases at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from casework.acts.redactions import NOTHING, redactions_of
from casework.models import (
    Account,
    Attachment,
    Base,
    Case,
    CaseClock,
    CreditEvent,
    CreditMark,
    Document,
    Evidence,
    LogRow,
    Mandate,
    Participant,
    PartySuccession,
    Publication,
    PublicationLine,
    Recusal,
)

KEPT: tuple[type[Any], ...] = (
    Attachment,
    CaseClock,
    CreditEvent,
    CreditMark,
    Document,
    Evidence,
    Participant,
    PartySuccession,
    Publication,
    PublicationLine,
    Recusal,
)
_WITH_CONTENT: tuple[type[Any], ...] = (Attachment, Document, Evidence)


@dataclass(frozen=True)
class Row:
    """A row of a log as it stands in the database; what is no JSON is None."""

    seq: int
    header: Any
    payload: Any
    salt: str
    payload_digest: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Book:
    """A case with all that is kept of it: its log, and the rows of each table. Beside what bears
    a file stands the SHA-256 of its bytes. `named` are the accounts and mandates under which its
    acts were taken, by table and id."""

    case: Case
    log: Sequence[Row]
    rows: Mapping[type[Base], Sequence[Any]]
    contents: Mapping[type[Base], Mapping[int, str | None]]
    children: Sequence[Any]
    named: Mapping[tuple[str, int], Any] = field(default_factory=dict)

    @cached_property
    def removed(self) -> Mapping[tuple[str, int], str]:
        """The files that redactions took away, by table and id, with the digest that each had."""
        return {(one.table, one.id): one.sha256 for one in redactions_of(self.log).removed}

    def damaged(self, row: Any, digest: str | None) -> bool:
        """Whether the bytes kept with a row are not those of its digest, or not gone if they were
        taken away."""
        there = self.contents[type(row)].get(row.id)
        return there != (NOTHING if (row.__tablename__, row.id) in self.removed else digest)

    def kept(self, model: type[Base]) -> Sequence[Any]:
        """The rows of a table."""
        return self.rows.get(model, ())


def books(session: Session, ids: Sequence[int]) -> dict[int, Book]:
    """The cases with these ids and all that is kept of them, in a few statements."""
    cases = session.scalars(select(Case).where(Case.id.in_(ids))).all()
    logs = defaultdict(list)
    columns = (LogRow.salt, LogRow.payload_digest, LogRow.previous, LogRow.hash)
    for case_id, seq, header, payload, *chained in session.execute(
        select(
            LogRow.case_id, LogRow.seq, cast(LogRow.header, Text), cast(LogRow.payload, Text),
            *columns,
        )
        .where(LogRow.case_id.in_(ids))
        .order_by(LogRow.case_id, LogRow.seq)
    ):  # fmt: skip
        logs[case_id].append(Row(seq, _json(header), _json(payload), *chained))
    rows: dict[int, dict[type[Base], list[Any]]] = {key: defaultdict(list) for key in ids}
    for model in KEPT:
        found = session.scalars(select(model).where(model.case_id.in_(ids)).order_by(model.id))
        for row in found:
            rows[row.case_id][model].append(row)
    children = defaultdict(list)
    for child in session.execute(
        select(Case.origin_id, Case.origin_seq, Case.relation, Case.number).where(
            Case.origin_id.in_(ids)
        )
    ):
        children[child.origin_id].append(child)
    contents: dict[type[Base], Mapping[int, str | None]] = {}
    for model in _WITH_CONTENT:
        digest = func.encode(func.sha256(model.content), "hex")
        digests = session.execute(select(model.id, digest).where(model.case_id.in_(ids)))
        contents[model] = dict(digests.tuples().all())
    named = _named(session, [row for log in logs.values() for row in log])
    return {
        case.id: Book(case, logs[case.id], rows[case.id], contents, children[case.id], named)
        for case in cases
    }


def _named(session: Session, rows: Sequence[Row]) -> dict[tuple[str, int], Any]:
    """The accounts and mandates that these rows name."""
    models: tuple[type[Any], ...] = (Account, Mandate)
    found = {}
    for model in models:
        table = model.__tablename__
        said = (row.header.get(table) for row in rows if isinstance(row.header, Mapping))
        keys = {key for key in said if type(key) is int and 0 < key < 1 << 63}
        for row in session.scalars(select(model).where(model.id.in_(keys))):
            found[table, row.id] = row
    return found


def _json(text: str | None) -> Any:
    try:
        return json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
