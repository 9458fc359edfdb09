"""Two rows of one identity (同一代码的两条登记), left by releases that compared codes as typed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.acts.actors import in_force
from casework.models import Mandate, Party, PartySuccession, Person

_PARTY = (
    "当事人“{name}”的代码规范化后与另一当事人相同，现记为 {code}：请窗口核对，确为同一主体的，"
    "为 {other} 办理主体代码变更登记，变更前的代码填写 {code}"
)
_PERSON = (
    "“{name}”的证件号码规范化后与另一人相同，现记为 {code}：请窗口核对证件，确为同一人的，"
    "重新登记其授权，终止原授权"
)


def doubled(session: Session, today: date) -> tuple[str, ...]:
    """A line for each row whose code was another's once both were in one form (its `-2`), and what
    is to be done: only people can say that two rows are of one subject."""
    continued = exists().where(PartySuccession.old_party_id == Party.id)
    acts = exists().where(Mandate.person_id == Person.id, in_force(today))
    parties = select(Party.code, Party.name).where(Party.code.contains("-"), ~continued)
    persons = select(Person.id_code, Person.name).where(Person.id_code.contains("-"), acts)
    return tuple(
        text.format(name=name, code=code, other=code.partition("-")[0])
        for text, rows in ((_PARTY, parties), (_PERSON, persons))
        for code, name in session.execute(rows)
    )
