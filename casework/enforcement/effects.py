"""Effect of a decision that fell or was varied: what came of it is brought in line (一并落空)."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.credit.ratings import rate_again
from casework.enforcement import consequences
from casework.kernel.carrying_out import Amender, Carrier
from state_machines.language.vocabulary import BringInLine, Effect


def _end_pressing(act: Act, effect: BringInLine) -> set[str]:
    consequences.pressing_is_over(act, effect)
    return set()


def _bring_in_line(act: Act, effect: BringInLine) -> None:
    if consequences.bring_in_line(act, effect):
        rate_again(act)


BEFOREHAND: Mapping[type[Effect], Amender] = {BringInLine: _end_pressing}
CARRIERS: Mapping[type[Effect], Carrier] = {BringInLine: _bring_in_line}
