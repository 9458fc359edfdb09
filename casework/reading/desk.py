"""What lies on a desk besides its cases: notices and licences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, literal, select, tuple_
from sqlalchemy.orm import Session

from casework.access.party_view import PartyView, party_view
from casework.access.readers import Reader, reader_of, visible
from casework.acts.actors import Actor
from casework.acts.numbers import cases_numbered
from casework.common.problems import NotFound
from casework.common.timekeeping import legal_date
from casework.credit.reading import known_party
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    Notice,
    NoticeRead,
    Party,
)
from casework.reading.public import CertificateView, certificate
from rulebook.models import PlaceKind
from state_machines.language.vocabulary import Process
from state_machines.licences import LICENCES


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
    read: bool = False


@dataclass(frozen=True)
class LicenceView:
    """A licence for those who may see its case."""

    case: str
    certificate: CertificateView
    representative: str
    party: PartyView


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
    return newest_notices(session, addressed(reader), before, limit, actor.person_id)


def addressed(reader: Reader) -> list[ColumnElement[bool]]:
    """The conditions on `Notice`, each of which makes it one to the reader."""
    ways: list[ColumnElement[bool]] = [
        and_(Notice.authority_id == post.authority_id, Notice.to_role == post.role)
        for post in reader.posts
    ]
    if reader.parties:
        ways.append(Notice.to_party_id.in_(reader.parties))
    return ways


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


def newest_notices(
    session: Session,
    ways: Sequence[ColumnElement[bool]],
    before: int | None,
    limit: int,
    person: int | None = None,
) -> tuple[NoticeView, ...]:
    """The newest notices that meet one of the conditions, each read in order from its index, and
    whether that person has opened them."""
    moment = tuple_(Notice.created_at, Notice.id)
    last = session.get(Notice, before) if before else None
    beyond = [moment < tuple_(literal(last.created_at), literal(last.id))] if last else []
    was_read = exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.person_id == person)
    rows = {
        notice.id: (notice, number, read)
        for way in ways
        for notice, number, read in session.execute(
            select(Notice, Case.number, was_read)
            .outerjoin(Case, Notice.case_id == Case.id)
            .where(way, *beyond)
            .order_by(Notice.created_at.desc(), Notice.id.desc())
            .limit(limit)
        )
    }
    newest = sorted(rows.values(), key=lambda row: (row[0].created_at, row[0].id), reverse=True)
    return tuple(notice_view(*row) for row in newest[:limit])


def notice_view(row: Notice, number: str | None, read: bool = True) -> NoticeView:
    """A notice as it is read, of the case of that number."""
    return NoticeView(
        row.id, row.kind, number, row.subject, row.body, row.created_at, row.delivered_at, read
    )
