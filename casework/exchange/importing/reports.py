"""What came of imports (导入结果), for those who may import: progress, rows, what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.common.tables.spreadsheet import table, workbook
from casework.documents.files import CSV, XLSX, File
from casework.exchange.importing.heads import RETURNED
from casework.exchange.importing.import_states import Outcome, State
from casework.exchange.importing.kinds import IMPORTERS, KINDS, Kind
from casework.kernel.office import Office
from casework.models import DataImport, ImportRow, Person
from state_machines.language.vocabulary import Role

MOST = 100
_BATCH = 1000
_REASONS = 10
FORMATS = ("xlsx", "csv")


@dataclass(frozen=True)
class ImportView:
    """An import: `total` rows, None before they were counted, of which `done` are judged, by what
    became of them. `digest` is the SHA-256 of the file. `outcome` says why nothing was taken of it,
    or what went wrong; `may_be_carried_out`: a dry one that is done."""

    id: int
    kind: str
    kind_label: str
    source: str
    filename: str
    digest: str
    dry_run: bool
    entered_by: str
    entered_at: datetime
    ended_at: datetime | None
    state: str
    state_label: str
    over: bool
    total: int | None
    done: int
    new: int
    changed: int
    unchanged: int
    refused: int
    outcome: str
    may_be_carried_out: bool


@dataclass(frozen=True)
class RowView:
    """What became of a row, by its number in the spreadsheet; `told` says why, or what is to be
    known."""

    row: int
    outcome: str
    outcome_label: str
    told: str


@dataclass(frozen=True)
class ImportReport:
    """An import with its rows, refused ones first. `reasons` are the most frequent of refusals,
    each with how many rows; `cursor` asks for the next rows, None at the end."""

    of: ImportView
    reasons: tuple[tuple[str, int], ...]
    rows: tuple[RowView, ...]
    cursor: str | None


@dataclass(frozen=True)
class ImportList:
    """The imports of one's authority, the latest first; `cursor` asks for those before."""

    imports: tuple[ImportView, ...]
    cursor: int | None


def of_reader(reader: Reader) -> Select[tuple[DataImport]]:
    """The imports that a reader may see: of an authority at which one may import such. Raises
    NotAllowed for whoever may import nothing anywhere."""
    mine: list[ColumnElement[bool]] = [
        and_(
            DataImport.authority_id == post.authority_id,
            DataImport.kind.in_([one.key for one in KINDS.values() if post.role in one.roles]),
        )
        for post in reader.posts
        if post.role in IMPORTERS
    ]
    if not mine:
        labels = "、".join(sorted(role.label for role in IMPORTERS))
        raise NotAllowed(f"外部数据由{labels}导入")
    return select(DataImport).where(or_(false(), *mine))


def kinds_of(reader: Reader) -> tuple[Kind, ...]:
    """What a reader may import."""
    roles: frozenset[Role] = reader.roles
    return tuple(kind for kind in KINDS.values() if roles & kind.roles)


def listed(office: Office, session: Session, actor: Actor, cursor: int | None = None) -> ImportList:
    """The imports that the actor may see. Raises NotAllowed."""
    wanted = of_reader(reader_of(office, session, actor)).add_columns(Person.name)
    if cursor is not None:
        wanted = wanted.where(DataImport.id < cursor)
    rows = session.execute(
        wanted.join(Person, DataImport.person_id == Person.id)
        .order_by(DataImport.id.desc())
        .limit(MOST + 1)
    ).all()
    views = tuple(_view(row) for row in rows[:MOST])
    return ImportList(views, views[-1].id if len(rows) > MOST else None)


def report(
    office: Office,
    session: Session,
    actor: Actor,
    number: int,
    outcome: str = "",
    cursor: str = "",
) -> ImportReport:
    """An import with at most `MOST` of its rows, of one `outcome` or all, refused ones first.
    Raises NotAllowed, NotFound, BadInput."""
    view = _one(office, session, actor, number)
    outcomes = list(Outcome)
    if outcome:
        if outcome not in outcomes:
            raise bad_field("outcome", "结果", f"请选择：{'、'.join(outcomes)}")
        outcomes = [Outcome(outcome)]
    at, after = _place(cursor, outcomes)
    found: list[ImportRow] = []
    for each in outcomes[at:]:
        found += session.scalars(_rows_of(number, each, after).limit(MOST + 1 - len(found))).all()
        after = 0
        if len(found) > MOST:
            break
    more = found[MOST - 1] if len(found) > MOST else None
    rows = tuple(
        RowView(row.line, row.outcome, Outcome(row.outcome).label, row.told) for row in found[:MOST]
    )
    reasons = _reasons(session, number) if view.refused else ()
    return ImportReport(view, reasons, rows, f"{more.outcome}-{more.line}" if more else None)


