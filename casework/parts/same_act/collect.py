"""The act in hand beside the party's other cases (一事不二罚), as registers and logs have them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.successions import lock_line
from casework.common.problems import Misconfigured
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.kernel.facts import FactTable
from casework.models import Case
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.same_act import (
    Conduct,
    OtherCase,
    conduct_of,
    distinctions_of,
    other_cases,
    scenes_of,
)
from state_machines.checks.commitment_check.forms import REFER_PENALTY
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.approvals.measures import FINES
from state_machines.parts.same_act.facts import (
    DifferenceTold,
    EarlierCase,
    FinesInForce,
    SameAct,
)
from state_machines.parts.same_act.forms import Conducted, Distinction

# A case of another procedure from which the act is referred: it has no measures yet.
_REFERRED = REFER_PENALTY
_ON_THE_SPOT = PUNISH


def _same_act(act: Act) -> SameAct:
    # Two cases of one party that are decided at once must see each other.
    if act.deciding:
        lock_line(act.session, act.case.party_id, _today(act))
    apart = distinctions_of(act.session, act.case) if act.step.name != _ON_THE_SPOT else {}
    same = [other_case for other_case in of_the_same_act(act) if other_case.number not in apart]
    return SameAct(
        fines=act.step.name == _REFERRED
        or any(measure.kind in FINES for measure in act.filled(Proposal).measures),
        spot=act.step.name == _ON_THE_SPOT,
        fined=tuple(_told(act, one) for one in same if one.fined),
        exempted=tuple(_told(act, one) for one in same if one.exempted),
    )


def _difference_told(act: Act) -> DifferenceTold:
    """What stands in the notice was said before it was written; in the log, that is."""
    notices = [name for bind in act.process.binds if bind.name == "notice" for name in bind.by]
    seq = act.dossier.row_of(*notices)
    apart = distinctions_of(act.session, act.case)
    return DifferenceTold(tuple(name for name, one in apart.items() if one.seq > seq))


def _earlier_case(act: Act) -> EarlierCase:
    number, mine = act.filled(Distinction).case, _conduct(act)
    ours = {
        other.number
        for other in _others(act)
        if other.authority_id == act.case.authority_id or other.conduct.is_of(mine)
    }
    return EarlierCase(number, number in ours)


def fined_besides(act: Act) -> tuple[str, ...]:
    """The other cases in which a fine for the act of this case is in force, while one is here; each
    as told."""
    if not any(measure.kind in FINES for measure in standing.in_force(act.inputs)):
        return ()
    apart = distinctions_of(act.session, act.case)
    return tuple(
        _told(act, other_case)
        for other_case in of_the_same_act(act)
        if other_case.fined and other_case.number not in apart and not _tells_apart(act, other_case)
    )


def _tells_apart(act: Act, other: OtherCase) -> bool:
    """Whether the other case says in what it differs from this one."""
    case = act.session.scalars(select(Case).where(Case.number == other.number)).one()
    return act.case.number in distinctions_of(act.session, case)


def of_the_same_act(act: Act) -> list[OtherCase]:
    """The party's other cases that are presumed to be about the act of this one."""
    mine = _conduct(act)
    return [other for other in _others(act) if other.conduct.is_of(mine)]


def _others(act: Act) -> list[OtherCase]:
    """The party's other cases of enforcement."""
    return other_cases(act.session, act.case.party_id, _today(act), besides=act.case.id)


def _today(act: Act) -> date:
    """Whatever day the act bears: who goes on under which code is known as of its entry."""
    return legal_date(act.context.now)


def _conduct(act: Act) -> Conduct:
    if act.step.name == _REFERRED:
        return conduct_of(act.filled(Conducted), act.case.place_id, Inputs({}), None, {})
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    before = Inputs(origin.data) if origin else None
    seen = scenes_of(act.session, [(act.case.id, act.case.origin_id)])[act.case.id]
    conducted = act.inputs.application(Conducted)
    return conduct_of(conducted, act.case.place_id, act.inputs, before, {}, seen)


def _told(act: Act, one: OtherCase) -> str:
    """A case as a refusal names it: of another authority no more than its number."""
    if one.authority_id != act.case.authority_id:
        return f"{one.number}，{one.authority}"
    try:
        label = act.rules.violation(one.conduct.violation, act.day, act.region)[0].label
    except Misconfigured:
        label = one.conduct.violation.upper()
    day = f"，{one.decided_on:%Y-%m-%d}决定" if one.decided_on else ""
    return f"{one.number}，{label}{day}"


FACTS: FactTable = {
    DifferenceTold: _difference_told,
    EarlierCase: _earlier_case,
    FinesInForce: lambda act: FinesInForce(fined_besides(act)),
    SameAct: _same_act,
}
