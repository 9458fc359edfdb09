"""Whoever is granted repair has performed (履行): at the decision still, not only when it applied,
and until what was decided is carried out.

A payment may be put right, and a court may give a fine back its force, in between; in cases of
every version, by either channel.
"""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.typed_inputs import Inputs
from casework.credit.repair.collect import left_of, penalty_numbered
from casework.kernel import facts
from casework.models import Case
from state_machines.credit.national_repair.forms import END_NATIONAL_PUBLICITY, Filing
from state_machines.credit.repair.facts import Obligations
from state_machines.credit.repair.forms import (
    APPROVE,
    END_PUBLICITY,
    REQUEST_REMOVAL,
    SYNCHRONISE,
    RepairCase,
)
from state_machines.credit.repair.guards import obligations_are_performed
from state_machines.language.vocabulary import Refusal

# The decision, and what carries it out.
_REPAIRING = (APPROVE, REQUEST_REMOVAL, END_PUBLICITY, SYNCHRONISE)


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting repair while something is owed again."""
    process, step = act.process.key, act.step.name
    if process == "credit_repair" and step in _REPAIRING:
        known = facts.collect(act, (obligations_are_performed,))
    elif process == "national_repair" and step == END_NATIONAL_PUBLICITY:
        known = {Obligations: _filed_for(act)}
    else:
        return []
    refusal = obligations_are_performed.judge(known)
    return [refusal] if refusal else []


def _filed_for(act: Act) -> Obligations:
    """What is left of the penalty whose repair filed nationally; nothing of another record."""
    filed = act.inputs.application(Filing).repair
    repair = act.session.scalars(select(Case).where(Case.number == filed)).one()
    said = Inputs(repair.data).application(RepairCase)
    penalty = penalty_numbered(act.session, said.source)
    if penalty is None:
        return Obligations("", performed=True, proved=True)
    return left_of(act, penalty, said.outstanding)
