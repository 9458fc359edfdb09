"""Credit repair (信用修复): obligations, training, rectification, verification."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.handed_in import handed_in
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import read
from casework.credit.training.sittings import certificate_of
from casework.kernel.facts import FactTable
from casework.models import Case, LogRow
from casework.parts.credit_file import CORRECTED, repairable
from state_machines.checks.commitment_check.forms import INSPECT, RECHECK
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
from state_machines.enforcement.exemption.forms import FIND_NOT_CORRECTED
from state_machines.enforcement.fines.forms import CORRECT_PAYMENT
from state_machines.enforcement.fines.part import LIVE, PAID_UP
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.language.fields import Look, LookMode

_ORDER, _REPAIR = "correction_order", "credit_repair"
_LOOKS: tuple[str, ...] = (INSPECT, RECHECK, FIND_NOT_CORRECTED, VERIFY, FAIL_VERIFICATION)
# Under which name a payment's log row keeps what is left to pay after it.
LEFT = "left"
# Of a penalty, where the party still has to perform.
_OWED = ("served", *LIVE)


def _obligations(act: Act) -> Obligations:
    penalty = _penalty(act)
    if penalty is not None:
        left = left_of(act, penalty, act.inputs.application(RepairCase).outstanding)
        return left if left.outstanding else ordered_by(act, penalty)
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
    performed, stands_in, owed_again = False, "", False
    rows = act.session.execute(
        select(LogRow.header, LogRow.payload)
        .where(LogRow.case_id == penalty.id, LogRow.header["kind"].as_string() == "step")
        .order_by(LogRow.seq)
    )
    for row, payload in rows:
        if legal_date(datetime.fromisoformat(row["effective_at"])) > act.day:
            break
        if row["track"] is None:
            performed = row["target"] in PAID_UP or (performed and row["target"] not in _OWED)
            stands_in = row["target"]
        # A case that is closed stays so, whatever turns out not to have been paid.
        for left in (payload or {}).get("caused", {}).get(LEFT, ()):
            nothing = not Decimal(left["sum"])
            owed_again = not nothing and (owed_again or row["name"] == CORRECT_PAYMENT)
    performed = performed and not owed_again
    process = act.context.versions.by_digest(act.session, penalty.version_digest)
    state = f"处罚案件{penalty.number}当前为“{process.state(stands_in).label}”"
    told = f"{duty or '履行行政处罚决定'}（{state}）"
    return Obligations("" if performed else told, performed, proved=performed)


def ordered_by(act: Act, penalty: Case) -> Obligations:
    """What a penalty ordered to be put right and nobody has looked at since (令36: 纠正)."""
    waiting = act.session.scalars(
        select(Case.number)
        .where(Case.origin_id == penalty.id, Case.process == _ORDER, Case.state == "ordered")
        .order_by(Case.id)
    ).all()
    told = f"改正违法行为（责令改正{'、'.join(waiting)}尚未复查认定已改正，请报告改正情况）"
    return Obligations(told if waiting else "", performed=not waiting, proved=not waiting)


def unmet_of(act: Act, source: str) -> dict[str, bool]:
    """What any look found not in order in the case that wrote a record, its orders and its repairs,
    each with whether the last look at that very thing found it met."""
    case = act.session.scalar(select(Case).where(Case.number == source))
    if case is None:
        return {}
    related = select(Case.id).where(
        ((Case.origin_id == case.id) & (Case.process == _ORDER))
        | ((Case.process == _REPAIR) & (Case.data["application"]["source"].as_string() == source))
    )
    rows = act.session.scalars(
        select(LogRow.payload)
        .where(
            LogRow.case_id.in_(related) | LogRow.case_id.in_((case.id, case.origin_id or 0)),
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(_LOOKS),
        )
        .order_by(LogRow.id)
    )
    seen = [result for payload in rows for result in read(Look, payload.get("input", {})).results]
    unmet = {clause_result.clause for clause_result in seen if not clause_result.met}
    return {
        clause_result.clause: clause_result.met
        for clause_result in seen
        if clause_result.clause in unmet
    }


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
    pictures = sum(attachment.material == "look_picture" for attachment in act.dossier.attachments)
    verification = act.filled(Verification)
    return Verified(
        tuple(result.clause for result in verification.results if not result.met),
        verification.mode == LookMode.VIDEO,
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
