"""An approval whose words refuse is none (意见与办理一致), in cases of every version.

The letter prints what was written, and the case goes on by the step: both say the same.
"""

from __future__ import annotations

from casework.acts.act import Act
from state_machines.enforcement.exemption.forms import APPROVE_FILING, EXEMPT, Opinion
from state_machines.language.vocabulary import Refusal
from state_machines.parts.legal_review.forms import PASS_REVIEW, ReviewPass
from state_machines.parts.panel.forms import CONCLUDE_PANEL, VOTE, Choice, PanelMinute, Vote
from state_machines.radiation.forms import PASS_ECO, PASS_HEALTH
from state_machines.radiation.forms import Opinion as Examined

_LAW = "《行政处罚法》第四十七条、国办发〔2018〕118号（行政执法全过程记录）"
_REFUSING = ("不同意", "不予批准", "未通过", "未获通过", "予以退回", "不予通过", "不通过")
_APPROVING = (APPROVE_FILING, EXEMPT)


def refusals(act: Act) -> list[Refusal]:
    """What the opinion says against the very step that it is given with."""
    words = _words(act)
    found = [word for word in _REFUSING if word in words]
    if not found:
        return []
    text = (
        f"填写的意见写有“{'、'.join(found)}”，与“{act.step.label}”相反：不同意的，请办理退回、"
        "未通过等相应的步骤；同意的，请改正文字"
    )
    return [Refusal("opinion_contradicts", text, _LAW)]


def _words(act: Act) -> str:
    step = act.step.name
    if step == PASS_REVIEW:
        return act.filled(ReviewPass).opinion
    if step == CONCLUDE_PANEL:
        return act.filled(PanelMinute).conclusion
    if step == VOTE:
        vote = act.filled(Vote)
        return vote.opinion if vote.choice == Choice.FOR else ""
    if step in (PASS_HEALTH, PASS_ECO):
        return act.filled(Examined).conclusion
    if step in _APPROVING:
        return act.filled(Opinion).opinion
    return ""
