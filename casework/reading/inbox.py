"""The inbox (消息): which notices a person has opened, and how many not yet."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.database import counted_rows
from casework.common.problems import NotFound
from casework.kernel.office import Office
from casework.models import Case, Notice, NoticeRead
from casework.reading.desk import NoticeView, addressed, notice_view


def unread(office: Office, session: Session, actor: Actor) -> int:
    """How many notices to the parties that the actor represents were not opened, as far as counted
    (`MOST_COUNTED`)."""
    reader = reader_of(office, session, actor)
    if not reader.parties:
        return 0
    mine = Notice.to_party_id.in_(reader.parties)
    return counted_rows(session, select(Notice.id).where(mine, ~_opened(reader)))


def opened(office: Office, session: Session, actor: Actor, notice: int) -> NoticeView:
    """A notice to the actor, which now counts as read. Raises NotFound."""
    reader = reader_of(office, session, actor)
    row = session.execute(
        select(Notice, Case.number)
        .outerjoin(Case, Notice.case_id == Case.id)
        .where(Notice.id == notice, _to(reader))
    ).first()
    if row is None:
        raise NotFound("没有这条消息")
    _note(office, session, reader, Notice.id == notice)
    return notice_view(row[0], row[1])


def all_opened(office: Office, session: Session, actor: Actor) -> None:
    """Every notice to the parties that the actor represents counts as read."""
    reader = reader_of(office, session, actor)
    _note(office, session, reader, Notice.to_party_id.in_(reader.parties))


def _to(reader: Reader) -> ColumnElement[bool]:
    return or_(false(), *addressed(reader))


def _opened(reader: Reader) -> ColumnElement[bool]:
    person = reader.actor.person_id
    return exists().where(and_(NoticeRead.notice_id == Notice.id, NoticeRead.person_id == person))


def _note(office: Office, session: Session, reader: Reader, which: ColumnElement[bool]) -> None:
    """Those notices count as read from now on, unless they did before."""
    now, person = literal(office.time.now()), literal(reader.actor.person_id)
    unread = select(person, Notice.id, now).where(which, ~_opened(reader))
    rows = insert(NoticeRead).from_select(["person_id", "notice_id", "read_at"], unread)
    session.execute(rows.on_conflict_do_nothing())
