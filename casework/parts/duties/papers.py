"""What documents print of a recusal (回避)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.documents.paper_parts import Part, Parts
from casework.models import Account, LogRow, Person
from state_machines.language.vocabulary import Role
from state_machines.parts.duties import guards as officers


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
        .where(Account.username == act.input["officer"])
    ).one()
    rows = act.session.scalars(
        select(LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    ).all()
    done: list[DonePart] = [
        {
            "label": act.process.step(row["name"]).label,
            "on": legal_date(datetime.fromisoformat(row["effective_at"])).isoformat(),
        }
        for row in rows
        if row["kind"] == "step" and person.id in row["officers"]
    ]
    asked = act.data["ask_recusal"]
    return {
        "officer": person.name,
        "asked_by": _asked_by(act, rows),
        "asked_on": act.dates["ask_recusal"].isoformat(),
        "ground": asked["ground"],
        "facts": asked["facts"],
        "done": done,
    }


def _asked_by(act: Act, rows: Sequence[Mapping[str, Any]]) -> str:
    """Who asked for the recusal: the party, or officers by name, who may ask for their own."""
    row = next(one for one in reversed(rows) if one["name"] == "ask_recusal")
    if row["role"] == Role.APPLICANT.value or row["on_behalf"]:
        return f"当事人{act.party.name}"
    names = act.session.scalars(
        select(Person.name).where(Person.id.in_(row["officers"])).order_by(Person.id)
    )
    return "、".join(f"本机关工作人员{name}" for name in names)


PARTS: Parts = {
    "recusal": Part(_recusal, guards=(officers.recusal_is_asked,)),
}
