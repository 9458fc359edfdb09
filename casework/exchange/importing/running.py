"""Doing an import (办理导入): piece by piece, each in a transaction of its own.

Where it has come to stands in its row, so whoever is killed at it is followed by another who goes
on there. Two at once meet at the lock of that row, and the second leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import dropwhile, islice
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.retries import reason, wait_after
from casework.common.tables.spreadsheet import lines_of
from casework.common.tables.workbooks import Unreadable
from casework.common.timekeeping import legal_date
from casework.exchange.importing.heads import Numbered, numbered, read_head
from casework.exchange.importing.import_states import State
from casework.exchange.importing.judging import Judge
from casework.exchange.importing.kinds import KINDS
from casework.exchange.importing.pieces import take_in
from casework.kernel.office import Office
from casework.models import DataFile, DataImport, Person
from casework.people.administration.admin_log import Change, log_change

PIECE = 500  # rows
_PART = 2 * 1024 * 1024  # bytes of a file, read at a time
_TRIES = 5
_OPEN = (State.WAITING.value, State.RUNNING.value)


def may_be_run(now: datetime) -> ColumnElement[bool]:
    """The condition on imports that wait for nothing but a run."""
    return DataImport.state.in_(_OPEN) & (DataImport.next_try_at <= now)


def run(office: Office, number: int) -> str | None:
    """Do an import, or what is left of it; says what came of it, None if another is at it."""
    with TemporaryFile() as file:
        with office.database.session() as session:
            row = session.get_one(DataImport, number)
            _copy(session, row.digest, file)
        return _run(office, row, file)


def _run(office: Office, row: DataImport, file: BinaryIO) -> str | None:
    number = row.id
    try:
        judge, rows = _judged_by(office, row, file)
        if row.total is None:
            total = _count(office, rows)
            if not _set(office, number, state=State.RUNNING.value, total=total):
                return None
            _, rows = _judged_by(office, row, file)
    except Unreadable as error:
        ended = _end(office, number, State.REJECTED, str(error))
        return f"第{number}号导入：{error}" if ended else None
    come_to = row.read_to
    left = dropwhile(lambda one: one[0] <= row.read_to, rows)
    while piece := list(islice(left, PIECE)):
        if not _take(office, number, judge, come_to, piece):
            return None
        come_to = piece[-1][0]
    return _end(office, number, State.DONE, "")


def put_off(office: Office, number: int, error: Exception) -> None:
    """Let an import wait after a fault of this system; after the last try it has failed."""
    now = office.time.now()
    with office.database.session() as session:
        row = session.get_one(DataImport, number, with_for_update=True)
        row.attempts += 1
        row.outcome = reason(error)
        row.next_try_at = now + wait_after(row.attempts)
        if row.attempts >= _TRIES:
            row.state, row.ended_at = State.FAILED.value, now


def _copy(session: Session, digest: str, file: BinaryIO) -> None:
    """Put a file that was handed in on this machine's disk, a part at a time; one that was deleted
    is empty."""
    at = 1
    while part := session.scalar(
        select(func.substring(DataFile.content, at, _PART)).where(DataFile.digest == digest)
    ):
        file.write(part)
        at += len(part)


def _judged_by(office: Office, row: DataImport, file: BinaryIO) -> tuple[Judge, Iterator[Numbered]]:
    """Who judges the rows of an import, and the rows below its head. Raises Unreadable."""
    kind, rows = KINDS[row.kind], numbered(lines_of(file))
    head = read_head(kind, rows)
    today = legal_date(office.time.now())
    with office.database.session() as session:
        largest = office.rules.current(session).value("imports.largest_sum", today, "")
    return Judge(kind, head, today, Decimal(largest)), rows


def _count(office: Office, rows: Iterator[Numbered]) -> int:
    """How many rows there are, read to the end: a file that breaks off is found out before anything
    of it is in. Raises Unreadable."""
    with office.database.session() as session:
        rules = office.rules.current(session)
        most = rules.value("imports.most_rows", legal_date(office.time.now()), "")
    total = sum(1 for _ in islice(rows, most + 1))
    if not total:
        raise Unreadable("列名下面没有数据行")
    if total > most:
        raise Unreadable(f"超过{most}行，请分成几个文件")
    return total


def _take(
    office: Office, number: int, judge: Judge, come_to: int, piece: Sequence[Numbered]
) -> bool:
    """Take a piece in; False if another is at the import, or has been."""

    def work(session: Session) -> bool:
        row = _held(session, number)
        if row is None or row.read_to != come_to:
            return False
        take_in(session, row, judge, piece, office.time.now())
        return True

    return office.database.in_transaction(work)


def _set(office: Office, number: int, **said: object) -> bool:
    """Put something down of an import; False if another is at it."""
    with office.database.session() as session:
        row = _held(session, number)
        for name, value in said.items() if row else ():
            setattr(row, name, value)
        return row is not None


def _end(office: Office, number: int, state: State, outcome: str) -> str | None:
    """Put down how an import ended, in the log of administration too if it was no dry one. Says so,
    None if another is at it."""
    now = office.time.now()
    with office.database.session() as session:
        row = _held(session, number)
        if row is None:
            return None
        row.state, row.outcome, row.ended_at = state.value, outcome, now
        told = (
            f"第{row.id}号{'试运行' if row.dry else '导入'}"
            f"（{KINDS[row.kind].label}，{row.filename}）：新增{row.new}条，有变化{row.changed}条，"
            f"没有变化{row.unchanged}条，不能导入{row.refused}条"
        )
        if not row.dry and state is State.DONE:
            by = Actor(row.account_id, row.person_id, session.get_one(Person, row.person_id).name)
            ground = f"{told}；来源：{row.source}；文件SHA-256：{row.digest}"
            change = Change("data_imported", by, now.isoformat(), ground, legal_date(now))
            log_change(session, row.authority_id, change, [row])
        return told


def _held(session: Session, number: int) -> DataImport | None:
    """The row of an import that is not over, locked; None if it is, or another holds it."""
    wanted = select(DataImport).where(DataImport.id == number, DataImport.state.in_(_OPEN))
    return session.scalar(wanted.with_for_update(skip_locked=True))
