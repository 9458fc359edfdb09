"""Effect of a change of code (主体代码变更): one party continues another."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.credit.ratings import rate_again
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import given
from casework.parties.code_change import succession
from state_machines.language.vocabulary import ContinueParty, Effect, TellFormer


def _continue_party(act: Act, effect: ContinueParty) -> None:
    succession.carry_on(act, str(given(act, effect.old)))
    rate_again(act)


def _tell_former(act: Act, effect: TellFormer) -> None:
    succession.tell_claimed(act, str(given(act, effect.old)))


CARRIERS: Mapping[type[Effect], Carrier] = {
    ContinueParty: _continue_party,
    TellFormer: _tell_former,
}
