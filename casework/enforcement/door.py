"""What enforcement asks at the door: who signs what a party is told, who changes the evidence, and
which other cases a step of a penalty moves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.actors import in_force, recused
from casework.enforcement.exemption.collect import (
    HANDLING,
    handlers_named,
    handling_of,
    persons_of,
)
from casework.licensing.penalised import standing_licence
from casework.models import Case, Person, Post
from casework.parts.looks.collect import assignment_of
from casework.parts.remedies import decision_in_force
from state_machines.enforcement.exemption.forms import ORDER_CORRECTION
from state_machines.enforcement.exemption.guards import handlers_are_assigned
from state_machines.enforcement.penalty.forms import HAND_OVER, NOTIFY
from state_machines.language.vocabulary import Refusal
from state_machines.parts.evidence.part import REPLACE, WITHDRAW
from state_machines.parts.looks.guards import officers_are_assigned
from state_machines.parts.officers.forms import ASSIGN

# One officer enters these, and the letter is that of both handlers whom it names.
_SIGNED_BY_TWO = (NOTIFY, ORDER_CORRECTION)
_TWO = "《行政处罚法》第四十二条、第四十三条"


def refusals(act: Act) -> list[Refusal]:
    """What stands against telling the party, and against changing the evidence: that is for the
    handlers who were named, and for nobody else."""
    if act.step.name in (REPLACE.name, WITHDRAW.name):
        refusal = (
            officers_are_assigned.rule(assignment_of(act))
            if ASSIGN in act.before and act.execution.role in HANDLING
            else handlers_are_assigned.rule(handling_of(act))
        )
        return [refusal] if refusal else []
    return _of_signers(act)


def _of_signers(act: Act) -> list[Refusal]:
    """What officers tell the party is told by two who may: each handler whom the letter names holds
    a certificate that day and has not been recused. Another one is put in his place first."""
    hands_over = any(step.name == HAND_OVER for step in act.process.every_step)
    if act.step.name not in _SIGNED_BY_TWO or not hands_over:
        return []
    # Of whoever takes the step this is asked already.
    acting = {officer.person_id for officer in act.execution.officers}
    others = persons_of(act.session, frozenset(handlers_named(act))) - acting
    unfit = others & recused(act.session, act.case)
    if act.deciding:  # a page does not look for what a person learns when it is taken
        unfit |= others - _certified(act, others)
    if not unfit:
        return []
    people = act.session.scalars(select(Person.name).where(Person.id.in_(unfit)))
    text = (
        f"文书由两名以上有执法证件的承办人署名，{'、'.join(sorted(people))}"
        "没有有效执法证件、不再任职或者已经回避：请先办理“移交承办”"
    )
    return [Refusal("signers_unfit", text, _TWO)]


def _certified(act: Act, persons: frozenset[int]) -> frozenset[int]:
    """Those of them who enforce for the authority that day, with a certificate."""
    return frozenset(
        act.session.scalars(
            select(Post.person_id).where(
                Post.person_id.in_(persons),
                Post.authority_id == act.case.authority_id,
                Post.role.in_([role.value for role in HANDLING]),
                in_force(act.day, Post),
                Post.certificate_expires >= act.day,
            )
        )
    )


def families_moved(session: Session, number: str, step: str) -> list[int]:
    """The families that taking the step of a case may move besides its own, to be locked with it:
    those of the licences that its decision took."""
    if step not in (*decision_in_force.ENDS, *decision_in_force.VARIED_BY):
        return []
    case = session.scalar(select(Case).where(Case.number == number))
    if case is None:
        return []
    return [
        licence.family_id or licence.id for licence, _ in standing_licence.taken_of(session, case)
    ]
