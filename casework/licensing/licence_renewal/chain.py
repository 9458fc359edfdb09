"""A holder's licences (持证清单), and renewing many of them at once: each is a case of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, select
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor, mandate_present
from casework.common.codes import same_number
from casework.common.problems import BadInput, Problem
from casework.common.texts import tidy
from casework.common.timekeeping import legal_date
from casework.deadlines.next_day import NextDay, first, party_days
from casework.deadlines.renewals import is_near_its_end, last_day_to_renew
from casework.kernel.office import Office, Outcome
from casework.licensing.penalised.standing_licence import standing_of
from casework.models import Authority, Case, CaseClock, Document
from state_machines.language.vocabulary import Process
from state_machines.licences import LICENCES
from state_machines.licensing.licence import guards as licences
from state_machines.licensing.licence.facts import ExpiringLicence, LicenceStanding, RenewalTime
from state_machines.parts.intake.forms import DISCARD, SUBMIT

MOST = 50
_ABOUT = {
    "licence_renewal": ("延续", (licences.renewal_may_be_filed, licences.renewal_is_in_time)),
    "licence_change": ("变更、补发", (licences.licence_stands,)),
}


@dataclass(frozen=True)
class Possible:
    """An application about a licence: its process, what it is called, and why it cannot be filed
    now (`""`: it can, as far as the licence's state says)."""

    process: str
    label: str
    why_not: str
    law: str


@dataclass(frozen=True)
class Duty:
    """What the holder has to do next under a licence, and by which day (年度报告、校验)."""

    label: str
    due_on: date


@dataclass(frozen=True)
class HeldCertificate:
    """The newest certificate of a licence: a document, and the number of its case."""

    case: str
    document: int


@dataclass(frozen=True)
class HeldLicence:
    """A licence that a party holds, for its own people or for a clerk whom they stand before.

    `duties` are its holder's own next ones, the earliest first; `next_day` is what the holder must
    know next, such as the last day to apply for its renewal; by its `code` anybody verifies it.
    """

    case: str
    code: str
    process: str
    kind: str
    number: str
    place_name: str
    address: str
    state: str
    state_label: str
    valid_until: date | None
    due_on: date | None
    next_day: NextDay | None
    duties: tuple[Duty, ...]
    possible: tuple[Possible, ...]
    certificate: HeldCertificate | None = None


@dataclass(frozen=True)
class Renewed:
    """What became of one licence: the application's number, or why there is none."""

    licence: str
    place_name: str
    number: str | None
    state: str | None
    reason: str
    law: str


def licences_of(
    office: Office, session: Session, actor: Actor, *, mandate: int | None = None
) -> tuple[HeldLicence, ...]:
    """The licences that have not ended of the parties the actor represents; at the counter of the
    party under whose `mandate` somebody is present. Those that expire first come first.

    Raises BadInput, NotAllowed if that mandate does not hold.
    """
    reader = reader_of(office, session, actor)
    holders = list(reader.parties)
    seen: ColumnElement[bool] = Case.party_id.in_(holders)
    if mandate is not None:
        holder = mandate_present(session, mandate, [reader.today]).party_id
        # A clerk sees what the own authority issued, as everywhere.
        holders = [holder]
        seen = (Case.party_id == holder) & Case.authority_id.in_(reader.authorities)
    certificates = _newest_certificates(holders)
    certified = session.execute(
        select(Case, certificates.c.case, certificates.c.document)
        .outerjoin(
            certificates,
            (certificates.c.party == Case.party_id)
            & (certificates.c.number == Case.data["application"]["number"].as_string()),
        )
        .where(seen, Case.process.in_(LICENCES), Case.ended_at.is_(None))
    ).all()
    rows = [row for row, _, _ in certified]
    clocks: dict[int, list[CaseClock]] = {}
    for clock in session.scalars(
        select(CaseClock)
        .where(CaseClock.case_id.in_([row.id for row in rows]), CaseClock.ended_at.is_(None))
        .order_by(CaseClock.due_on)
    ):
        clocks.setdefault(clock.case_id, []).append(clock)
    days = party_days(office, session, rows)
    held = [
        replace(
            _held(office, session, row, clocks.get(row.id, []), first(days[row.id])),
            certificate=HeldCertificate(number, document) if document else None,
        )
        for row, number, document in certified
    ]
    return tuple(
        sorted(
            held,
            key=lambda held_licence: (held_licence.valid_until or date.max, held_licence.number),
        )
    )


def _newest_certificates(holders: Sequence[int]) -> Subquery:
    """Of each number that documents of these parties bear, the `case` it was issued in and the
    `document`: what was made first in the newest step that made any, since duplicates follow the
    original. Read once for all of a party's licences."""
    return (
        select(
            Case.party_id.label("party"),
            Document.number.label("number"),
            Case.number.label("case"),
            Document.id.label("document"),
        )
        .join(Document, Document.case_id == Case.id)
        .where(Case.party_id.in_(holders))
        .distinct(Case.party_id, Document.number)
        .order_by(
            Case.party_id,
            Document.number,
            Document.issued_on.desc(),
            Document.case_id.desc(),
            Document.log_seq.desc(),
            Document.id,
        )
        .subquery("newest")
    )


def renew(
    office: Office,
    actor: Actor,
    licences: Sequence[str],
    data: Mapping[str, Any],
    *,
    mandate: int | None = None,
    key: str | None = None,
) -> tuple[Renewed, ...]:
    """File the renewal (延续申请) of each of these licences with the same answers.

    Each is filed whole in its own right or not at all: what one is refused for holds up no other.
    With `key`, asking again files nothing twice. Raises BadInput if the list itself is wrong.
    """
    wanted = list(dict.fromkeys(filter(None, map(tidy, licences))))
    if not wanted or len(wanted) > MOST:
        text = f"请选择1至{MOST}份许可证" if wanted else "请至少选择一份许可证"
        raise BadInput(text, [{"field": "licences", "label": "许可证", "text": text}])
    with office.database.session() as session:
        held = licences_of(office, session, actor, mandate=mandate)
    known = {
        number: next((o for o in held if same_number(o.number, number)), None) for number in wanted
    }
    named = {
        held_licence.number if held_licence else number: held_licence
        for number, held_licence in known.items()
    }
    return tuple(
        _renew(office, actor, number, held_licence, data, mandate, key)
        for number, held_licence in named.items()
    )


def _renew(
    office: Office,
    actor: Actor,
    number: str,
    held: HeldLicence | None,
    data: Mapping[str, Any],
    mandate: int | None,
    key: str | None,
) -> Renewed:
    if held is None:
        return Renewed(number, "", None, None, "没有由您代表的单位持有的这份许可证", "")
    way = next((one for one in held.possible if one.process == "licence_renewal"), None)
    if way is None:
        return Renewed(number, held.place_name, None, None, f"{held.kind}不在此办理延续", "")
    if way.why_not:
        return Renewed(number, held.place_name, None, None, way.why_not, way.law)

    def keyed(what: str) -> str | None:
        return f"{key}/{number}/{what}" if key else None

    try:
        opened = office.open_case(
            "licence_renewal",
            {**data, "licence": number},
            actor,
            mandate=mandate,
            key=keyed("open"),
        )
    except Problem as problem:
        return Renewed(number, held.place_name, None, None, problem.detail, problem.law)

    def take(step: str) -> Outcome:
        return office.advance(
            opened.number,
            step,
            {},
            actor,
            version=opened.version,
            mandate=mandate,
            key=keyed(step),
        )

    try:
        filed = take(SUBMIT)
    except Problem as problem:
        take(DISCARD)
        return Renewed(number, held.place_name, None, None, problem.detail, problem.law)
    return Renewed(number, held.place_name, filed.number, filed.state, "", "")


def _held(
    office: Office,
    session: Session,
    case: Case,
    clocks: Sequence[CaseClock],
    to_know: NextDay | None,
) -> HeldLicence:
    """A licence as its holder sees it: how it stands, its duties, and what may be done about it."""
    process = office.versions.by_digest(session, case.version_digest)
    said = case.data["application"]
    today = legal_date(office.time.now())
    state = standing_of(process, case, today)
    label, standing = state.label, LicenceStanding(state.name, state.label)
    known = {p.key for p in office.versions.known(session, today)}
    possible = []
    until = said.get("valid_until")
    for key, (name, rules) in _ABOUT.items() if case.process == "licence" else ():
        if key in known:
            facts = {LicenceStanding: standing, **_expiring(office, session, process, case)}
            verdicts = (rule.judge(facts) for rule in rules)
            against = next((verdict for verdict in verdicts if verdict), None)
            told = (against.text, against.law) if against else ("", "")
            possible.append(Possible(key, name, *told))
    duties = tuple(
        Duty(process.clock(row.name).label, row.due_on)
        for row in clocks
        if row.due_on and process.clock(row.name).binds == "party"
    )
    return HeldLicence(
        case=case.number,
        code=case.tracking_code,
        process=case.process,
        kind=process.label,
        number=said["number"],
        place_name=said["place_name"],
        address=said["address"],
        state=case.state,
        state_label=label,
        valid_until=date.fromisoformat(until) if until else None,
        due_on=case.due_on,
        next_day=to_know,
        duties=duties,
        possible=tuple(possible),
    )


def _expiring(
    office: Office, session: Session, process: Process, licence: Case
) -> dict[type, ExpiringLicence | RenewalTime]:
    """Whether a renewal may be applied for today, and would be in time."""
    today, rules = legal_date(office.time.now()), office.rules.current(session)
    region = session.get_one(Authority, licence.authority_id).region
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    last = last_day_to_renew(rules, licence.process, until, today, region)
    late = rules.value("licence.late_renewal", today, region)
    own = process.state(licence.state)
    near = is_near_its_end(rules, until, today, region)
    return {
        ExpiringLicence: ExpiringLicence(own.name, own.label, near),
        RenewalTime: RenewalTime(today, last, late == "accept_warn"),
    }
