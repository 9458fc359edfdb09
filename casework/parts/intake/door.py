"""An application ends without a decision only on what its file proves (终止审查), in cases of every
version: its applicant is no more, or the licence that it is about is not in force any more.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from state_machines.language.vocabulary import Refusal
from state_machines.parts.endings.grounds import PROOF
from state_machines.parts.intake.forms import TERMINATE, Termination, TerminationGround

_LAW = "《行政许可法》第三十八条、第七十条"
_GONE = ("expired", "revoked", "withdrawn_by_authority", "cancelled")


def refusals(act: Act) -> list[Refusal]:
    """What stands against ending an application on the ground that the form names."""
    # Of a case that keeps an evidence register a guard asks (`door/gates`).
    if act.step.name != TERMINATE or act.process.keeps_evidence:
        return []
    ground = act.filled(Termination).ground
    if ground in (TerminationGround.DEATH, TerminationGround.DISSOLUTION):
        if kept_since(act, PROOF, -1):
            return []
        text = (
            f"以“{ground.value}”为由终止审查的，请先上传死亡证明、登记机关的注销证明等材料"
            "（材料“注销依据”）"
        )
        return [Refusal("ending_unproved", text, _LAW)]
    if ground == TerminationGround.LICENCE_ENDED and not _licence_ended(act):
        text = "申请所涉及的许可证没有失效（或者申请不涉及已有的许可证），不能以此为由终止审查"
        return [Refusal("licence_has_not_ended", text, _LAW)]
    return []


def _licence_ended(act: Act) -> bool:
    licence = act.related(act.process.about) if act.process.about else None
    if licence is None:
        return False
    # One that is suspended, or that its holder wants to give back, may yet be used again.
    return licence.ended_at is not None or licence.state in _GONE
