"""What documents print of credit: the repair they are about, and the exam that was passed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from casework import training
from casework.act import Act
from casework.clock_book import ClockBook
from casework.counting import count
from casework.models import Case
from state_machines.credit_repair import CREDIT_REPAIR

_CATEGORIES = {
    "minor": "轻微失信信息",
    "general": "一般失信信息",
    "serious": "严重失信信息",
    "promise": "违反告知承诺信息",
    "false_material": "提供虚假材料信息",
}


def repair_part(act: Act) -> Any:
    """The way back that a document tells of: the repair just opened, this case, or the newest one
    of the family; `""` if there is none."""
    repair = act.opened.get("repair")
    if repair is None:
        own = act.process.key == CREDIT_REPAIR.key
        repair = act.case if own else act.related("repair")
    if repair is None:
        return ""
    book = act.book if repair is act.case else ClockBook(act.session, repair)
    due = {run.name: run.due_on.isoformat() for run in book.runs if run.due_on}
    said = repair.data["application"]
    return {
        "number": repair.number,
        "record": said["record"],
        "category": _CATEGORIES[said["category"]],
        "decided_on": said["decided_on"],
        "outstanding": said["outstanding"],
        "earliest": due.get("minimum", said["decided_on"]),
        "until": due["publicity"],
        "url": f"{act.ground.public_url}/track?{_asked(repair)}",
    }


def exam_part(act: Act) -> dict[str, Any]:
    """The exam of a training case: marks, and until when its certificate is good."""
    sitting = training.sittings(act.session, act.case)[-1]
    questions = training.paper(act.rules, sitting, act.region)
    limit, _ = act.rules.limit("training.certificate", act.day, act.region)
    until = count(limit, act.day, (), act.rules.calendar).due or act.day
    return {
        "right": training.right(questions, act.data.get("submit_paper", {})),
        "asked": len(questions),
        "valid_until": until.isoformat(),
    }


def _asked(case: Case) -> str:
    return urlencode({"number": case.number, "code": case.tracking_code})
