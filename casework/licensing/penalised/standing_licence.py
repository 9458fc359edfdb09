"""Licences and the penalties that move them (暂扣、吊销): which decision took which licence.

A penalty and a licence are of different families: what ties them is the number of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.deliveries import entry_of
from casework.common.codes import same_number, spellings
from casework.common.timekeeping import in_chinese
from casework.common.typed_inputs import Inputs
from casework.models import Case, Document
from casework.parts.remedies import decision_in_force as standing
from state_machines.enforcement.penalty.forms import DECIDE
from state_machines.language.vocabulary import Process, State
from state_machines.licensing.licence.forms import (
    CANCEL,
    GIVE_BACK,
    LIFT_SUSPENSION,
    SUSPEND,
    Cancellation,
)
from state_machines.licensing.licence.suspension import SUSPENDED, SUSPENSION
from state_machines.parts.approvals.measures import Measure, MeasureKind

DECISION = "penalty_decision"
# What takes a licence, and by which step of it.
TAKES: Mapping[str, str] = {
    CANCEL: MeasureKind.CANCEL_LICENCE.value,
    SUSPEND: MeasureKind.SUSPEND_LICENCE.value,
}

GIVES_BACK: Mapping[str, str] = {CANCEL: GIVE_BACK, SUSPEND: LIFT_SUSPENSION}


def decision_of(session: Session, penalty: Case) -> Document | None:
    """The decision of a penalty case, as it was first issued."""
    return session.scalar(
        select(Document)
        .where(Document.case_id == penalty.id, Document.key == DECISION)
        .order_by(Document.id)
        .limit(1)
    )


def penalty_numbered(session: Session, number: str, licence: Case) -> Case | None:
    """The penalty case whose decision bears that number, rather one about that licence."""
    cases = session.scalars(
        select(Case)
        .where(
            Case.process == "penalty",
            Case.id.in_(
                select(Document.case_id).where(
                    Document.key == DECISION, Document.number.in_(spellings(number))
                )
            ),
        )
        .order_by(Case.id)
    ).all()
    return next((case for case in cases if concerns(case, licence)), cases[0] if cases else None)


def concerns(penalty: Case, licence: Case) -> bool:
    """Whether a penalty is against the licence's holder for what was done at its place."""
    return (
        penalty.party_id == licence.party_id
        and penalty.place_id is not None
        and penalty.place_id == licence.place_id
    )


def measure_of(penalty: Case, kind: str) -> Measure | None:
    """The measure of that kind which stands of a penalty's decision, if one does."""
    stands = standing.in_force(Inputs(penalty.data))
    return next((measure for measure in stands if measure.kind == kind), None)


def decided(penalty: Case, kind: str) -> bool:
    """Whether a measure of that kind was decided, or stands after a variation."""
    inputs = Inputs(penalty.data)
    measures = (*standing.decided(inputs), *standing.in_force(inputs))
    return any(measure.kind == kind for measure in measures)


def undone(penalty: Case, kind: str, on: date | None = None) -> str:
    """How the measure of that kind came to nothing, with its decision or by a variation of it;
    empty if it stands, or was never decided. As of a day one that was shortened has come to nothing
    once its new term is over."""
    inputs = Inputs(penalty.data)
    if said := standing.overturned(inputs):
        return said
    varied = standing.variation(inputs)
    if varied and decided(penalty, kind) and measure_of(penalty, kind) is None:
        return f"已被{varied.source}变更，不再{kind}"
    if varied and on and (last := _last_day(penalty, kind)) and last < on:
        return f"已被{varied.source}变更，{kind}至{in_chinese(last)}届满"
    return ""


def _last_day(penalty: Case, kind: str) -> date | None:
    measure, served = measure_of(penalty, kind), served_on(penalty)
    if measure is None or served is None or not measure.days:
        return None
    return served + timedelta(days=measure.days)


def served_on(penalty: Case) -> date | None:
    """The day on which the decision of a penalty was served."""
    day = entry_of(penalty.data, "decision")["served_on"]
    return date.fromisoformat(day) if day else None


def suspended(licence: Case, today: date) -> bool:
    """Whether a licence is suspended. A sweep that is late must not make it last longer."""
    if licence.tracks.get(SUSPENSION) != SUSPENDED:
        return False
    return today <= Inputs(licence.data).needed(SUSPEND).until


