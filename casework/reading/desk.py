"""What lies on a desk besides its cases: notices, licences, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from casework.access.party_view import PartyView, party_view
from casework.access.readers import reader_of, visible
from casework.acts.actors import Actor
from casework.acts.numbers import cases_numbered
from casework.common.database import MOST_COUNTED, by_index, counted_rows
from casework.common.problems import NotAllowed, NotFound
from casework.common.timekeeping import legal_date
from casework.credit.reading import known_party
from casework.deadlines import duty_book as duties
from casework.deadlines.duty_book import DUTIES, DutyState
from casework.kernel.met_in_time import UNDONE
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    Notice,
    Party,
    ProcessVersion,
    Publication,
    SweepFailure,
)
from casework.publicity.publications import is_late
from casework.reading.public import CertificateView, certificate
from rulebook.models import PlaceKind
from state_machines.language.vocabulary import Process, Role
from state_machines.licences import LICENCES

_SHOWN = 50
_SUPERVISING = (Role.SUPERVISOR.value, Role.ADMIN.value)


@dataclass(frozen=True)
class NoticeView:
    """A notice in the inbox. `kind` is step, reminder, breach, lapse, digest or alarm; the last two
    are of no case."""

    id: int
    kind: str
    case: str | None
    subject: str
    body: str
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True)
class LicenceView:
    """A licence for those who may see its case."""

    case: str
    certificate: CertificateView
    representative: str
    party: PartyView


@dataclass(frozen=True)
class OverdueView:
    """How many open cases of a process are past a due date (`MOST_COUNTED`)."""

    process: str
    process_label: str
    count: int


@dataclass(frozen=True)
class SweepFailureView:
    """A case that a sweep could not take further; `sweep` is the name of the duty."""

    case: str
    sweep: str
    sweep_label: str
    error: str
    attempts: int
    failed_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class OverviewView:
    """What a supervisor must know: the latest breaches and failures; `undelivered` counts notices
    whose delivery failed, `unpublished` entries past their last day of publication. No count goes
    beyond one more than `MOST_COUNTED`. `duties` is what the house does by itself, for all
    authorities alike."""

    overdue: tuple[OverdueView, ...]
    breaches: tuple[NoticeView, ...]
    failures: tuple[SweepFailureView, ...]
    undelivered: int
    unpublished: int
    duties: tuple[DutyState, ...]


@dataclass(frozen=True)
class RegionChoice:
    """A district in which a process may be applied for, and who decides there."""

    code: str
    label: str
    authority: str


@dataclass(frozen=True)
class FilingChoices:
    """What an application may choose from."""

    regions: tuple[RegionChoice, ...]
    place_kinds: tuple[PlaceKind, ...]


def notices_of(
    office: Office,
    session: Session,
    actor: Actor,
    *,
    before: int | None = None,
    limit: int = 50,
) -> tuple[NoticeView, ...]:
    """The notices to the parties the actor represents and the posts the actor holds, newest first;
    those that come after the notice `before`, if it is given.

    Being readable here is delivery; `delivered_at` says when it was noted.
    """
    reader = reader_of(office, session, actor)
    ways: list[ColumnElement[bool]] = [
        and_(Notice.authority_id == post.authority_id, Notice.to_role == post.role)
        for post in reader.posts
    ]
    if reader.parties:
        ways.append(Notice.to_party_id.in_(reader.parties))
    return _newest(session, ways, before, limit)


def party_of(office: Office, session: Session, actor: Actor, code: str) -> PartyView:
    """A registered party, for officers and its own people. Raises NotFound."""
    return party_view(known_party(office, session, actor, code)[0])


def licence(office: Office, session: Session, actor: Actor, number: str) -> LicenceView:
    """The licence of that number, if the actor may see its case. Raises NotFound."""
    reader = reader_of(office, session, actor)
    found = (
        session.scalar(cases_numbered(kind, number).where(visible(reader)).limit(1))
        for kind in LICENCES
    )
    case = next((case for case in found if case), None)
    if case is None:
        raise NotFound(f"没有编号为“{number}”的许可证")
    return LicenceView(
        case=case.number,
        certificate=certificate(office, session, case),
        representative=case.data["application"]["representative"],
        party=party_view(session.get_one(Party, case.party_id)),
    )


def supervisor_overview(office: Office, session: Session, actor: Actor) -> OverviewView:
    """What stands still at the authorities the actor supervises. Raises NotAllowed."""
    reader = reader_of(office, session, actor)
    mine = {post.authority_id for post in reader.posts if post.role in _SUPERVISING}
    if not mine:
        raise NotAllowed("督办总览由督办人员和系统管理员查看")
    codes = session.scalars(select(Authority.code).where(Authority.id.in_(mine))).all()
    by_index(session)
    labels = {p.key: p.label for p in office.versions.known(session, reader.today)}
    of_mine = Case.authority_id.in_(mine)
    kinds = select(ProcessVersion.process).distinct().subquery()
    late = (
        select(Case.id)
        .where(
            of_mine,
            Case.process == kinds.c.process,
            Case.ended_at.is_(None),
            ~Case.private,
            Case.due_on < reader.today,
        )
        .limit(MOST_COUNTED + 1)
        .lateral()
    )
    overdue = session.execute(
        select(kinds.c.process, func.count())
        .join(late, true())
        .group_by(kinds.c.process)
        .order_by(kinds.c.process)
    )
    failures = session.execute(
        select(SweepFailure, Case.number)
        .join(Case, SweepFailure.case_id == Case.id)
        .where(of_mine)
        .order_by(SweepFailure.failed_at.desc())
        .limit(_SHOWN)
    )
    undelivered = select(Notice.id).where(
        Notice.authority_id.in_(mine), Notice.delivered_at.is_(None), Notice.attempts > 0
    )
    unpublished = (
        select(Publication.id)
        .join(Case, Publication.case_id == Case.id)
        .where(of_mine, is_late(reader.today))
    )
    later = aliased(Notice)
    undone = exists().where(later.key == Notice.key + UNDONE)
    breaches = [
        and_(Notice.authority_id == one, Notice.kind == "breach", ~undone) for one in sorted(mine)
    ]
    return OverviewView(
        overdue=tuple(OverdueView(key, labels.get(key, key), n) for key, n in overdue),
        breaches=_newest(session, breaches, None, _SHOWN),
        failures=tuple(
            SweepFailureView(
                number,
                row.sweep,
                DUTIES[row.sweep].label if row.sweep in DUTIES else row.sweep,
                row.error,
                row.attempts,
                row.failed_at,
                row.next_try_at,
            )
            for row, number in failures
        ),
        undelivered=counted_rows(session, undelivered),
        unpublished=counted_rows(session, unpublished),
        duties=duties.states(office, session, codes),
    )


def filing_choices(office: Office, session: Session, process: Process) -> FilingChoices:
    """Districts and kinds of place that an application of a process may name."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    authorities = session.scalars(
        select(Authority)
        .where(Authority.matters.contains([process.matter]))
        .order_by(Authority.region)
    )
    return FilingChoices(
        regions=tuple(
            RegionChoice(authority.region, rules.region(authority.region).label, authority.name)
            for authority in authorities
        ),
        place_kinds=tuple(rules.place_kinds(today, "")),
    )


def _newest(
    session: Session, ways: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> tuple[NoticeView, ...]:
    """The newest notices that meet one of the conditions, each read in order from its index."""
    moment = tuple_(Notice.created_at, Notice.id)
    last = session.get(Notice, before) if before else None
    beyond = [moment < tuple_(literal(last.created_at), literal(last.id))] if last else []
    rows = {
        notice.id: (notice, number)
        for way in ways
        for notice, number in session.execute(
            select(Notice, Case.number)
            .outerjoin(Case, Notice.case_id == Case.id)
            .where(way, *beyond)
            .order_by(Notice.created_at.desc(), Notice.id.desc())
            .limit(limit)
        )
    }
    newest = sorted(rows.values(), key=lambda row: (row[0].created_at, row[0].id), reverse=True)
    return tuple(_notice(notice, number) for notice, number in newest[:limit])


def _notice(row: Notice, number: str | None) -> NoticeView:
    return NoticeView(
        row.id, row.kind, number, row.subject, row.body, row.created_at, row.delivered_at
    )
