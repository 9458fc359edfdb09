"""Whoever is granted repair has performed (履行): at the decision still, not only when it applied,
and until what was decided is carried out. Whoever is refused it lacks a condition by its file.

A payment may be put right, and a court may give a fine back its force, in between; in cases of
every version, by either channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.common.typed_inputs import Inputs
from casework.credit.repair.collect import left_of, penalty_numbered
from casework.kernel import facts
from casework.models import Case
from state_machines.credit.national_repair.forms import END_NATIONAL_PUBLICITY, Filing
from state_machines.credit.repair.facts import Obligations
from state_machines.credit.repair.forms import (
    APPROVE,
    END_PUBLICITY,
    FAIL_VERIFICATION,
    REFUSE,
    REFUSE_FILING,
    REPAIRS,
    REQUEST_REMOVAL,
    SYNCHRONISE,
    VERIFY,
    RepairCase,
)
from state_machines.credit.repair.guards import obligations_are_performed
from state_machines.language.vocabulary import Refusal

# The decision, and what carries it out.
_REPAIRING = (APPROVE, REQUEST_REMOVAL, END_PUBLICITY, SYNCHRONISE)
# Of either channel; what else bears such a name is refused on what its own process asks.
_REFUSING: frozenset[str] = frozenset((REFUSE, REFUSE_FILING))
FINDING = "repair_finding"


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting repair while something is owed again."""
    process, step = act.process.key, act.step.name
    if process == "credit_repair" and step in _REPAIRING:
        known = facts.collect(act, (obligations_are_performed,))
    elif process == "national_repair" and step == END_NATIONAL_PUBLICITY:
        known = {Obligations: _filed_for(act)}
    elif process in REPAIRS and step in _REFUSING:
        return _of_refusal(act)
    else:
        return []
    refusal = obligations_are_performed.judge(known)
    return [refusal] if refusal else []


def unmet_of(act: Act) -> list[str]:
    """Which conditions of repair are not met, as the file has it."""
    national = act.process.key == "national_repair"
    known: Mapping[type, Any] = (
        {Obligations: _filed_for(act)}
        if national
        else facts.collect(act, (obligations_are_performed,))
    )
    owed = obligations_are_performed.judge(known)
    unmet = [owed.text] if owed else []
    failed = act.inputs.at(FAIL_VERIFICATION)
    if failed is not None and act.latest((VERIFY, FAIL_VERIFICATION)) == FAIL_VERIFICATION:
        clauses = "、".join(one.clause for one in failed.results if not one.met)
        unmet.append(f"核查未通过，不符合的事项：{clauses}")
    late = {
        run.name
        for run in act.runs
        # It ran out, and went on running out until this act.
        if run.fires_at and run.fires_at <= act.at and (run.ended_at or act.at) >= act.at
    }
    unmet += [
        f"{clock.label}已经届满，仍未完成"
        for clock in act.process.clocks
        if clock.binds == "party" and clock.name in late
    ]
    kept = kept_since(act, FINDING, -1)
    if kept:
        unmet.append(f"在卷的书面材料认定不符合修复条件：{'、'.join(one.filename for one in kept)}")
    return unmet


def _of_refusal(act: Act) -> list[Refusal]:
    if unmet_of(act):
        return []
    text = (
        "案卷中没有不符合修复条件的事实（义务未履行、核查未通过、当事人逾期）：有其他依据的，"
        "先上传复查记录、有关部门的书面意见等（材料“不予修复的依据”）再决定"
    )
    return [Refusal("repair_refusal_unfounded", text, "国办发〔2025〕22号、国家发展改革委令第36号")]


def _filed_for(act: Act) -> Obligations:
    """What is left of the penalty whose repair filed nationally; nothing of another record."""
    filed = act.inputs.application(Filing).repair
    repair = act.session.scalars(select(Case).where(Case.number == filed)).one()
    said = Inputs(repair.data).application(RepairCase)
    penalty = penalty_numbered(act.session, said.source)
    if penalty is None:
        return Obligations("", performed=True, proved=True)
    return left_of(act, penalty, said.outstanding)