def standing_of(process: Process, licence: Case, today: date) -> State:
    """The state that a licence shows to everybody: suspended while it is, whatever it is besides;
    for any other case, its own."""
    return process.state(SUSPENDED if suspended(licence, today) else licence.state)


def number_taken_by(licence: Case, step: str) -> str:
    """The number of the decision by which that step was last taken; empty if it never was."""
    taken = Inputs(licence.data).told(Cancellation, step)
    return taken.decision_number if taken else ""


def taken_by(licence: Case, number: str) -> tuple[str, ...]:
    """The steps by which the decision of that number took a licence and still holds it."""
    holds: dict[str, bool] = {
        CANCEL: licence.state == "cancelled",
        SUSPEND: licence.tracks.get(SUSPENSION) == SUSPENDED,
    }
    return tuple(
        step
        for step in TAKES
        if holds[step] and same_number(number_taken_by(licence, step), number)
    )


def taken_of(session: Session, penalty: Case) -> list[tuple[Case, str]]:
    """The licences of the party at the place that the decision of a penalty took and still holds,
    each with the step by which it did."""
    decision = decision_of(session, penalty) if penalty.place_id is not None else None
    if decision is None:
        return []
    return [
        (licence, step)
        for licence in _licences_of_place(session, penalty)
        for step in taken_by(licence, decision.number)
    ]


def deregistered_after(session: Session, penalty: Case) -> list[Case]:
    """The licences that the decision of a penalty cancelled and that were deregistered since."""
    decision = decision_of(session, penalty) if penalty.place_id is not None else None
    if decision is None:
        return []
    return [
        licence
        for licence in _licences_of_place(session, penalty)
        if licence.state == "deregistered" and number_taken_by(licence, CANCEL) == decision.number
    ]


def _licences_of_place(session: Session, penalty: Case) -> Sequence[Case]:
    """The licences that the party of a penalty holds or held for its place."""
    return session.scalars(
        select(Case)
        .where(
            Case.process == "licence",
            Case.party_id == penalty.party_id,
            Case.place_id == penalty.place_id,
        )
        .order_by(Case.id)
    ).all()


def given_back(penalty: Case, licence: Case, taken: str, on: date) -> tuple[str, dict[str, Any]]:
    """The step by which a licence gets back what that penalty took of it by `taken` and does not
    take any more, with what it is given beside the paper; an empty step where it takes it still."""
    if undone(penalty, TAKES[taken], on):
        return GIVES_BACK[taken], {}
    last = _last_day(penalty, TAKES[taken])
    inputs = Inputs(licence.data)
    if taken == SUSPEND and last and last != inputs.needed(SUSPEND).until:
        measure = measure_of(penalty, TAKES[taken])
        days = measure.days if measure else 0
        return taken, {**inputs.printed(SUSPEND), "days": days, "until": last.isoformat()}
    return "", {}


@dataclass(frozen=True)
class Takeable:
    """A decision by which a licence may be taken now, as the form of that step asks for it.
    `until` is the last day of a suspension, None of what is for good."""

    number: str
    decided_on: date
    facts: str
    basis: str
    days: int
    until: date | None


def takeable(session: Session, licence: Case, step: str) -> tuple[Takeable, ...]:
    """The served decisions of the licence's own authority that take it by `step` and have not done
    so yet, the newest first."""
    rows = session.scalars(
        select(Case)
        .where(
            Case.process == "penalty",
            Case.authority_id == licence.authority_id,
            Case.party_id == licence.party_id,
            Case.place_id == licence.place_id,
        )
        .order_by(Case.id.desc())
    )
    found = []
    for case in rows:
        measure, served = measure_of(case, TAKES[step]), served_on(case)
        decision = decision_of(session, case)
        if measure is None or served is None or decision is None:
            continue
        if same_number(number_taken_by(licence, step), decision.number):
            continue
        said, until = Inputs(case.data).needed(DECIDE), _last_day(case, TAKES[step])
        found.append(
            Takeable(
                decision.number, decision.issued_on, said.facts, said.basis, measure.days, until
            )
        )
    return tuple(found)
