"""What anybody reads of a place by the code on its wall (一码通): its licences, how it is graded,
what the last check came to, and what is published of its firm. No person is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.common.problems import NotFound
from casework.common.texts import token
from casework.common.timekeeping import legal_date
from casework.grading.place_grading.graded import PlaceGrade
from casework.kernel.office import Office
from casework.models import Authority, Case, Party, Place
from casework.publicity.public_list import PublicEntry, public_list
from casework.reading.place.kept_promise import KeptPromise, promises_of
from casework.reading.public import certificate
from state_machines.licences import LICENCES
from state_machines.licensing.licence.process import LICENCE


@dataclass(frozen=True)
class PlaceLicence:
    """A licence of a place as whoever stands before it may read it. Renewed early, the term is the
    one that runs today, and `next_from` to `next_until` the one after it; `valid_until` is None for
    one that is verified by `verify_by` instead. `promise` is None if it was not granted on one."""

    kind: str
    number: str
    place_name: str
    place_kind: str
    address: str
    valid_from: date
    valid_until: date | None
    next_from: date | None
    next_until: date | None
    verify_by: date | None
    state: str
    state_label: str
    stands: bool
    suspended_until: date | None
    authority: str
    grade: PlaceGrade | None
    promise: KeptPromise | None


@dataclass(frozen=True)
class PlaceView:
    """A place on the day `as_of`: of each kind of licence the one that stands, else the latest.
    `published` are the decisions on its firm `firm` (its code) that the public list has, the newest
    first; `more` if there are others. Complaints go to `authority` by `phone`."""

    code: str
    address: str
    authority: str
    phone: str
    licences: tuple[PlaceLicence, ...]
    firm: str
    published: tuple[PublicEntry, ...]
    more: bool
    as_of: date


def place_view(office: Office, session: Session, code: str) -> PlaceView:
    """The place whose sheet bears the code. Raises NotFound."""
    place = place_by_code(session, code)
    cases = _licences_at(session, place)
    promises = promises_of(session, cases)
    told = tuple(_told(office, session, case, promises.get(case.id)) for case in cases)
    firm = _firm_of(session, cases)
    listed = public_list(office, session, q=firm) if firm else None
    authority = _authority_of(session, place, cases)
    return PlaceView(
        code=place.code,
        address=told[0].address if told else place.address,
        authority=authority.name if authority else "",
        phone=authority.phone if authority else "",
        licences=told,
        firm=firm,
        published=listed.entries if listed else (),
        more=bool(listed and listed.cursor),
        as_of=legal_date(office.time.now()),
    )


def place_by_code(session: Session, code: str) -> Place:
    """The place of a code, however it was typed. Raises NotFound."""
    place = session.scalar(select(Place).where(Place.code == token(code).lower()))
    if place is None:
        raise NotFound("没有查到该二维码对应的场所，请核对二维码，或者向当地卫生健康部门查询")
    return place


def _licences_at(session: Session, place: Place) -> Sequence[Case]:
    """Of each kind of licence the one that stands, else the latest; that of hygiene first."""
    rows = session.scalars(
        select(Case)
        .where(Case.place_id == place.id, Case.process.in_(LICENCES))
        .order_by(Case.id.desc())
    ).all()
    return [case for kind in LICENCES for case in _best(kind, rows)]


def _best(kind: str, rows: Iterable[Case]) -> list[Case]:
    """The one that stands, else the latest, of the licences of a kind, the latest first."""
    of_kind = [case for case in rows if case.process == kind]
    return sorted(of_kind, key=lambda case: case.state not in LICENCES[kind])[:1]


def _told(
    office: Office, session: Session, case: Case, promise: KeptPromise | None
) -> PlaceLicence:
    said = certificate(office, session, case)
    return PlaceLicence(
        kind=said.kind,
        number=said.number,
        place_name=said.place_name,
        place_kind=said.place_kind,
        address=said.address,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        next_from=said.next_from,
        next_until=said.next_until,
        verify_by=said.verify_by,
        state=said.state,
        state_label=said.state_label,
        stands=said.stands,
        suspended_until=said.suspended_until,
        authority=said.authority,
        grade=said.grade,
        promise=promise,
    )


def _firm_of(session: Session, cases: Sequence[Case]) -> str:
    """The code of the firm that holds the first licence; empty for a person, who is nobody's
    business."""
    if not cases:
        return ""
    party = session.get_one(Party, cases[0].party_id)
    return party.code if party.code_kind == "uscc" else ""


def _authority_of(session: Session, place: Place, cases: Sequence[Case]) -> Authority | None:
    """Who is told of what is wrong there: who licensed it, else who would."""
    if cases:
        return session.get_one(Authority, cases[0].authority_id)
    competent = Authority.matters.contains([LICENCE.matter])
    return session.scalar(
        select(Authority)
        .where(Authority.region == place.region, competent)
        .order_by(Authority.id)
        .limit(1)
    )
