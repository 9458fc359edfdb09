"""Whether what came of a decision fell with it (一并落空): records, publicity, repair, licence, and
that nothing of it is pressed for any more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import select

from casework.audit.case_book import Row
from casework.audit.case_file import CaseFile, by_itself, input_of
from casework.common.typed_inputs import Inputs
from casework.licensing.penalised import standing_licence
from casework.models import Case, CreditEvent, CreditMark, Publication
from casework.parts.credit_file import CORRECTED, REPAIRED
from casework.parts.remedies import decision_in_force
from state_machines.enforcement.fines.forms import (
    APPLY_TO_COURT,
    HAND_OVER_EXECUTION,
    RECORD_EXECUTION,
    URGE,
)
from state_machines.language.vocabulary import BringInLine, Withdraw

_ENFORCING = (URGE, APPLY_TO_COURT, HAND_OVER_EXECUTION, RECORD_EXECUTION)
_REPAIR, _NATIONAL = "credit_repair", "national_repair"
# A record of a wrong of its own, which does not fall with the decision.
_OWN_WRONG = "false_material"


def nothing_outlives_its_decision(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What of a decision that came to nothing is still in force."""
    case = file.book.case
    yield from _pressed_for(file)
    if not decision_in_force.overturned(Inputs(case.data)):
        yield from _shown_though_unlawful(file)
        varied = [row for row in file.rows if row.header["name"] in decision_in_force.VARIED_BY]
        for text in _taken(file) if varied else ():
            yield varied[-1], text
        return
    ends = [row for row in file.rows if row.header["name"] in decision_in_force.ENDS]
    if not ends:
        return
    fell = ends[-1]
    fallen = (_records(file), _publicity(file, fell), _repairs(file), _taken(file), _revoked(file))
    for text in chain(*fallen):
        yield fell, text


def _pressed_for(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Steps of enforcement that were taken while the decision was of no force."""
    data: dict[str, Any] = {}
    for row in file.rows:
        name = row.header["name"]
        fallen = decision_in_force.overturned(Inputs(data))
        if name in _ENFORCING and fallen and not by_itself(row):
            yield row, f"决定{fallen}，仍然办理“{file.step_of(row).label}”"
        data.pop(name, None)
        data[name] = input_of(row)


def _records(file: CaseFile) -> Iterator[str]:
    brought = [
        effect
        for step in file.process.every_step
        for effect in file.step_of_name(step.name).effects
        if isinstance(effect, BringInLine)
    ]
    kinds = {kind for effect in brought for kind in effect.delays}
    if decision_in_force.erased(Inputs(file.book.case.data)):
        kinds |= {kind for effect in brought for kind in effect.kinds}
    events = [one for one in file.book.kept(CreditEvent) if one.kind in kinds]
    marks = file.session.execute(
        select(CreditMark.event_id, CreditMark.kind)
        .where(CreditMark.event_id.in_([event.id for event in events]))
        .order_by(CreditMark.id)
    )
    latest = dict(marks.tuples().all()) if events else {}
    for event in events:
        if latest.get(event.id) not in (CORRECTED, REPAIRED):
            yield f"决定已被撤销，由它产生的信用记录“{event.label}”仍然有效"


def _publicity(file: CaseFile, fell: Row) -> Iterator[str]:
    """What the process shows of its decisions, and takes down when they fall (处罚法48)."""
    withdrawn = {
        effect.register
        for step in file.process.every_step
        for effect in file.step_of_name(step.name).effects
        if isinstance(effect, Withdraw)
    }
    latest = {one.register: one for one in file.book.kept(Publication)}
    for register in sorted(withdrawn & latest.keys()):
        shown = latest[register]
        if shown.withdrawn_because is None and shown.log_seq < fell.seq:
            yield "决定已被撤销，对它的公示没有撤回"


def _shown_though_unlawful(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A decision that was found unlawful and left loses its publicity, and that only."""
    found = [
        row
        for row in file.rows
        if row.header["name"] in (*decision_in_force.ENDS, *decision_in_force.VARIED_BY)
        and str(input_of(row).get("result", "")).startswith("确认违法")
    ]
    if found:
        for text in _publicity(file, found[-1]):
            yield found[-1], text.replace("已被撤销", "已被确认违法")


def _repairs(file: CaseFile) -> Iterator[str]:
    """The repairs of its records, and what was filed nationally of them."""
    case = file.book.case
    own = select(Case).where(Case.origin_id == case.id, Case.process == _REPAIR).order_by(Case.id)
    repairs = {
        repair.id: repair
        for repair in file.session.scalars(own)
        if repair.data["application"].get("category") != _OWN_WRONG
    }
    filed = select(Case).where(Case.origin_id.in_(repairs), Case.process == _NATIONAL)
    for one in (*repairs.values(), *file.session.scalars(filed.order_by(Case.id))):
        if one.ended_at is None:
            yield f"决定已被撤销，记录的修复{one.number}仍在办理"


def _taken(file: CaseFile) -> Iterator[str]:
    """The licences that a penalty holds by a measure which stands no more."""
    case = file.book.case
    held = standing_licence.taken_of(file.session, case) if file.process.key == "penalty" else ()
    for licence, taken in held:
        if undone := standing_licence.undone(case, standing_licence.TAKES[taken]):
            yield f"决定{undone}，许可证{licence.number}没有恢复"


def _revoked(file: CaseFile) -> Iterator[str]:
    case = file.book.case
    if file.process.key == "commitment_check":
        head = case.family_id or case.id
        held = select(Case.number).where(
            Case.family_id == head, Case.relation == "licence", Case.state == "revoked"
        )
        for number in file.session.scalars(held):
            yield f"决定已被撤销，许可{number}没有恢复"
