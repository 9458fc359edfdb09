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
from casework.acts.clocks import held_in
from casework.acts.handed_in import kept_since
from casework.common.typed_inputs import Inputs
from casework.credit.repair.collect import left_of, ordered_by, penalty_numbered, unmet_of
from casework.kernel import facts
from casework.models import Case
from state_machines.credit.national_repair.forms import END_NATIONAL_PUBLICITY, Filing
from state_machines.credit.repair.facts import Obligations
from state_machines.credit.repair.forms import (
    APPROVE,
    END_PUBLICITY,
    FAIL_VERIFICATION,
    FILE_NATIONALLY,
    FIND_FALSE_MATERIAL,
    REFUSE,
    REFUSE_FILING,
    REPAIRS,
    REQUEST_REMOVAL,
    SYNCHRONISE,
    VERIFY,
    RepairCase,
    Verification,
)
from state_machines.credit.repair.guards import obligations_are_performed
from state_machines.language.vocabulary import Refusal

# The decision, and what carries it out.
_REPAIRING = (APPROVE, REQUEST_REMOVAL, END_PUBLICITY, SYNCHRONISE)
# Nothing is filed, or granted, while anything is left.
_NATIONAL: frozenset[str] = frozenset((FILE_NATIONALLY, END_NATIONAL_PUBLICITY))
# Of either channel; what else bears such a name is refused on what its own process asks.
_REFUSING: frozenset[str] = frozenset((REFUSE, REFUSE_FILING))
FINDING = "repair_finding"
_LAW = "国办发〔2025〕22号、国家发展改革委令第36号"
_NOTHING = Obligations("", performed=True, proved=True)


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting repair while something is owed again."""
    process, step = act.process.key, act.step.name
    if process == "credit_repair" and step in _REPAIRING:
        known = facts.collect_facts(act, (obligations_are_performed,))
    elif process in REPAIRS and step in _NATIONAL:
        known = {Obligations: _filed_for(act)}
    elif process in REPAIRS and step in _REFUSING:
        return _of_refusal(act)
    elif process == "credit_repair" and step == VERIFY:
        return _of_verification(act)
    elif process == "credit_repair" and step == FIND_FALSE_MATERIAL and step in act.before:
        return [Refusal("found_before", "本案已经认定提供虚假材料，不重复认定", _LAW)]
    else:
        return []
    refusal = obligations_are_performed.judge(known)
    return [refusal] if refusal else []


def conditions_unmet(act: Act) -> list[str]:
    """Which conditions of repair are not met, as the file has it. What the authority has still to
    look at, or has just put right in its own books, is held against nobody."""
    penalty, duty = _penalty_behind(act)
    known: Mapping[type, Any] = (
        {Obligations: left_of(act, penalty, duty)}
        if penalty is not None
        else facts.collect_facts(act, (obligations_are_performed,))
        if act.process.key == "credit_repair"
        else {Obligations: _NOTHING}
    )
    owed = obligations_are_performed.judge(known)
    unmet = [owed.text] if owed and not (penalty and _has_time(act, penalty)) else []
    if penalty and act.process.key == "national_repair":  # it has no verification of its own
        unmet += [left.outstanding for left in (_seen_unmet(act, penalty),) if left.outstanding]
    failed = act.inputs.at(FAIL_VERIFICATION)
    if failed is not None and act.latest((VERIFY, FAIL_VERIFICATION)) == FAIL_VERIFICATION:
        clauses = "、".join(result.clause for result in failed.results if not result.met)
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
    if conditions_unmet(act):
        return []
    text = (
        "案卷中没有不符合修复条件的事实（义务未履行、核查未通过、当事人逾期）：有其他依据的，"
        "先上传复查记录、有关部门的书面意见等（材料“不予修复的依据”）再决定"
    )
    return [Refusal("repair_refusal_unfounded", text, "国办发〔2025〕22号、国家发展改革委令第36号")]


def _filed_for(act: Act) -> Obligations:
    """What is left of the penalty whose repair is filed nationally; nothing of another record."""
    penalty, duty = _penalty_behind(act)
    if penalty is None:
        return _NOTHING
    owed = (left_of(act, penalty, duty), ordered_by(act, penalty), _seen_unmet(act, penalty))
    return next((obligations for obligations in owed if obligations.outstanding), _NOTHING)


def _seen_unmet(act: Act, penalty: Case) -> Obligations:
    """What a look found not in order and none has found in order since."""
    unmet = [clause for clause, met in unmet_of(act, penalty.number).items() if not met]
    told = f"改正违法行为（{'、'.join(unmet)}复查未改正，须在本机关信用修复中核查通过）"
    return Obligations(told if unmet else "", performed=not unmet, proved=not unmet)


def _penalty_behind(act: Act) -> tuple[Case | None, str]:
    """The penalty of whose record the repair is, by either channel, if it is one, and what of it
    had to be performed."""
    repair = act.case
    if act.process.key == "national_repair":
        filed = act.inputs.application(Filing).repair
        repair = act.session.scalars(select(Case).where(Case.number == filed)).one()
    repair_case = Inputs(repair.data).application(RepairCase)
    return penalty_numbered(act.session, repair_case.source), repair_case.outstanding


def _has_time(act: Act, penalty: Case) -> bool:
    """Whether the party still has time to pay what was put right against it."""
    today = act.day.isoformat()
    held = held_in(penalty.data).values()
    return any(one["clocks"] and one["until"] >= today for one in held)


def _of_verification(act: Act) -> list[Refusal]:
    """What was found not in order stays so until officers looked at that very thing again."""
    seen = {result.clause: result.met for result in act.filled(Verification).results}
    unmet = {**unmet_of(act, act.inputs.application(RepairCase).source), **seen} if seen else {}
    left = [clause for clause, met in unmet.items() if not met]
    if not left:
        return []
    text = (
        f"{'、'.join(left)}曾经核查、复查不符合，本次核查没有逐项认定符合，不能认定核查通过："
        "请对该项逐一核查"
    )
    return [Refusal("clause_not_seen_again", text, _LAW)]
