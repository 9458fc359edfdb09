"""What documents print of a recusal (回避)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.documents.paper_parts import Part, Parts
from casework.models import Account, Person
from state_machines.language.vocabulary import Role
from state_machines.parts.officers import guards as officers
from state_machines.parts.officers.forms import ASK_RECUSAL, RecusalDecision


class DonePart(TypedDict):
    """A step that an officer took."""

    label: str
    on: str


class RecusalPart(TypedDict):
    """A recusal that was asked for."""

    officer: str
    asked_by: str
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
    rows = act.dossier.headers
    done: list[DonePart] = [
        {
            "label": act.process.step(row["name"]).label,
            "on": legal_date(datetime.fromisoformat(row["effective_at"])).isoformat(),
        }
        for row in rows
        if row["kind"] == "step" and person.id in row["officers"]
    ]
    recusal_request = act.inputs.needed(ASK_RECUSAL)
    asking = next(row for row in reversed(rows) if row["name"] == ASK_RECUSAL)
    by_party = asking["role"] == Role.APPLICANT.value or asking["on_behalf"]
    return {
        "officer": person.name,
        # The party, or officers by name.
        "asked_by": f"当事人{act.party.name}" if by_party else _named(act, asking["officers"]),
        "asked_on": act.dates[ASK_RECUSAL].isoformat(),
        "ground": recusal_request.ground,
        "facts": recusal_request.facts,
        "done": done,
    }


def _named(act: Act, officers: Sequence[int]) -> str:
    """Officers by name, who may ask for their own recusal."""
    names = act.session.scalars(
        select(Person.name).where(Person.id.in_(officers)).order_by(Person.id)
    )
    return "、".join(f"本机关工作人员{name}" for name in names)


PARTS: Parts = {
    "recusal": Part(_recusal, guards=(officers.recusal_is_asked,)),
}
