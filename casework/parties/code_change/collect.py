"""Parties whose code changed (主体代码变更)."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.acts.handed_in import handed_in
from casework.acts.successions import lock_claim
from casework.common.codes import normalise
from casework.kernel.facts import FactTable
from casework.models import Mandate, Party
from casework.parties.code_change.succession import claim_on, former_of
from state_machines.parties.code_change.facts import (
    ActingForOld,
    ChangeProof,
    ContinuedCode,
    FormerParty,
)
from state_machines.parties.code_change.forms import Claim


def _continued_code(act: Act) -> ContinuedCode:
    code = act.inputs.application(Claim).old_code
    if act.deciding:
        lock_claim(act.session, act.party, code, act.day)
    return claim_on(act.session, act.party, code, act.day)


def _former_party(act: Act) -> FormerParty:
    return former_of(act, act.inputs.application(Claim).old_code)


def _change_proof(act: Act) -> ChangeProof:
    changed_on = act.inputs.application(Claim).changed_on
    return ChangeProof("change_proof" in handed_in(act), changed_on, act.day)


def _acting_for_old(act: Act) -> ActingForOld:
    code = normalise(act.inputs.application(Claim).old_code)
    acting = set(
        act.session.scalars(
            select(Mandate.person_id)
            .join(Party, Mandate.party_id == Party.id)
            .where(Party.code == code, in_force(act.day))
        )
    )
    return ActingForOld(tuple(o.name for o in act.execution.officers if o.person_id in acting))


FACTS: FactTable = {
    ActingForOld: _acting_for_old,
    ChangeProof: _change_proof,
    ContinuedCode: _continued_code,
    FormerParty: _former_party,
}
