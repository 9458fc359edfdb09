"""What another body or a court did stands in its paper (复议、诉讼文书在卷).

In cases of every version: whoever enters that a remedy was asked for, judged or ended has the paper
of just that on file. Nobody's word alone quashes a decision, makes it heavier, or shortens the time
to sue.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from state_machines.door.acts import REMEDY_PAPER, of_another_body
from state_machines.language.vocabulary import Refusal, Role

_LAW = "《行政复议法》第七十五条、《行政诉讼法》第七十八条、第九十四条"


def refusals(act: Act) -> list[Refusal]:
    """What is missing of the paper that the entry is about."""
    automatic = act.by_law or act.hand.role is Role.RELATED
    if automatic or not of_another_body(act.step):
        return []
    if kept_since(act, REMEDY_PAPER, _entered_last(act)):
        return []
    text = (
        f"“{act.step.label}”以复议机关、人民法院的文书为准：请先上传该文书（材料“行政复议、行政诉讼文书”）"
        "再登记；每份文书只证明一次登记"
    )
    return [Refusal("no_remedy_paper", text, _LAW)]


def _entered_last(act: Act) -> int:
    """The log row of the entry before of either remedy; 0 if there was none."""
    return act.dossier.row_of(*(one.name for one in act.process.every_step if of_another_body(one)))
