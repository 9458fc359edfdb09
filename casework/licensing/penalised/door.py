"""A penalty that was decided elsewhere moves a licence by its own paper (其他机关的处罚文书在卷).

In cases of every version: nobody's word takes a licence, nor gives one back.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.licensing.penalised import standing_licence as penalised
from state_machines.door.acts import PENALTY_PAPER, moves_by_penalty
from state_machines.language.vocabulary import Refusal, Role
from state_machines.licensing.licence.forms import Cancellation, DecisionSource

_LAW = "《行政处罚法》第五十九条、第六十一条、《行政许可法》第七十条第四项"
_TAKEN_BY = {given_back: taken for taken, given_back in penalised.GIVES_BACK.items()}


def refusals(act: Act) -> list[Refusal]:
    """What is missing of the paper of a penalty, or of its end, that is not of this system."""
    automatic = act.by_law or act.execution.role is Role.RELATED
    if automatic or not moves_by_penalty(act.process, act.step) or _is_known_here(act):
        return []
    if kept_since(act, PENALTY_PAPER, _moved_last(act)):
        return []
    what = "处罚决定书和送达回证" if act.step.name in penalised.TAKES else "撤销、变更该决定的文书"
    text = (
        f"不是本系统办理的处罚决定，“{act.step.label}”须先上传{what}的扫描件"
        "（材料“其他机关的处罚文书”），核对原件后再办理"
    )
    return [Refusal("no_penalty_paper", text, _LAW)]


def _is_known_here(act: Act) -> bool:
    if act.step.name in penalised.TAKES:
        return act.filled(Cancellation).source == DecisionSource.HERE
    number = penalised.number_taken_by(act.case, _TAKEN_BY[act.step.name])
    return penalised.penalty_numbered(act.session, number, act.case) is not None


def _moved_last(act: Act) -> int:
    """The log row by which a penalty moved the licence before; 0 if none did."""
    return act.dossier.row_of(
        *(step.name for step in act.process.every_step if moves_by_penalty(act.process, step))
    )
