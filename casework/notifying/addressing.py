"""To whom a notice goes besides the portal's inbox (收件地址): one message for each address.

A party is told on its known contact, where it confirmed in that case that it can be reached, and so
is who acts for it; a desk where its administrator
said. A landline takes no short message: its party reads in the portal, or is told by the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import in_force
from casework.acts.electronic import MAIL, medium_of
from casework.acts.notices import CODE, ELECTRONIC
from casework.common.demo_time import is_demo
from casework.common.phones import mobile
from casework.common.timekeeping import ZONE, legal_date
from casework.common.typed_inputs import read
from casework.kernel.office import Office
from casework.models import (
    Account,
    Authority,
    Case,
    DeskAddress,
    ElectronicService,
    Mandate,
    Message,
    Notice,
    Party,
    Person,
)
from casework.notifying.outlets import routes
from casework.notifying.states import Medium, State
from casework.notifying.wording import wording_of
from state_machines.language.vocabulary import Role
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS, AddressConfirmation

ALARM = "alarm"
_URGENT = frozenset({CODE, ALARM})
_WAITING_FOR_A_WAY = frozenset({CODE, ELECTRONIC})
QUIET = "notices.quiet_hours"


class Outlets:
    """The way of notices by the outlets of their authority (`casework.operations.channels`)."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def deliver(self, session: Session, notice: Notice) -> None:
        """Line a notice up, as a message for each address that an outlet leads to."""
        now = self._office.time.now()
        usable = routes(session, notice.authority_id)
        demo = is_demo(session)
        seen = set()
        for medium, address in _addresses(session, notice, legal_date(now), demo=demo):
            key = _key(notice, medium, address)
            # A code that nothing leads to lies as a dead letter, documents wait for an outlet;
            # a demo shows all in its mailbox.
            if key in seen or not (medium in usable or demo or notice.kind in _WAITING_FOR_A_WAY):
                continue
            seen.add(key)
            session.add(_message(self._office, session, notice, medium, address, key, now))
        session.flush()


def _addresses(
    session: Session, notice: Notice, today: date, *, demo: bool
) -> Iterator[tuple[Medium, str]]:
    """Each way and address by which a notice is to go."""
    if notice.kind == ELECTRONIC:
        to = session.scalars(
            select(ElectronicService.address).where(ElectronicService.notice_id == notice.id)
        ).one()
        yield Medium(medium_of(to)), to
    elif notice.to_phone is not None:
        yield Medium.SMS, notice.to_phone
    elif notice.to_party_id is not None:
        party = session.get_one(Party, notice.to_party_id)
        phones = [party.phone]
        acting = (
            select(Account.phone)
            .join(Mandate, Mandate.person_id == Account.person_id)
            .where(
                Mandate.party_id == notice.to_party_id,
                in_force(today, Mandate),
                Account.active,
                # What a holder says of itself proves nothing until a clerk has seen the person.
                Account.bound_by.is_not(None),
                Account.phone.is_not(None),
            )
            .order_by(Account.id)
        )
        phones += [phone for phone in session.scalars(acting) if phone]
        agreed = _confirmed(session, notice)
        phones += [agreed.phone] if agreed and _receives(session, party, agreed, today) else []
        yield from ((Medium.SMS, found) for phone in phones if (found := mobile(phone)))
        if agreed and agreed.electronic and medium_of(agreed.electronic_address) == MAIL:
            yield Medium.MAIL, agreed.electronic_address.strip()
    elif notice.to_role is not None:
        desk_addresses = session.scalars(
            select(DeskAddress)
            .where(
                DeskAddress.authority_id == notice.authority_id,
                DeskAddress.role == notice.to_role,
                DeskAddress.closed_at.is_(None),
            )
            .order_by(DeskAddress.id)
        ).all()
        yield from (
            (Medium(desk_address.medium), desk_address.address) for desk_address in desk_addresses
        )
        if demo and not desk_addresses:
            yield Medium.MAIL, Role(notice.to_role).label


def _confirmed(session: Session, notice: Notice) -> AddressConfirmation | None:
    """Where the party of a notice's case last confirmed that it can be reached (送达地址确认书);
    what it said in another case, and to another authority, is not for this one."""
    case = session.get(Case, notice.case_id) if notice.case_id else None
    said = case.data.get(CONFIRM_ADDRESS) if case and case.party_id == notice.to_party_id else None
    return read(AddressConfirmation, said) if said else None


def _receives(session: Session, party: Party, agreed: AddressConfirmation, today: date) -> bool:
    """Whether whom a party named to receive is itself, its head, or still acts for it."""
    if agreed.receiver in {party.name, party.representative}:
        return True
    acting = select(Mandate.id).join(Person, Mandate.person_id == Person.id)
    acting = acting.where(Mandate.party_id == party.id, in_force(today, Mandate))
    return session.scalar(acting.where(Person.name == agreed.receiver).limit(1)) is not None


def _key(notice: Notice, medium: Medium, address: str) -> str:
    """What tells a repetition from another message; nobody reads an address in it."""
    return sha256(f"{notice.key}\n{medium.value}\n{address}".encode()).hexdigest()[:40]


def _message(
    office: Office,
    session: Session,
    notice: Notice,
    medium: Medium,
    address: str,
    key: str,
    now: datetime,
) -> Message:
    urgent = notice.kind in _URGENT
    wording = wording_of(office, session, notice, medium)
    return Message(
        notice_id=notice.id,
        authority_id=notice.authority_id,
        medium=medium.value,
        address=address,
        key=key,
        subject=wording.subject,
        text=wording.text,
        urgent=urgent,
        state=State.WAITING.value,
        created_at=now,
        next_try_at=now if urgent else after_quiet(office, session, notice.authority_id, now),
        attempts=0,
    )


def after_quiet(
    office: Office, session: Session, authority_id: int | None, instant: datetime
) -> datetime:
    """When what is not urgent may go out: that instant, or when the quiet hours (免打扰时段) around
    it are over."""
    region = session.get_one(Authority, authority_id).region if authority_id else ""
    said = office.rules.current(session).value(QUIET, legal_date(instant), region)
    begins, ends = (time.fromisoformat(str(one)) for one in said)
    local = instant.astimezone(ZONE)
    at = local.time()
    if begins == ends or not (begins <= at < ends if begins < ends else at >= begins or at < ends):
        return instant
    day = local.date() if at < ends else local.date() + timedelta(days=1)
    return datetime.combine(day, ends, ZONE)
