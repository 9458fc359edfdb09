"""Effects on credit (信用): events are recorded, repaired, corrected, put into another class."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from casework.acts.act import Act
from casework.credit.ratings import rate_again
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import value
from casework.models import CreditEvent, Document
from casework.parts import credit_file
from state_machines.language.vocabulary import (
    CorrectCredit,
    Effect,
    ReclassCredit,
    RecordCredit,
    RecordService,
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


def _rate_once_served(act: Act, effect: RecordService) -> None:
    """What a decision put on record weighs on its party once it has come (处罚法61, 许可法44)."""
    came_with = (Document.case_id == CreditEvent.case_id) & (
        Document.log_seq == CreditEvent.log_seq
    )
    put_on_record = (
        select(CreditEvent.id)
        .join(Document, came_with)
        .where(CreditEvent.case_id == act.case.id, Document.key.in_(effect.documents))
        .limit(1)
    )
    if effect.completes and act.session.scalar(put_on_record) is not None:
        rate_again(act)


CARRIERS: Mapping[type[Effect], Carrier] = {
    RecordCredit: _record_credit,
    RepairCredit: _repair_credit,
    CorrectCredit: _correct_credit,
    ReclassCredit: _reclass_credit,
    RecordService: _rate_once_served,
}
