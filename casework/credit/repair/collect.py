"""Credit repair (信用修复): obligations, training, rectification, verification."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.handed_in import handed_in
from casework.common.timekeeping import legal_date
from casework.credit.training.sittings import certificate_of
from casework.kernel.facts import FactTable
from casework.models import Case, LogRow
from casework.parts.credit_file import CORRECTED, repairable
from state_machines.credit.repair.facts import (
    KeptByItsCase,
    Obligations,
    PerformedOn,
    Recommended,
    RecordStanding,
    RectificationProof,
    Training,
    Verified,
)
from state_machines.credit.repair.forms import (
    FAIL_VERIFICATION,
    RECOMMEND,
    RECORD_PERFORMANCE,
    VERIFY,
    Performance,
    Rectification,
    RepairCase,
    Verification,
)
from state_machines.enforcement.fines.part import LIVE, PAID_UP
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.language.fields import LookMode

# Of a penalty, where the party still has to perform.
_OWED = ("served", *LIVE)


def _obligations(act: Act) -> Obligations:
    penalty = _penalty(act)
    if penalty is not None:
        return left_of(act, penalty, act.inputs.application(RepairCase).outstanding)
    return Obligations(
        act.inputs.application(RepairCase).outstanding,
        RECORD_PERFORMANCE in act.inputs,
        "performance_proof" in handed_in(act),
    )


def _penalty(act: Act) -> Case | None:
    """The penalty that wrote the record, if it was one."""
    return penalty_numbered(act.session, act.inputs.application(RepairCase).source)


def penalty_numbered(session: Session, number: str) -> Case | None:
    """The case of that number, if it is a penalty."""
    source = session.scalar(select(Case).where(Case.number == number))
    return source if source is not None and source.process == PENALTY.key else None


def left_of(act: Act, penalty: Case, duty: str) -> Obligations:
    """What is left of a penalty, as its own log has it on the day of the act: paid or executed is
    performed, and whoever pays by instalments has not performed before the last one. What is owed
    again, as by a payment that was put right, is not. `duty` is how it is told."""
    performed, stands_in = False, ""
    rows = act.session.scalars(
        select(LogRow.header)
        .where(LogRow.case_id == penalty.id, LogRow.header["kind"].as_string() == "step")
        .order_by(LogRow.seq)
    )
    for row in rows:
        if legal_date(datetime.fromisoformat(row["effective_at"])) > act.day:
            break
        if row["track"] is None:
            performed = row["target"] in PAID_UP or (performed and row["target"] not in _OWED)
            stands_in = row["target"]
    process = act.ground.versions.by_digest(act.session, penalty.version_digest)
    state = f"处罚案件{penalty.number}当前为“{process.state(stands_in).label}”"
    told = f"{duty or '履行行政处罚决定'}（{state}）"
    return Obligations("" if performed else told, performed, proved=performed)


def _kept_by_its_case(act: Act) -> KeptByItsCase:
    penalty = _penalty(act)
    return KeptByItsCase(penalty.number if penalty is not None else "")


def _record_standing(act: Act) -> RecordStanding:
    of = repairable(act, act.inputs.application(RepairCase).source)
    gone = all(item.mark is not None and item.mark.kind == CORRECTED for item in of)
    return RecordStanding(overturned=bool(of) and gone)


def _performed_on(act: Act) -> PerformedOn:
    return PerformedOn(act.filled(Performance).performed_on or act.day, act.day)


def _training(act: Act) -> Training:
    required = act.rules.value("repair.require_training", act.day, act.region)
    certificate = certificate_of(act.session, act.rules, act.case.party_id, act.day)
    return Training(bool(required["department"]), certificate or "")


def _rectification(act: Act) -> RectificationProof:
    finished = act.filled(Rectification).finished_on or act.day
    return RectificationProof("rectification_report" in handed_in(act), finished, act.day)


def _verified(act: Act) -> Verified:
    pictures = sum(one.material == "look_picture" for one in act.dossier.attachments)
    said = act.filled(Verification)
    return Verified(
        tuple(one.clause for one in said.results if not one.met),
        said.mode == LookMode.VIDEO,
        pictures,
    )


def _recommended(act: Act) -> Recommended:
    return Recommended(act.latest((RECOMMEND, VERIFY, FAIL_VERIFICATION)) == RECOMMEND)


FACTS: FactTable = {
    KeptByItsCase: _kept_by_its_case,
    Obligations: _obligations,
    PerformedOn: _performed_on,
    Recommended: _recommended,
    RecordStanding: _record_standing,
    RectificationProof: _rectification,
    Training: _training,
    Verified: _verified,
}
