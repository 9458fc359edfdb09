"""Earlier decisions of an authority on the same violation (类案), for who reviews the next one:
what is alike is treated alike (处罚法5, 34)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.common.typed_inputs import Inputs
from casework.kernel.office import Office
from casework.models import Case
from state_machines.enforcement.penalty.forms import DECIDE
from state_machines.parts.approvals.measures import in_words

_LOOKED_AT = 2000  # of the newest cases
_SHOWN = 5


@dataclass(frozen=True)
class LikeCase:
    """A decision on the same violation: the number of its case, and what it imposed in words."""

    number: str
    measures: tuple[str, ...]


def like_cases(
    office: Office, session: Session, actor: Actor, number: str, violation: str
) -> tuple[LikeCase, ...]:
    """The newest decisions of the case's authority on a violation, by its code in the catalogue,
    this case not included. Empty for whoever is no officer of that authority. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    if case.authority_id not in reader.authorities or not violation:
        return ()
    newest = (
        select(Case.id, Case.data)
        .where(
            Case.authority_id == case.authority_id, Case.process == case.process, Case.id != case.id
        )
        .order_by(Case.id.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    decided = newest.c.data[str(DECIDE)]["violation"].as_string() == violation
    wanted = select(newest.c.id).where(decided).order_by(newest.c.id.desc()).limit(_SHOWN)
    found = session.scalars(select(Case).where(Case.id.in_(wanted)).order_by(Case.id.desc()))
    decisions = ((one.number, Inputs(one.data).at(DECIDE)) for one in found)
    return tuple(
        LikeCase(number, tuple(in_words(measure) for measure in decision.measures))
        for number, decision in decisions
        if decision
    )
