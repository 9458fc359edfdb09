"""A check is called a random one (双随机) only by the draw that named its place; and whoever draws
does not call it off to draw another. In cases of every version."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.common.problems import bad_field
from casework.common.typed_inputs import Inputs
from casework.models import Party
from state_machines.grading.place_grading.forms import CALL_OFF, Occasion, Task
from state_machines.language.vocabulary import Process, Refusal, Role

_RANDOM = "国办发〔2015〕58号"


def judge_opening(
    session: Session, process: Process, party: Party, inputs: Inputs, on: date
) -> None:
    """Raise BadInput for a random check that no draw named; of which place a draw is, is asked
    when its officers are sent."""
    if process.key != "place_grading":
        return
    task = inputs.application(Task)
    if task.occasion == Occasion.DRAWN and not task.draw.strip():
        text = "双随机抽查的场所、人员由抽取确定：请在“双随机抽取”中抽取后下达，不能自行选定"
        raise bad_field("draw", "抽取编号", text, law=_RANDOM)


def refusals(act: Act) -> list[Refusal]:
    """What stands against calling off a random check."""
    if act.process.key != "place_grading" or act.step.name != CALL_OFF:
        return []
    if not act.inputs.application(Task).draw or act.execution.role is Role.APPROVER:
        return []
    text = "抽中的检查任务不由下达的人员取消：确实不能检查的，由机关负责人写明理由取消"
    return [Refusal("drawn_is_not_called_off", text, _RANDOM)]
