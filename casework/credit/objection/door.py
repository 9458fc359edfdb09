"""An objection corrects a record, and no decision (信用异议), in cases of every version.

What a decision that stands came to is corrected with it: by whoever may quash or revoke it. Where
it cannot be quashed or revoked here, as the record of a breach or of false material cannot by the
authority itself, the head of the authority that decided corrects it.
"""

from __future__ import annotations

from datetime import date, datetime

from casework.acts.act import Act
from casework.acts.dossier import dossier_of
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Case, CreditEvent
from casework.parts.remedies import decision_in_force as standing
from state_machines.credit.objection.forms import UPHOLD, Objection
from state_machines.language.vocabulary import RecordCredit, RecordService, Refusal, Role
from state_machines.processes import PROCESSES

_LAW = "《山东省社会信用条例》第三十九条"
_PENALTY = "《行政处罚法》第四十八条第二款、第七十五条第二款"
_LICENCE = "《行政许可法》第七条、第六十九条"


def refusals(act: Act) -> list[Refusal]:
    """What stands against correcting the record that is objected to."""
    if act.process.key != "credit_objection" or act.step.name != UPHOLD:
        return []
    event = act.session.get(CreditEvent, act.inputs.application(Objection).event)
    source = act.session.get_one(Case, event.case_id) if event else None
    if not event or not source or standing.overturned(inputs := Inputs(source.data)):
        return []
    penalised = bool(standing.decided(inputs))
    decided_on, at_service = _decided_on(act, source, event)
    if not penalised and decided_on is None:
        return []
    process = PROCESSES[source.process]
    undone = any(track.overlay and source.state in track.opens_in for track in process.tracks)
    if undone and (penalised or not at_service):
        text = (
            f"该记录来自案件{source.number}的决定，决定现行有效，不能以信用异议更正：决定有错误的，"
            "由本机关依职权撤销、变更，或者由复议机关、人民法院撤销，记录随之更正"
        )
        return [Refusal("record_rests_on_decision", text, _PENALTY if penalised else _LICENCE)]
    if act.execution.role is Role.APPROVER:
        return []
    on = f"{decided_on:%Y-%m-%d}" if decided_on else ""
    text = (
        f"该记录来自案件{source.number}{on}的决定，异议是否成立由机关负责人决定，信用管理员提出意见"
    )
    return [Refusal("head_corrects_decision", text, _LAW)]


def _decided_on(act: Act, source: Case, event: CreditEvent) -> tuple[date | None, bool]:
    """The day on which officers decided what was recorded, and whether it was put down once the
    party had the decision; no day if it only came of a clock, or is what officers found and nobody
    has decided on."""
    steps = PROCESSES[source.process].every_step
    final = {step.name for step in steps if step.final}
    recording = {
        step.name: any(isinstance(e, RecordService) for e in step.effects)
        for step in steps
        if any(isinstance(e, RecordCredit) and e.kind == event.kind for e in step.effects)
    }
    day = None
    for row in dossier_of(act.session, source).headers:
        name, instant = row["name"], datetime.fromisoformat(row["effective_at"])
        at_service, recorded = recording.get(name, False), row["seq"] >= event.log_seq
        if name in final and row["officers"] and row["role"] != Role.APPLICANT.value:
            day = legal_date(instant)
            # What an older version recorded at the decision itself is its record all the same.
            if recorded and (name in recording or row["seq"] == event.log_seq):
                return day, False
        if recorded and at_service:
            return day or legal_date(instant), True
    return None, False
