"""A check is called a random one (双随机) only by the draw that named its place."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from casework.common.problems import bad_field
from casework.common.typed_inputs import Inputs
from casework.models import Party
from state_machines.grading.place_grading.forms import Occasion, Task
from state_machines.language.vocabulary import Process


def judge_opening(
    session: Session, process: Process, party: Party, inputs: Inputs, on: date
) -> None:
    """Raise BadInput for a random check that no draw named; of which place a draw is, is asked
    when its officers are sent."""
    if process.key != "place_grading":
        return
    said = inputs.application(Task)
    if said.occasion == Occasion.DRAWN and not said.draw.strip():
        text = "双随机抽查的场所、人员由抽取确定：请在“双随机抽取”中抽取后下达，不能自行选定"
        raise bad_field("draw", "抽取编号", text, law="国办发〔2015〕58号")
