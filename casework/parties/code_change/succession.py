"""Claims that a party goes on under another code (主体代码变更登记): judging and keeping them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.successions import current_of
from casework.common.codes import normalise
from casework.common.problems import Misconfigured, bad_field
from casework.models import Notice, Party, PartySuccession
from state_machines.parties.code_change.facts import ContinuedCode
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
    old = act.session.scalar(select(Party).where(Party.code == normalise(code)))
    if old is None:
        raise Misconfigured(f"没有代码为“{code}”的当事人")
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
    now = act.ground.now
    act.session.add(
        Notice(
            key=f"succession/{act.case.id}/{old.id}",
            kind="step",
            case_id=act.case.id,
            authority_id=act.case.authority_id,
            to_party_id=old.id,
            subject=f"代码变更登记：{old.code}",
            body=f"{act.authority.name}确认{act.party.name}（{act.party.code}）与代码{old.code}为同一主体，"
            f"原记录由其延续（案号：{act.case.number}）。认为有误的，请向该机关提出异议，"
            f"电话{act.authority.phone}。",
            created_at=now,
            attempts=0,
            next_try_at=now,
        )
    )