def refused_rows(office: Office, actor: Actor, number: int, form: str) -> File:
    """The rows that were refused as they came, each with its number and the reasons: to be
    corrected and handed in again. Raises NotAllowed, NotFound, BadInput."""
    if form not in FORMATS:
        raise bad_field("format", "格式", f"请选择：{'、'.join(FORMATS)}")
    with office.database.session() as session:
        view = _one(office, session, actor, number)
        heading = session.get_one(DataImport, number).heading
    kept = [at for at, name in enumerate(heading) if name not in RETURNED]
    columns = [*(heading[at] for at in kept), *RETURNED]
    rows = _refused(office, number, kept)
    name = f"不能导入的行-{view.kind_label}-{number}.{form}"
    if form == "xlsx":
        return File(name, XLSX, workbook(view.kind_label, columns, rows))
    return File(name, CSV, table(columns, rows).encode())


def blank_table(kind: Kind, form: str) -> File:
    """A table of a kind with nothing but its head, to be filled in. Raises BadInput."""
    columns = [column.label for column in kind.columns]
    if form not in FORMATS:
        raise bad_field("format", "格式", f"请选择：{'、'.join(FORMATS)}")
    if form == "xlsx":
        return File(f"{kind.label}.xlsx", XLSX, workbook(kind.label, columns, ()))
    return File(f"{kind.label}.csv", CSV, table(columns, ()).encode())


def _refused(office: Office, number: int, kept: list[int]) -> Iterator[list[str]]:
    """The cells of refused rows, a batch at a time."""
    after = 0
    while True:
        with office.database.session() as session:
            rows = session.scalars(_rows_of(number, Outcome.REFUSED, after).limit(_BATCH)).all()
        for row in rows:
            cells = row.cells or []
            yield [*(cells[at] if at < len(cells) else "" for at in kept), str(row.line), row.told]
        if len(rows) < _BATCH:
            return
        after = rows[-1].line


def _rows_of(number: int, outcome: Outcome, after: int) -> Select[tuple[ImportRow]]:
    return (
        select(ImportRow)
        .where(
            ImportRow.import_id == number,
            ImportRow.outcome == outcome.value,
            ImportRow.line > after,
        )
        .order_by(ImportRow.line)
    )


def _place(cursor: str, outcomes: list[Outcome]) -> tuple[int, int]:
    """From which of these outcomes on, and after which row of it, rows are asked for. Raises
    BadInput."""
    if not cursor:
        return 0, 0
    outcome, _, line = cursor.partition("-")
    if outcome not in outcomes or not (line.isascii() and line.isdigit() and len(line) < 10):
        raise bad_field("cursor", "页", "没有这一页")
    return outcomes.index(Outcome(outcome)), int(line)


def _reasons(session: Session, number: int) -> tuple[tuple[str, int], ...]:
    many = func.count()
    rows = session.execute(
        select(ImportRow.told, many)
        .where(ImportRow.import_id == number, ImportRow.outcome == Outcome.REFUSED.value)
        .group_by(ImportRow.told)
        .order_by(many.desc(), ImportRow.told)
        .limit(_REASONS)
    )
    return tuple((told, count) for told, count in rows)


def _one(office: Office, session: Session, actor: Actor, number: int) -> ImportView:
    wanted = of_reader(reader_of(office, session, actor)).add_columns(Person.name)
    row = session.execute(
        wanted.join(Person, DataImport.person_id == Person.id).where(DataImport.id == number)
    ).one_or_none()
    if row is None:
        raise NotFound(f"没有第{number}号导入")
    return _view(row)


def _view(found: Row[tuple[DataImport, str]]) -> ImportView:
    row, by = found
    state = State(row.state)
    return ImportView(
        id=row.id,
        kind=row.kind,
        kind_label=KINDS[row.kind].label,
        source=row.source,
        filename=row.filename,
        digest=row.digest,
        dry_run=row.dry,
        entered_by=by,
        entered_at=row.entered_at,
        ended_at=row.ended_at,
        state=state.value,
        state_label=state.label,
        over=state.over,
        total=row.total,
        done=row.new + row.changed + row.unchanged + row.refused,
        new=row.new,
        changed=row.changed,
        unchanged=row.unchanged,
        refused=row.refused,
        outcome=row.outcome,
        may_be_carried_out=row.dry and state is State.DONE,
    )
