"""Effects on credit (信用): events are recorded, repaired, corrected, put into another class."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.credit.ratings import rate_again
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import value
from casework.parts import credit_file
from state_machines.language.vocabulary import (
    CorrectCredit,
    Effect,
    ReclassCredit,
    RecordCredit,
    RepairCredit,
)


def _record_credit(act: Act, effect: RecordCredit) -> None:
    credit_file.record(act, effect)
    rate_again(act)


def _repair_credit(act: Act, effect: RepairCredit) -> None:
    credit_file.repair(act, value(act, effect.source), undone=effect.undone)
    rate_again(act)


def _correct_credit(act: Act, effect: CorrectCredit) -> None:
    if effect.kinds:
        credit_file.correct_own(act, effect.kinds)
    else:
        credit_file.correct(act, value(act, effect.event))
    rate_again(act)


def _reclass_credit(act: Act, effect: ReclassCredit) -> None:
    credit_file.reclass(act, effect)
    rate_again(act)


CARRIERS: Mapping[type[Effect], Carrier] = {
    RecordCredit: _record_credit,
    RepairCredit: _repair_credit,
    CorrectCredit: _correct_credit,
    ReclassCredit: _reclass_credit,
}
