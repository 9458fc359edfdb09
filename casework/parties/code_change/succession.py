"""Claims that a party goes on under another code (主体代码变更登记): judging and keeping them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.acts.successions import current_of
from casework.common.codes import normalise
from casework.common.problems import Misconfigured, bad_field
from casework.common.texts import same_name
from casework.common.timekeeping import end_of, in_chinese, legal_date
from casework.kernel.sources import last_day
from casework.models import Case, Mandate, Notice, Party, PartySuccession
from state_machines.parties.code_change.facts import ContinuedCode, FormerParty
from state_machines.parties.code_change.guards import old_code_may_be_continued


def claim_on(session: Session, party: Party, code: str, on: date) -> ContinuedCode:
    """What is known of a code that a party is said to have borne before."""
    wanted = normalise(code)
    old = session.scalar(select(Party).where(Party.code == wanted))
    if old is None:
        return ContinuedCode(wanted, False, False, False, False, "")
    by = session.scalar(
        select(Party.code)
        .join(PartySuccession, PartySuccession.new_party_id == Party.id)
        .where(PartySuccession.old_party_id == old.id)
    )
    return ContinuedCode(
        wanted,
        registered=True,
        own=old.id == party.id,
        other_kind=old.code_kind != party.code_kind,
        circular=current_of(session, party.id, on) == current_of(session, old.id, on),
        continued_by=by or "",
    )


def judge_claim(session: Session, party: Party, code: str, on: date) -> None:
    """Raise BadInput if the code cannot be continued by the party, as the guard would say later."""
    against = old_code_may_be_continued.judge({ContinuedCode: claim_on(session, party, code, on)})
    if against is not None:
        raise bad_field("old_code", "变更前的代码", against.text, law=against.law)


def carry_on(act: Act, code: str) -> None:
    """Put down that the case's party continues the one of that code, and tell the latter. Raises
    Misconfigured if there is none."""
    old = _former(act, code)
    act.session.add(
        PartySuccession(
            old_party_id=old.id,
            new_party_id=act.case.party_id,
            case_id=act.case.id,
            log_seq=act.case.head_seq + 1,
            since=act.day,
        )
    )
    act.session.flush()
    act.note("continued", {"party": old.id, "code": old.code})
    said = (
        f"{act.authority.name}确认{act.party.name}（{act.party.code}）与代码{old.code}为同一主体，"
        f"原记录由其延续（案号：{act.case.number}）。认为有误的，请向该机关提出异议，"
        f"电话{act.authority.phone}。"
    )
    _tell(act, old, f"succession/{act.case.id}/{old.id}", said)


def tell_claimed(act: Act, code: str) -> None:
    """Tell the party of that code that the case's party claims to be it, and until when it may
    object. Raises Misconfigured if there is none."""
    old, until = _former(act, code), in_chinese(_last_day_to_object(act, act.day))
    said = (
        f"{act.authority.name}收到登记申请：{act.party.name}（{act.party.code}）称与代码{old.code}为同一主体，"
        f"确认后将代其办理并延续其全部记录（案号：{act.case.number}）。不是同一主体的，"
        f"请在{until}前向该机关提出异议，电话{act.authority.phone}。"
    )
    _tell(act, old, _key_of_claim(act, old), said)


def former_of(act: Act, code: str) -> FormerParty:
    """What is known, at that act, of the party whose code is said to be continued."""
    session, old = act.session, _former(act, code)
    registered = (("名称", "name"), ("法定代表人（负责人）", "representative"))
    acting = select(Mandate).where(Mandate.party_id == old.id, in_force(act.day))
    under_way = select(Case.id).where(Case.party_id == old.id, Case.ended_at.is_(None)).limit(1)
    mandates = session.scalars(acting).all()
    heads = {one.person_id for one in mandates if one.capacity == "representative"}
    told = session.scalar(select(Notice.created_at).where(Notice.key == _key_of_claim(act, old)))
    until = _last_day_to_object(act, legal_date(told)) if told else None
    return FormerParty(
        tuple(
            label
            for label, field in registered
            if not same_name(getattr(old, field), getattr(act.party, field))
        ),
        lives=old.dissolved_on is None and bool(mandates or session.scalar(under_way)),
        # What a clerk uploads says what the clerk was handed, not that the firm agrees.
        agreed=any(
            one.material == "former_consent" and one.person_id in heads
            for one in act.dossier.attachments
        ),
        until=until,
        over=until is not None and act.ground.now >= end_of(until),
    )


def _former(act: Act, code: str) -> Party:
    old = act.session.scalar(select(Party).where(Party.code == normalise(code)))
    if old is None:
        raise Misconfigured(f"没有代码为“{code}”的当事人")
    return old


def _last_day_to_object(act: Act, told: date) -> date:
    limit, _ = act.rules.limit("succession.former_heard", told, act.region)
    return last_day(limit, told, act)


def _key_of_claim(act: Act, old: Party) -> str:
    return f"succession/claimed/{act.case.id}/{old.id}"


def _tell(act: Act, old: Party, key: str, said: str) -> None:
    now = act.ground.now
    act.session.add(
        Notice(
            key=key,
            kind="step",
            case_id=act.case.id,
            authority_id=act.case.authority_id,
            to_party_id=old.id,
            subject=f"代码变更登记：{old.code}",
            body=said,
            created_at=now,
            attempts=0,
            next_try_at=now,
        )
    )
