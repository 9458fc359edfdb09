"""What ties a licence to the penalty that moves it (吊销、暂扣), in both directions."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.codes import same_number
from casework.common.typed_inputs import Inputs
from casework.kernel.facts import FactTable
from casework.licensing.penalised import standing_licence as penalised
from casework.models import Case, Place
from state_machines.licensing.licence.forms import (
    SUSPEND,
    Cancellation,
    DecisionSource,
    Licence,
    Suspension,
)
from state_machines.licensing.licence.process import HELD
from state_machines.licensing.penalised.facts import (
    LicencesToTake,
    LicenceToGiveBack,
    PenaltyBehind,
    PenaltyUndone,
    PlaceLicensedAnew,
    SuspensionTerm,
    Termless,
)
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.approvals.measures import MeasureKind

# What names a decision that this system does not know, by field.
_NAMED = {"issuer": "作出处罚决定的机关", "served_on": "送达日期", "verified": "核验情况"}
_TAKEN_BY = {step: taken for taken, step in penalised.GIVES_BACK.items()}
_FOR_A_TIME = (MeasureKind.SUSPEND_LICENCE.value,)


def _elsewhere(act: Act) -> bool:
    return act.filled(Cancellation).source != DecisionSource.HERE


def _behind(act: Act) -> PenaltyBehind:
    cancellation, kind = act.filled(Cancellation), penalised.TAKES[act.step.name]
    named = {
        "issuer": cancellation.issuer,
        "served_on": cancellation.served_on,
        "verified": cancellation.verified,
    }
    case = _named_case(act)
    decision = penalised.decision_of(act.session, case) if case else None
    return PenaltyBehind(
        number=cancellation.decision_number.strip(),
        measure=kind,
        said_on=cancellation.decided_on or act.day,
        today=act.day,
        elsewhere=_elsewhere(act),
        unnamed=tuple(
            label for name, label in _NAMED.items() if not str(named[name] or "").strip()
        ),
        here=case is not None,
        of_holder=case is not None and penalised.concerns(case, act.case),
        decided=case is not None and penalised.decided(case, kind),
        decided_on=decision.issued_on if decision else None,
        undone=penalised.undone(case, kind) if case else "",
        served_on=_served_on(act, case),
    )


def _named_case(act: Act) -> Case | None:
    """The penalty of this system whose decision the form names, if there is one."""
    number = act.filled(Cancellation).decision_number
    return penalised.penalty_numbered(act.session, number, act.case)


def _served_on(act: Act, case: Case | None) -> date | None:
    if _elsewhere(act):
        return act.filled(Cancellation).served_on
    return penalised.served_on(case) if case else None


def _term(act: Act) -> SuspensionTerm:
    # While the step is only looked at, nothing is filled in yet.
    suspension, case = act.filled(Suspension), _named_case(act)
    measure = penalised.measure_of(case, penalised.TAKES[SUSPEND]) if case else None
    served = _served_on(act, case)
    return SuspensionTerm(
        suspension.days,
        suspension.until or act.day,
        measure.days if measure and not _elsewhere(act) else None,
        served + timedelta(days=suspension.days) if served else None,
    )


def _undone(act: Act) -> PenaltyUndone:
    taken_by = _TAKEN_BY[act.step.name]
    number = penalised.number_taken_by(act.case, taken_by)
    case = penalised.penalty_numbered(act.session, number, act.case)
    undone = penalised.undone(case, penalised.TAKES[taken_by], act.day) if case else ""
    return PenaltyUndone(number, case is not None, undone)


def _licensed_anew(act: Act) -> PlaceLicensedAnew:
    # Whoever applies for the place now waits, or is seen.
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    rows = _others_at(act, act.case)
    return PlaceLicensedAnew(tuple(Inputs(row.data).application(Licence).number for row in rows))


def _others_at(act: Act, licence: Case) -> list[Case]:
    """The licences that others hold for the place of one."""
    return list(
        act.session.scalars(
            select(Case)
            .where(
                Case.process == "licence",
                Case.place_id == licence.place_id,
                Case.id != licence.id,
                Case.state.in_(HELD),
            )
            .order_by(Case.id)
        )
    )


def _licences(act: Act) -> list[Case]:
    """The party's licences at the place that the penalty is about."""
    if act.case.place_id is None:
        return []
    return list(
        act.session.scalars(
            select(Case)
            .where(
                Case.process == "licence",
                Case.party_id == act.case.party_id,
                Case.place_id == act.case.place_id,
            )
            .order_by(Case.id)
        )
    )


def _to_take(act: Act) -> LicencesToTake:
    decision = penalised.decision_of(act.session, act.case)
    if decision is None:
        return LicencesToTake(())
    licences, waiting = _licences(act), []
    for step, measure in penalised.TAKES.items():
        stands = penalised.measure_of(act.case, measure) is not None
        taken = any(
            same_number(penalised.number_taken_by(licence, step), decision.number)
            for licence in licences
        )
        if stands and not taken:
            waiting += [(measure, licence.number) for licence in licences if licence.state in HELD]
    return LicencesToTake(tuple(waiting))


def _to_give_back(act: Act) -> LicenceToGiveBack:
    decision = penalised.decision_of(act.session, act.case)
    undone = {
        step: said
        for step, measure in penalised.TAKES.items()
        if (said := penalised.undone(act.case, measure, act.day))
    }
    if not undone or decision is None:
        return LicenceToGiveBack("", ())
    taken = tuple(
        licence.number
        for licence in _licences(act)
        if undone.keys() & set(penalised.taken_by(licence, decision.number))
        # Who has the place now keeps it: what is left is compensation, and the approver was told.
        and not _others_at(act, licence)
    )
    return LicenceToGiveBack("；".join(dict.fromkeys(undone.values())), taken)


def _termless(act: Act) -> Termless:
    measures = act.filled(Proposal).measures
    return Termless(
        tuple(
            measure.kind for measure in measures if measure.kind in _FOR_A_TIME and not measure.days
        )
    )


FACTS: FactTable = {
    LicenceToGiveBack: _to_give_back,
    LicencesToTake: _to_take,
    PenaltyBehind: _behind,
    PenaltyUndone: _undone,
    PlaceLicensedAnew: _licensed_anew,
    SuspensionTerm: _term,
    Termless: _termless,
}
