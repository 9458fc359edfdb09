"""Effect of a recusal (回避): an officer is kept out."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from casework.acts.act import Act
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import given
from casework.models import Account, Recusal
from state_machines.language.vocabulary import Effect, Recuse


def _recuse(act: Act, effect: Recuse) -> None:
    username = given(act, effect.officer)
    person = act.session.scalars(
        select(Account.person_id).where(Account.username == username)
    ).one()
    act.session.add(Recusal(case_id=act.case.id, log_seq=act.case.head_seq + 1, person_id=person))
    act.note("recused", {"person": person})


CARRIERS: Mapping[type[Effect], Carrier] = {Recuse: _recuse}
