"""What lies on a desk besides its cases: notices, licences, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from casework import duties
from casework.actors import Actor
from casework.duties import DutyState
from casework.models import (
    Authority,
    Case,
    Notice,
    Party,
    Publication,
    SweepFailure,
)
from casework.numbers import cases_numbered
from casework.office import Office
from casework.problems import NotAllowed, NotFound
from casework.reading.access import reader_of, visible
from casework.reading.case import PartyView, party_view
from casework.reading.credit import known_party
from casework.reading.public import CertificateView, certificate
from casework.timekeeping import legal_date
from rulebook.models import PlaceKind
from state_machines.licences import LICENCES
from state_machines.vocabulary import Role

_SUPERVISING = (Role.SUPERVISOR.value, Role.ADMIN.value)


@dataclass(frozen=True)
class NoticeView:
    """A notice in the inbox. `kind` is step, reminder, breach or lapse."""

    id: int
    kind: str
    case: str
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
    """How many open cases of a process are past a due date."""

    process: str
    process_label: str
    count: int


@dataclass(frozen=True)
class SweepFailureView:
    """A case that a sweep could not take further."""

    case: str
    sweep: str
    error: str
    attempts: int
    failed_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class OverviewView:
    """What a supervisor must know. `undelivered` counts notices whose delivery failed,
    `unpublished` entries past their last day of publication; `duties` is what the house does by
    itself, for all authorities alike."""

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
    office: Office, session: Session, actor: Actor, *, limit: int = 50
) -> tuple[NoticeView, ...]:
    """The notices to the parties the actor represents and the posts the actor holds, newest first.

    Being readable here is delivery; `delivered_at` says when it was noted.
    """
    reader = reader_of(office, session, actor)
    ways = [
        and_(Notice.authority_id == post.authority_id, Notice.to_role == post.role)
        for post in reader.posts
    ]
    if reader.parties:
        ways.append(Notice.to_party_id.in_(reader.parties))
    rows = session.execute(
        select(Notice, Case.number)
        .join(Case, Notice.case_id == Case.id)
        .where(or_(*ways) if ways else false())
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return tuple(_notice(row, number) for row, number in rows)


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
    of_mine = Case.authority_id.in_(mine)
    overdue = session.execute(
        select(Case.process, func.count())
        .where(of_mine, Case.ended_at.is_(None), Case.due_on < reader.today, ~Case.private)
        .group_by(Case.process)
        .order_by(Case.process)
    )
    labels = {p.key: p.label for p in office.versions.known(session, reader.today)}
    breaches = session.execute(
        select(Notice, Case.number)
        .join(Case, Notice.case_id == Case.id)
        .where(Notice.authority_id.in_(mine), Notice.kind == "breach")
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(50)
    )
    failures = session.execute(
        select(SweepFailure, Case.number)
        .join(Case, SweepFailure.case_id == Case.id)
        .where(of_mine)
        .order_by(SweepFailure.failed_at.desc())
    )
    undelivered = select(func.count()).where(
        Notice.authority_id.in_(mine), Notice.delivered_at.is_(None), Notice.attempts > 0
    )
    unpublished = (
        select(func.count())
        .select_from(Publication)
        .join(Case, Publication.case_id == Case.id)
        .where(of_mine, Publication.published_on.is_(None), Publication.due_on < reader.today)
    )
    return OverviewView(
        overdue=tuple(OverdueView(key, labels.get(key, key), n) for key, n in overdue),
        breaches=tuple(_notice(row, number) for row, number in breaches),
        failures=tuple(
            SweepFailureView(
                number, row.sweep, row.error, row.attempts, row.failed_at, row.next_try_at
            )
            for row, number in failures
        ),
        undelivered=session.scalar(undelivered) or 0,
        unpublished=session.scalar(unpublished) or 0,
        duties=duties.states(office, session),
    )


def filing_choices(office: Office, session: Session, process: str) -> FilingChoices:
    """Districts and kinds of place that an application of a process may name.

    Raises Misconfigured if there is no such process.
    """
    today = legal_date(office.time.now())
    declared, _ = office.versions.in_force(session, process, today)
    rules = office.rules.current(session)
    authorities = session.scalars(
        select(Authority)
        .where(Authority.matters.contains([declared.matter]))
        .order_by(Authority.region)
    )
    return FilingChoices(
        regions=tuple(
            RegionChoice(one.region, rules.region(one.region).label, one.name)
            for one in authorities
        ),
        place_kinds=tuple(rules.place_kinds(today, "")),
    )


def _notice(row: Notice, number: str) -> NoticeView:
    return NoticeView(
        row.id, row.kind, number, row.subject, row.body, row.created_at, row.delivered_at
    )
