"""A second person confirms what an administrator entered of the catalogue (双人复核).

Nobody lays down alone what others are punished by (处罚法34: 裁量基准由机关制定并公布): a head or a
supervisor compares the file with the scan of its source before it holds, or gives it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.problems import NotAllowed, NotFound, SecondSignatureProblem, bad_field
from casework.documents.files import File
from casework.enforcement.catalogue.importing import Imported, judged, load
from casework.kernel.office import Office
from casework.models import Authority, CatalogueImport, Person
from state_machines.language.vocabulary import Role

CONFIRMED_BY = (Role.APPROVER, Role.SUPERVISOR)
_FILE_TYPES = {".csv": "text/csv; charset=utf-8", ".toml": "application/toml"}


@dataclass(frozen=True)
class Awaiting:
    """A file that waits for its second person, `may_confirm` whether that may be the reader."""

    id: int
    source: str
    filename: str
    valid_from: date | None
    valid_to: date | None
    paper: str
    entered_by: str
    entered_at: datetime
    may_confirm: bool


def awaiting(office: Office, session: Session, actor: Actor) -> tuple[Awaiting, ...]:
    """What waits for a second person at the actor's authorities, the oldest first. Raises
    NotAllowed for whoever neither administers, supervises nor leads one."""
    reader = reader_of(office, session, actor)
    rows = session.execute(
        select(CatalogueImport, Person.name)
        .join(Person, CatalogueImport.entered_by == Person.id)
        .where(
            CatalogueImport.authority_id.in_(_desks(reader, (Role.ADMIN, *CONFIRMED_BY))),
            CatalogueImport.settled_at.is_(None),
        )
        .order_by(CatalogueImport.id)
    )
    confirming = _desks(reader, CONFIRMED_BY, none=True)
    return tuple(
        Awaiting(
            row.id,
            row.source,
            row.filename,
            row.valid_from,
            row.valid_to,
            row.paper_name,
            name,
            row.entered_at,
            row.authority_id in confirming and row.entered_by != actor.person_id,
        )
        for row, name in rows
    )


def confirm(office: Office, actor: Actor, key: int) -> Imported:
    """Let hold what was entered, as of now: what may no longer be dated back is refused.

    Raises NotFound, NotAllowed, BadInput, SecondSignatureProblem for whoever entered it.
    """

    def work(session: Session, row: CatalogueImport) -> Imported:
        if row.entered_by == actor.person_id:
            raise SecondSignatureProblem("须由录入人以外的人核对依据文件后确认")
        region = session.get_one(Authority, row.authority_id).region
        first = session.get_one(Person, row.entered_by).name
        done, new = judged(
            office,
            session,
            row,
            region,
            f"{first}导入，{actor.name}确认，扫描件{row.paper_digest[:16]}",
        )
        for edition in new:
            load(session, office, edition)
        return done

    return _settle(office, actor, key, CONFIRMED_BY, work)


def give_back(office: Office, actor: Actor, key: int) -> None:
    """Load nothing of what was entered. Raises NotFound, NotAllowed, BadInput."""
    by = (Role.ADMIN, *CONFIRMED_BY)
    _settle(office, actor, key, by, lambda *_: Imported((), ()))


def scan(office: Office, session: Session, actor: Actor, key: int, *, of_source: bool) -> File:
    """The scan of the source, or the file itself, as entered. Raises NotFound, NotAllowed."""
    row = _row(office, session, actor, key, (Role.ADMIN, *CONFIRMED_BY))
    if of_source:
        return File(row.paper_name, row.paper_type, row.paper)
    suffix = row.filename[row.filename.rfind(".") :].lower()
    return File(row.filename, _FILE_TYPES[suffix], row.content)


def _settle(
    office: Office,
    actor: Actor,
    key: int,
    by: tuple[Role, ...],
    work: Callable[[Session, CatalogueImport], Imported],
) -> Imported:
    """Settle an import by somebody who holds one of the roles; gives what `work` made of it. Raises
    NotAllowed, NotFound, and BadInput if it is settled."""

    def settled(session: Session) -> Imported:
        row = _row(office, session, actor, key, by, lock=True)
        if row.settled_at is not None:
            raise bad_field("import", "新版本", "已经确认或者退回，请刷新后查看")
        done = work(session, row)
        row.settled_by, row.settled_at = actor.person_id, office.time.now()
        return done

    return office.database.in_transaction(settled)


def _row(
    office: Office,
    session: Session,
    actor: Actor,
    key: int,
    by: tuple[Role, ...],
    *,
    lock: bool = False,
) -> CatalogueImport:
    """An import at an authority where the actor holds one of the roles. Raises NotAllowed,
    NotFound."""
    desks = _desks(reader_of(office, session, actor), by)
    row = session.get(CatalogueImport, key, with_for_update=True if lock else None)
    if row is None or row.authority_id not in desks:
        raise NotFound(f"本机关没有第{key}号待确认的新版本")
    return row


def _desks(reader: Reader, by: tuple[Role, ...], *, none: bool = False) -> frozenset[int]:
    """The authorities at which the reader holds one of these posts. Raises NotAllowed if there are
    none, unless `none` lets that be."""
    found = frozenset(post.authority_id for post in reader.posts if Role(post.role) in by)
    if not found and not none:
        raise NotAllowed("案由库和清单由系统管理员导入，由机关负责人或者督办人员确认")
    return found
