"""Parties whose code changed (主体代码变更)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from casework.act import Act
from casework.actors import in_force
from casework.code_changes import claim_on
from casework.codes import normalise
from casework.facts.gathering import Gatherers
from casework.facts.given import handed_in
from casework.models import Mandate, Party
from casework.successions import lock_claim
from state_machines.facts.successions import ActingForOld, ChangeProof, ContinuedCode


def _continued_code(act: Act) -> ContinuedCode:
    code = act.data["application"]["old_code"]
    if act.deciding:
        lock_claim(act.session, act.party, code, act.day)
    return claim_on(act.session, act.party, code, act.day)


def _change_proof(act: Act) -> ChangeProof:
    changed_on = date.fromisoformat(act.data["application"]["changed_on"])
    return ChangeProof("change_proof" in handed_in(act), changed_on, act.day)


def _acting_for_old(act: Act) -> ActingForOld:
    code = normalise(act.data["application"]["old_code"])
    acting = set(
        act.session.scalars(
            select(Mandate.person_id)
            .join(Party, Mandate.party_id == Party.id)
            .where(Party.code == code, in_force(act.day))
        )
    )
    return ActingForOld(tuple(o.name for o in act.hand.officers if o.person_id in acting))


GATHERERS: Gatherers = {
    ActingForOld: _acting_for_old,
    ChangeProof: _change_proof,
    ContinuedCode: _continued_code,
}
