"""What documents print of credit: the repair they are about, and the exam that was passed."""

from __future__ import annotations

from typing import Literal, TypedDict
from urllib.parse import urlencode

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.typed_inputs import Inputs
from casework.credit.repair.door import conditions_unmet
from casework.credit.training import sittings as training
from casework.documents.paper_parts import Part, Parts
from casework.models import Case, CaseClock
from casework.rules.counting import count
from state_machines.credit.repair.forms import RepairCase
from state_machines.credit.repair.process import CREDIT_REPAIR
from state_machines.credit.training.forms import SUBMIT_PAPER
from state_machines.verification import Presence

CATEGORIES = {
    "minor": "轻微失信信息",
    "general": "一般失信信息",
    "serious": "严重失信信息",
    "promise": "违反告知承诺信息",
    "false_material": "提供虚假材料信息",
}


class RepairPart(TypedDict):
    """The way back to a good name."""

    number: str
    record: str
    category: str
    decided_on: str
    outstanding: str
    earliest: str
    until: str
    law: str
    url: str


class ExamPart(TypedDict):
    """An exam that was passed."""

    right: int
    asked: int
    valid_until: str


def repair_part(act: Act) -> RepairPart | Literal[""]:
    """The way back that a document tells of: the repair just opened, this case, or the newest one
    of the family; `""` if there is none."""
    repair = act.opened.get("repair")
    if repair is None:
        own = act.process.key == CREDIT_REPAIR.key
        repair = act.case if own else act.related("repair")
    if repair is None:
        return ""
    due = _due(act, repair)
    repair_case = Inputs(repair.data).application(RepairCase)
    # The terms are those of the day of the decision, whichever regime that was.
    day = repair_case.decided_on
    minimum, _ = act.rules.limit(f"repair.minimum.{repair_case.category}", day, act.region)
    return {
        "number": repair.number,
        "record": repair_case.record,
        "category": CATEGORIES[repair_case.category],
        "decided_on": day.isoformat(),
        "outstanding": repair_case.outstanding,
        "earliest": due.get("minimum", day.isoformat()),
        "until": due["publicity"],
        "law": minimum.law,
        "url": f"{act.context.public_url}/track?{_asked(repair)}",
    }


def _due(act: Act, repair: Case) -> dict[str, str]:
    """When the clocks of a repair fall due, or fell due, by name."""
    if repair is act.case:
        return {run.name: run.due_on.isoformat() for run in act.runs if run.due_on}
    act.session.flush()  # it may have been opened by this very act
    rows = act.session.scalars(
        select(CaseClock).where(CaseClock.case_id == repair.id).order_by(CaseClock.id)
    )
    return {row.name: row.due_on.isoformat() for row in rows if row.due_on}


def exam_part(act: Act) -> ExamPart:
    """The exam of a training case: marks, and until when its certificate is good."""
    sitting = training.sittings(act.session, act.case)[-1]
    questions = training.paper(act.rules, sitting, act.region)
    limit, _ = act.rules.limit("training.certificate", act.day, act.region)
    until = count(limit, act.day, (), act.rules.calendar).due or act.day
    handed_in = act.inputs.at(SUBMIT_PAPER)
    return {
        "right": training.right(questions, handed_in.answers if handed_in else ()),
        "asked": len(questions),
        "valid_until": until.isoformat(),
    }


def _asked(case: Case) -> str:
    return urlencode({"number": case.number, "code": case.tracking_code})


PARTS: Parts = {
    "exam": Part(exam_part),
    "unmet": Part(conditions_unmet),
    "repair": Part(repair_part, Presence(relations=("repair", CREDIT_REPAIR.key))),
}
