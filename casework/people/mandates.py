"""Who may act for a party (授权登记): mandates, registered by a clerk who has seen the papers, and
each person's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.masking import mask_name, masked_code
from casework.access.readers import reader_of
from casework.acts.actors import CAPACITIES, Actor, in_force, may_file
from casework.common.codes import ID_KINDS, normalise
from casework.common.identities import judged
from casework.common.inputs import near, typed
from casework.common.problems import NotFound, bad_field
from casework.common.texts import same_name
from casework.common.timekeeping import in_chinese, legal_date
from casework.kernel.office import Office
from casework.models import Mandate, MandatePaper, Party, PartyPaper, Person
from casework.people.mandate_ends import end_mandate
from casework.people.party_papers import KINDS, clerks_only, for_representative
from state_machines.language.vocabulary import Role

SCOPES = {"file": "代为申请、办理", "promise": "代为签署承诺书", "receive": "代为领取文书"}
_AGENCY = "《民法典》第一百六十五条"
_LONGEST_YEARS = 10
_LONGEST_REASON = 400


@dataclass(frozen=True)
class MandateView:
    """Who acts for a party, by its code, for what and until when. The ID's number is masked.

    `papers` are the scans of the 授权委托书, by id and name, for clerks only; `proof` the scan that
    names a representative, by id, kind and name, for clerks only too.
    """

    id: int
    party: str
    party_name: str
    name: str
    identity: str
    capacity: str
    scope: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    holds: bool
    ended_because: str | None
    registered: str
    papers: tuple[tuple[int, str], ...] = ()
    proof: tuple[int, str, str] | None = None


@dataclass(frozen=True)
class FirmView:
    """A party that the reader acts or acted for: the own mandates, those that hold first, and while
    one does, who else may act today, with names masked. `may_file` and `represented` say what the
    reader may do for it today."""

    code: str
    name: str
    dissolved_on: date | None
    may_file: bool
    represented: bool
    mine: tuple[MandateView, ...]
    others: tuple[MandateView, ...]


def register(
    office: Office,
    session: Session,
    actor: Actor,
    party_code: str,
    *,
    name: str,
    id_kind: str,
    id_code: str,
    capacity: str,
    scope: list[str],
    valid_from: date,
    valid_to: date | None,
    override_reason: str | None = None,
    paper: int | None = None,
) -> MandateView:
    """Register who acts for a party, from the papers a clerk has seen; gives the mandate. Said once
    more it is the one that holds already.

    A representative bears the name that the business licence says, which `paper` proves; an agent
    has a dated 授权委托书 (民法典165) and is of age. Raises NotAllowed for anyone but a window
    clerk, NotFound, BadInput, CodeDoubtful unless `override_reason` lets a wrong check digit stand.
    """
    party = _party(office, session, actor, party_code)
    today = legal_date(office.time.now())
    if party.dissolved_on is not None:
        text = f"已于{in_chinese(party.dissolved_on)}注销，不能再登记代表人或者代理人"
        raise bad_field("party", party.name, text, law="《民法典》第五十九条、第一百七十三条")
    person = _person(session, name, id_kind, id_code, override_reason, today)
    near("valid_from", "授权起期", valid_from, today)
    _judge(party, person, capacity, scope, valid_from, valid_to)
    names = capacity == "representative"
    proof = for_representative(session, party, person.id, paper) if names else None
    said = {
        "party_id": party.id,
        "person_id": person.id,
        "capacity": capacity,
        "scope": sorted(set(scope)) if capacity == "agent" else [],
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    entry = {
        "registered_by": actor.person_id,
        "registered_at": office.time.now(),
        "paper_id": proof.id if proof else None,
    }
    return mandate_view(_entered(session, said, entry), person, party, today)


def _entered(session: Session, said: Mapping[str, Any], entry: Mapping[str, Any]) -> Mandate:
    """The mandate that says so; the one that holds already, if somebody said so before."""
    session.get(Party, said["party_id"], with_for_update=True)  # a second click waits for the first
    wanted = select(Mandate).filter_by(**said, ended_because=None).order_by(Mandate.id)
    if (known := session.scalars(wanted).first()) is not None:
        return known
    mandate = Mandate(**said, **entry)
    session.add(mandate)
    session.flush()
    return mandate


def end(office: Office, session: Session, actor: Actor, mandate_id: int, reason: str) -> None:
    """End a mandate from today on: by a clerk, the party's own representative, or the agent who
    holds it (民法典173).

    Raises NotFound if it is none of theirs, BadInput without a reason, if it has ended, or if it is
    that of the one representative whom the register names.
    """
    today = legal_date(office.time.now())
    mandate = session.get(Mandate, mandate_id, with_for_update=True)
    reader = reader_of(office, session, actor)
    if mandate is None or not (
        Role.WINDOW_CLERK in reader.roles
        or (mandate.person_id == actor.person_id and mandate.capacity == "agent")
        or _represents(session, actor, mandate.party_id, today)
    ):
        raise NotFound("没有这项授权")
    because = typed("reason", "终止原因", reason, most=_LONGEST_REASON)
    if mandate.valid_to is not None and mandate.valid_to < today:
        raise bad_field("mandate", "授权", "已经终止，不必重复办理")
    if _is_the_only_head(session, mandate, today):
        text = (
            "是登记的法定代表人（负责人），其代表权随登记的变更终止，不能由窗口终止："
            "已经更换的，请先更正当事人登记"
        )
        raise bad_field("mandate", "授权", text, law="《民法典》第六十一条")
    end_mandate(session, mandate, because, actor, office.time.now())


def _is_the_only_head(session: Session, mandate: Mandate, today: date) -> bool:
    """Whether it is that of the representative whom the register names, and no other stands."""
    if mandate.capacity != "representative":
        return False
    party = session.get_one(Party, mandate.party_id)
    person = session.get_one(Person, mandate.person_id)
    if party.dissolved_on is not None or not same_name(person.name, party.representative):
        return False
    others = select(Mandate.id).where(
        Mandate.party_id == party.id,
        Mandate.capacity == "representative",
        Mandate.id != mandate.id,
        in_force(today),
    )
    return session.scalar(others.limit(1)) is None


def mandates_of(
    office: Office, session: Session, actor: Actor, party_code: str
) -> tuple[MandateView, ...]:
    """Everybody who acts or acted for a party, those who may today first.

    Raises NotAllowed for anyone but a window clerk, NotFound.
    """
    party = _party(office, session, actor, party_code)
    today = legal_date(office.time.now())
    rows = session.execute(
        select(Mandate, Person)
        .join(Person, Mandate.person_id == Person.id)
        .where(Mandate.party_id == party.id)
        .order_by(Mandate.id)
    )
    kept: dict[int, list[tuple[int, str]]] = {}
    scans = select(MandatePaper).join(Mandate).where(Mandate.party_id == party.id)
    for scan in session.scalars(scans.order_by(MandatePaper.id)):
        kept.setdefault(scan.mandate_id, []).append((scan.id, scan.filename))
    proofs = {
        scan.id: (scan.id, KINDS[scan.kind], scan.filename)
        for scan in session.scalars(select(PartyPaper).where(PartyPaper.party_id == party.id))
    }
    mandates = [
        replace(
            mandate_view(mandate, person, party, today),
            papers=tuple(kept.get(mandate.id, ())),
            proof=proofs.get(mandate.paper_id or 0),
        )
        for mandate, person in rows
    ]
    return tuple(sorted(mandates, key=lambda view: not view.holds))


def firms_of(office: Office, session: Session, actor: Actor) -> tuple[FirmView, ...]:
    """Every party that the actor acts or acted for."""
    today = legal_date(office.time.now())
    rows = session.execute(
        select(Party, Mandate, Person)
        .join(Mandate, Mandate.party_id == Party.id)
        .join(Person, Mandate.person_id == Person.id)
        .where(Party.id.in_(select(Mandate.party_id).where(Mandate.person_id == actor.person_id)))
        .order_by(Party.id, Mandate.id)
    ).all()
    firms = []
    for party, group in groupby(rows, key=lambda row: row[0]):
        mine: list[MandateView] = []
        others: list[MandateView] = []
        files = False
        for _, mandate, person in group:
            view = mandate_view(mandate, person, party, today)
            if person.id == actor.person_id:
                mine.append(view)
                files |= view.holds and may_file(mandate)
            else:
                others.append(view)
        acting = any(view.holds for view in mine)
        firms.append(
            FirmView(
                code=party.code,
                name=party.name,
                dissolved_on=party.dissolved_on,
                may_file=files and party.dissolved_on is None,
                represented=_represents(session, actor, party.id, today),
                mine=tuple(sorted(mine, key=lambda view: not view.holds)),
                others=tuple(
                    replace(view, name=mask_name(view.name), identity="")
                    for view in others
                    if acting and view.holds
                ),
            )
        )
    return tuple(firms)


def mandate_at_counter(
    office: Office, session: Session, actor: Actor, mandate_id: int
) -> MandateView | None:
    """The mandate under which a clerk is about to file, or None if there is none of that key.

    Raises NotAllowed for anyone but a window clerk.
    """
    clerks_only(office, session, actor)
    mandate = session.get(Mandate, mandate_id)
    if mandate is None:
        return None
    person = session.get_one(Person, mandate.person_id)
    party = session.get_one(Party, mandate.party_id)
    return mandate_view(mandate, person, party, legal_date(office.time.now()))


def _party(office: Office, session: Session, actor: Actor, code: str) -> Party:
    """The party of that code. Raises NotAllowed for anyone but a window clerk, NotFound."""
    clerks_only(office, session, actor)
    party = session.scalar(select(Party).where(Party.code == normalise(code)))
    if party is None:
        raise NotFound(f"没有代码为“{normalise(code)}”的当事人，请先登记")
    return party


def _person(
    session: Session, name: str, kind: str, code: str, override: str | None, today: date
) -> Person:
    """The person whose document this is, known or new. Raises BadInput if the document is
    registered under another name."""
    name, wanted = judged(name, kind, code, today, override=override)
    # Two clerks may register the same newcomer at the same moment.
    new = insert(Person).values(name=name, id_kind=kind, id_code=wanted)
    session.execute(new.on_conflict_do_nothing())
    person = session.scalars(
        select(Person).where(Person.id_kind == kind, Person.id_code == wanted)
    ).one()
    if not same_name(person.name, name):
        raise bad_field("name", "姓名", "与该证件号码已登记的姓名不一致，请核对证件")
    return person


def _judge(
    party: Party,
    person: Person,
    capacity: str,
    scope: list[str],
    valid_from: date,
    valid_to: date | None,
) -> None:
    if capacity not in CAPACITIES:
        raise bad_field("capacity", "身份", f"应为以下之一：{'、'.join(CAPACITIES.values())}")
    if capacity == "representative":
        if not same_name(person.name, party.representative):
            raise bad_field(
                "name",
                "姓名",
                f"与营业执照登记的法定代表人（负责人）“{party.representative}”不一致",
            )
        return
    if not scope or not set(scope) <= set(SCOPES):
        raise bad_field("scope", "代理事项", "请勾选授权委托书载明的代理事项", law=_AGENCY)
    if valid_to is None:
        raise bad_field("valid_to", "授权止期", "授权委托书应当载明期限", law=_AGENCY)
    if not valid_from <= valid_to <= valid_from + timedelta(days=366 * _LONGEST_YEARS):
        raise bad_field(
            "valid_to", "授权止期", f"不能早于起期，也不能超过{_LONGEST_YEARS}年", law=_AGENCY
        )


def _represents(session: Session, actor: Actor, party_id: int, today: date) -> bool:
    rows = select(Mandate.id).where(
        Mandate.person_id == actor.person_id,
        Mandate.party_id == party_id,
        Mandate.capacity == "representative",
        in_force(today),
    )
    return session.scalar(rows.limit(1)) is not None


def mandate_view(mandate: Mandate, person: Person, party: Party, today: date) -> MandateView:
    """A mandate as clerks and its holder see it."""
    kind = ID_KINDS.get(person.id_kind or "", "")
    code = masked_code(person.id_code) if person.id_code else ""
    return MandateView(
        id=mandate.id,
        party=party.code,
        party_name=party.name,
        name=person.name,
        identity=f"{kind} {code}".strip(),
        capacity=CAPACITIES[mandate.capacity],
        scope=tuple(SCOPES[act] for act in SCOPES if act in mandate.scope),
        valid_from=mandate.valid_from,
        valid_to=mandate.valid_to,
        holds=mandate.valid_from <= today
        and (mandate.valid_to is None or today <= mandate.valid_to),
        ended_because=mandate.ended_because,
        registered=_registered(mandate),
    )


def _registered(mandate: Mandate) -> str:
    if mandate.registered_at is None:
        return "机关录入"
    return "窗口登记" if mandate.registered_by else "单位联系人凭验证码确认"
