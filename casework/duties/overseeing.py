"""How the duties stand (值守情况), for those who watch over an authority: what waits, what failed,
and letting a duty rest, go on, or try again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.problems import NotAllowed, NotFound, no_such_case
from casework.common.timekeeping import legal_date
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DUE_CLOCKS, DUTIES, NOTICES, PUBLICATION, Duty
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    DutyRun,
    Message,
    Notice,
    Person,
    Publication,
    SweepFailure,
)
from casework.notifying.dead_letters import count_of
from casework.notifying.states import State
from casework.people.administration.admin_log import Change, log_change
from casework.publicity.publications import is_late
from state_machines.language.vocabulary import Role

_WATCHING = (Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True)
class DutyLine:
    """How a duty stands for one authority, or for the whole house (`authority` is empty).

    Instants are the machine's. `done` and `failed` count what the last run did; `backlog` is what
    waits now, and `oldest` since when (by the office's calendar), where that can be told; `dead`
    counts the messages that lie with the supervisor (发送失败). From `gap_from` to `gap_to` it was
    last left undone for so long that there was an alarm, or after a run that was broken off; there
    is no `gap_to` until it has been done again.
    """

    duty: str
    label: str
    authority: str
    authority_name: str
    last_success: datetime | None
    last_end: datetime | None
    done: int
    failed: int
    error: str
    backlog: int | None
    oldest: datetime | None
    dead: int
    paused_at: datetime | None
    paused_by: str
    paused_because: str
    may_rest: bool
    gap_from: datetime | None
    gap_to: datetime | None

    @property
    def gap(self) -> str:
        """How long that was, in Chinese; empty if it never was."""
        return (
            duty_book.in_words(self.gap_to - self.gap_from) if self.gap_from and self.gap_to else ""
        )


def lines(office: Office, session: Session, actor: Actor) -> tuple[DutyLine, ...]:
    """How each duty stands for the authorities that the actor watches over. Raises NotAllowed."""
    authorities = watched(office, session, actor)
    runs = {
        (run.duty, run.authority): run
        for run in session.scalars(
            select(DutyRun).where(DutyRun.authority.in_([*authorities, duty_book.HOUSE]))
        )
    }
    paused_by = _names(session, runs)
    duty_lines = []
    for duty in DUTIES.values():
        codes = list(authorities) if duty.by_authority else [duty_book.HOUSE]
        for code in codes:
            run = runs.get((duty.name, code))
            backlog, oldest = backlog_of(office, session, duty, authorities.get(code))
            duty_lines.append(
                DutyLine(
                    duty=duty.name,
                    label=duty.label,
                    authority=code,
                    authority_name=authorities[code].short if code else "",
                    last_success=run.succeeded_at if run else None,
                    last_end=run.ended_at if run else None,
                    done=(run.done or 0) if run else 0,
                    failed=(run.failed or 0) if run else 0,
                    error=(run.error or "") if run else "",
                    backlog=backlog,
                    oldest=oldest,
                    dead=count_of(session, authorities[code].id) if duty is NOTICES else 0,
                    paused_at=run.paused_at if run else None,
                    paused_by=paused_by.get((run.paused_by or 0) if run else 0, ""),
                    paused_because=(run.paused_because or "") if run else "",
                    may_rest=duty.by_authority,
                    gap_from=run.gap_from if run else None,
                    gap_to=run.gap_to if run else None,
                )
            )
    return tuple(duty_lines)


def let_rest(office: Office, actor: Actor, name: str, code: str, because: str) -> None:
    """Let a duty rest for an authority. Raises NotAllowed, NotFound, BadInput without a reason."""

    def work(session: Session) -> None:
        authority, duty = _duty_of(office, session, actor, name, code)
        duty_book.pause(office, session, duty, code, actor.person_id, because)
        _log(office, session, actor, authority, "duty_paused", f"{duty.label}：{because.strip()}")

    office.database.in_transaction(work)


def let_go_on(office: Office, actor: Actor, name: str, code: str) -> None:
    """Let a duty that rests for an authority be done again. Raises NotAllowed, NotFound."""

    def work(session: Session) -> None:
        authority, duty = _duty_of(office, session, actor, name, code)
        duty_book.resume(office, session, duty, code)
        _log(office, session, actor, authority, "duty_resumed", duty.label)

    office.database.in_transaction(work)


def try_again(office: Office, actor: Actor, number: str) -> None:
    """Let what stands aside of a case be tried by the next run. Raises NotAllowed, NotFound."""

    def work(session: Session) -> None:
        ids = {authority.id for authority in watched(office, session, actor).values()}
        case = session.scalar(select(Case).where(Case.number == number, Case.authority_id.in_(ids)))
        if case is None:
            raise no_such_case(number)
        session.execute(
            update(SweepFailure)
            .where(SweepFailure.case_id == case.id)
            .values(next_try_at=office.time.now())
        )

    office.database.in_transaction(work)


def known(name: str) -> Duty:
    """The duty of that name. Raises NotFound."""
    if name not in DUTIES:
        raise NotFound(f"没有名为“{name}”的自动值守事项")
    return DUTIES[name]


def judge_watcher(office: Office, session: Session, actor: Actor) -> None:
    """Raise NotAllowed unless the actor watches over an authority."""
    watched(office, session, actor)


def watched(office: Office, session: Session, actor: Actor) -> Mapping[str, Authority]:
    """The authorities that the actor watches over, by their code. Raises NotAllowed."""
    reader = reader_of(office, session, actor)
    ids = {post.authority_id for post in reader.posts if Role(post.role) in _WATCHING}
    if not ids:
        raise NotAllowed("自动值守由督办人员和系统管理员查看、管理")
    rows = session.scalars(select(Authority).where(Authority.id.in_(ids)).order_by(Authority.id))
    return {row.code: row for row in rows}


def _duty_of(
    office: Office, session: Session, actor: Actor, name: str, code: str
) -> tuple[Authority, Duty]:
    """The authority of that code, which the actor watches over, and the duty. Raises NotFound, and
    NotAllowed for a duty that all authorities share."""
    duty, mine = known(name), watched(office, session, actor)
    if not duty.by_authority:
        raise NotAllowed(f"“{duty.label}”是全库的事项，不能由一个机关暂停")
    if code not in mine:
        raise NotFound(f"没有由您督办的机关“{code}”")
    return mine[code], duty


def _log(
    office: Office, session: Session, actor: Actor, authority: Authority, kind: str, ground: str
) -> None:
    now = office.time.now()
    change = Change(kind, actor, now.isoformat(), ground, legal_date(now))
    log_change(session, authority.id, change, ())


def _names(session: Session, runs: Mapping[Any, DutyRun]) -> dict[int, str]:
    ids = {run.paused_by for run in runs.values() if run.paused_by}
    if not ids:
        return {}
    return dict(
        session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples().all()
    )


def backlog_of(
    office: Office, session: Session, duty: Duty, authority: Authority | None = None
) -> tuple[int | None, datetime | None]:
    """What waits for a duty at an authority, or at all of them, and since when."""
    now = office.time.now()

    def of(model: type[Case | Notice | Message]) -> ColumnElement[bool]:
        return model.authority_id == authority.id if authority else true()

    if duty is DUE_CLOCKS:
        return _counted(session, Case.id, Case.next_due, of(Case) & (Case.next_due <= now))
    if duty is NOTICES:
        notices = of(Notice) & Notice.delivered_at.is_(None)
        messages = of(Message) & (Message.state == State.WAITING.value)
        first = _counted(session, Notice.id, Notice.created_at, notices)
        then = _counted(session, Message.id, Message.created_at, messages)
        since = [oldest for _, oldest in (first, then) if oldest]
        return first[0] + then[0], min(since, default=None)
    if duty is PUBLICATION:
        late = select(func.count()).where(
            is_late(legal_date(now)), Publication.case_id == Case.id, of(Case)
        )
        return session.scalar(late), None
    return None, None


def _counted(
    session: Session, key: Any, since: Any, wanted: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """How many rows are wanted, and since when the oldest waits."""
    count, oldest = session.execute(select(func.count(key), func.min(since)).where(wanted)).one()
    return count, oldest
