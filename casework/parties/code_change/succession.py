"""Claims that a party goes on under another code (主体代码变更登记): judging and keeping them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.acts.successions import current_of, locks_given_back
from casework.common.codes import normalise
from casework.common.problems import Misconfigured, bad_field
from casework.common.texts import same_name
from casework.common.timekeeping import end_of, in_chinese, legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Authority, Case, Mandate, Notice, Party, PartySuccession
from casework.rules.counting import CalendarUnknown, count
from casework.rules.rule_cache import Rules
from state_machines.parties.code_change.facts import ContinuedCode, FormerParty
from state_machines.parties.code_change.forms import Claim
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
    locks_given_back(act.session)  # the line that is locked is longer now
    act.note("continued", {"party": old.id, "code": old.code})
    said = (
        f"{act.authority.name}确认{act.party.name}（{act.party.code}）与代码{old.code}为同一主体，"
        f"原记录由其延续（案号：{act.case.number}）。认为有误的，请向该机关提出异议，"
        f"电话{act.authority.phone}。"
    )
    key = f"succession/{act.case.id}/{old.id}"
    _tell(act.session, act.case, old, key, said, act.context.now)


def tell_claimed(act: Act, code: str) -> None:
    """Tell the party of that code that the case's party claims to be it, and until when it may
    object. Raises Misconfigured if there is none."""
    old = _former(act, code)
    until = _last_day_to_object(act.rules, act.day, act.region)
    said = _claimed(act.authority, act.party, old, act.case, until)
    _tell(act.session, act.case, old, _key_of_claim(act.case, old), said, act.context.now)


def tell_of_waiting_claims(session: Session, rules: Rules, now: datetime) -> tuple[str, ...]:
    """Tell the parties of the old codes of the claims that wait since a release that told nobody,
    so that their time to object runs (民法典57). Gives a line for each that could not be told."""
    rows = session.execute(
        select(Case, Authority, Party)
        .join(Authority, Case.authority_id == Authority.id)
        .join(Party, Case.party_id == Party.id)
        .where(Case.process == "code_change", Case.state == "filed")
        .order_by(Case.id)
    ).all()
    today, untold = legal_date(now), []
    for case, authority, party in rows:
        code = normalise(Inputs(case.data).application(Claim).old_code)
        old = session.scalar(select(Party).where(Party.code == code))
        if old is None or _told_on(session, case, old) is not None:
            continue
        try:
            until = _last_day_to_object(rules, today, authority.region)
        except CalendarUnknown as unknown:
            untold.append(f"{case.number}：变更前代码的主体尚未告知（{unknown}），请补齐后再次升级")
            continue
        said = _claimed(authority, party, old, case, until)
        _tell(session, case, old, _key_of_claim(case, old), said, now)
    return tuple(untold)


def _claimed(authority: Authority, party: Party, old: Party, case: Case, until: date) -> str:
    return (
        f"{authority.name}收到登记申请：{party.name}（{party.code}）称与代码{old.code}为同一主体，"
        f"确认后将代其办理并延续其全部记录（案号：{case.number}）。不是同一主体的，"
        f"请在{in_chinese(until)}前向该机关提出异议，电话{authority.phone}。"
    )


def former_of(act: Act, code: str) -> FormerParty:
    """What is known, at that act, of the party whose code is said to be continued."""
    session, old = act.session, _former(act, code)
    registered = (("名称", "name"), ("法定代表人（负责人）", "representative"))
    acting = select(Mandate).where(Mandate.party_id == old.id, in_force(act.day))
    under_way = select(Case.id).where(Case.party_id == old.id, Case.ended_at.is_(None)).limit(1)
    mandates = session.scalars(acting).all()
    heads = {mandate.person_id for mandate in mandates if mandate.capacity == "representative"}
    told = _told_on(session, act.case, old)
    until = _last_day_to_object(act.rules, told, act.region) if told else None
    return FormerParty(
        tuple(
            label
            for label, field in registered
            if not same_name(getattr(old, field), getattr(act.party, field))
        ),
        lives=old.dissolved_on is None and bool(mandates or session.scalar(under_way)),
        # What a clerk uploads says what the clerk was handed, not that the firm agrees.
        agreed=any(
            attachment.material == "former_consent" and attachment.person_id in heads
            for attachment in act.dossier.attachments
        ),
        until=until,
        over=until is not None and act.context.now >= end_of(until),
    )


def _former(act: Act, code: str) -> Party:
    """The party of the former code. Raises Misconfigured."""
    old = act.session.scalar(select(Party).where(Party.code == normalise(code)))
    if old is None:
        raise Misconfigured(f"没有代码为“{code}”的当事人")
    return old


def _told_on(session: Session, case: Case, old: Party) -> date | None:
    """The day on which the former party was told of the claim; None if it was not."""
    told = session.scalar(select(Notice.created_at).where(Notice.key == _key_of_claim(case, old)))
    return legal_date(told) if told else None


def _last_day_to_object(rules: Rules, told: date, region: str) -> date:
    """The last day on which the former party, told on that day, may object."""
    limit, _ = rules.limit("succession.former_heard", told, region)
    due = count(limit, told, (), rules.calendar).due
    if due is None:
        raise ValueError(f"{limit.key}: without an open stop there is always a due date")
    return due


def _key_of_claim(case: Case, old: Party) -> str:
    return f"succession/claimed/{case.id}/{old.id}"


def _tell(session: Session, case: Case, old: Party, key: str, said: str, now: datetime) -> None:
    session.add(
        Notice(
            key=key,
            kind="step",
            case_id=case.id,
            authority_id=case.authority_id,
            to_party_id=old.id,
            subject=f"代码变更登记：{old.code}",
            body=said,
            created_at=now,
            attempts=0,
            next_try_at=now,
        )
    )
