"""What documents print of a recusal (回避)."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.documents.paper_parts import Part, Parts
from casework.models import Account, LogRow, Person
from state_machines.parts.duties import guards as officers
from state_machines.parts.duties.forms import ASK_RECUSAL, RecusalDecision


class DonePart(TypedDict):
    """A step that an officer took."""

    label: str
    on: str


class RecusalPart(TypedDict):
    """A recusal that was asked for."""

    officer: str
    asked_on: str
    ground: str
    facts: str
    done: list[DonePart]


def _recusal(act: Act) -> RecusalPart:
    """The recusal that is decided: as it was asked for, and what that officer has done so far."""
    person = act.session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == act.filled(RecusalDecision).officer)
    ).one()
    rows = act.session.scalars(
        select(LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    )
    done: list[DonePart] = [
        {
            "label": act.process.step(row["name"]).label,
            "on": legal_date(datetime.fromisoformat(row["effective_at"])).isoformat(),
        }
        for row in rows
        if row["kind"] == "step" and person.id in row["officers"]
    ]
    asked = act.inputs.needed(ASK_RECUSAL)
    return {
        "officer": person.name,
        "asked_on": act.dates[ASK_RECUSAL].isoformat(),
        "ground": asked.ground,
        "facts": asked.facts,
        "done": done,
    }


PARTS: Parts = {
    "recusal": Part(_recusal, guards=(officers.recusal_is_asked,)),
}
