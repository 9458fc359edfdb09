"""What enforcement asks at the door: which other cases a step of a penalty moves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.licensing.penalised import standing_licence
from casework.models import Case
from casework.parts.remedies import decision_in_force


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
