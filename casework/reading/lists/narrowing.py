"""What a list is narrowed by (列表筛选): the way through the cases that are wanted."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from casework.access.finding import is_among
from casework.access.readers import Reader, stands_in
from casework.common.database import by_index
from casework.common.timekeeping import end_of, start_of
from casework.kernel.met_in_time import UNDONE
from casework.kernel.office import Office
from casework.models import Account, Case, Notice
from casework.reading.lists.places import Way
from casework.reading.lists.wanted import (
    ALWAYS,
    NOBODY,
    Days,
    Wanted,
    checked,
    matters_of,
    near_spans,
    spans,
)
from state_machines.licences import LICENCES
from state_machines.processes import PROCESSES

MOST_EXPORTED = 5000


def way_to(office: Office, session: Session, reader: Reader, wanted: Wanted) -> Way:
    """The way through the list that is wanted. Raises BadInput."""
    checked(wanted, reader.today)
    # Each of the ways has its index, and an estimate must not turn one into a scan of all.
    by_index(session)
    queue = wanted.queue or ("open" if wanted.of_open else None)
    narrow = [
        condition
        for given, condition in (
            (queue, Case.ended_at.is_(None)),
            (wanted.process, Case.process == wanted.process),
            (wanted.state, stands_in(reader, wanted.state or "")),
            (not wanted.licences, Case.process.not_in(LICENCES)),
            (wanted.part == "own", Case.authority_id.in_(reader.authorities)),
            (wanted.part == "joint", Case.authority_id.not_in(reader.authorities)),
        )
        if given
    ]
    narrow += [*_between(Case.opened_at, wanted.opened), *_between(Case.ended_at, wanted.ended)]
    return Way(
        reader,
        queue,
        narrow,
        by=_put_by(wanted, queue),
        due=_due(office, session, reader, wanted.due),
        handlers=_handlers(session, reader, wanted),
        processes=_of_matter(wanted.matter),
        few=_breached(session, reader, wanted.breached),
    )


def _put_by(wanted: Wanted, queue: str | None) -> Literal["due", "id", "opened", "ended"]:
    if queue:
        return "due"
    if wanted.ended:
        return "ended"
    return "opened" if wanted.opened or wanted.sort == "opened" else "id"


def _due(office: Office, session: Session, reader: Reader, due: str | None) -> Days:
    if due is None:
        return ALWAYS
    near = near_spans(reader.today)
    if due in near:  # these need no calendar
        return near[due]
    return spans(reader.today, office.rules.current(session).calendar)[due]


def _handlers(session: Session, reader: Reader, wanted: Wanted) -> tuple[str, ...] | None:
    """The accounts one of which is to be a handler: none for nobody, None for whoever it is."""
    if wanted.officer == NOBODY:
        return ()
    named = (wanted.officer,) if wanted.officer else None
    if not wanted.mine:
        return named
    own = select(Account.username).where(Account.person_id == reader.actor.person_id)
    mine = tuple(session.scalars(own.order_by(Account.username)))
    return tuple(one for one in mine if named is None or one in named) or ("",)


def _of_matter(matter: str | None) -> tuple[str, ...]:
    """The processes of a matter, those with a track of it among them."""
    if not matter:
        return ()
    found = (process.key for process in PROCESSES.values() if matter in matters_of(process))
    return tuple(sorted(found)) or ("",)


def _between(column: Any, days: Days) -> list[ColumnElement[bool]]:
    found = [column >= start_of(days.first)] if days.first else []
    return found + ([column < end_of(days.last)] if days.last else [])


def _breached(session: Session, reader: Reader, days: Days) -> ColumnElement[bool] | None:
    """The condition for cases of the reader's authorities a limit of which was breached then."""
    if not days:
        return None
    rows = breaches(reader).where(*_between(Notice.created_at, days))
    return is_among(Case.id, session.scalars(rows.distinct().limit(MOST_EXPORTED)).all())


def breaches(reader: Reader) -> Select[Any]:
    """The cases of which it was told that a limit was breached, once for each time."""
    later = aliased(Notice)
    return select(Notice.case_id).where(
        Notice.authority_id.in_(sorted(reader.authorities)),
        Notice.kind == "breach",
        ~exists().where(later.key == Notice.key + UNDONE),
    )
