"""Refusals for false material (许可法78), which bar from applying again: what they are told by."""

from __future__ import annotations

from casework.common.texts import folded
from state_machines.licensing.instant_licence.forms import REFUSE, Refusal, RefusalGround
from state_machines.parts.prior_notice.forms import PriorNotice
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

# As its article is written, and what it is about.
_ARTICLE = ("第七十八条", "第78条")
_WORDS = ("虚假", "隐瞒")
LAW = "《行政许可法》第七条、第七十八条"
_REFUSING = (REFUSE, REFUSE_HEALTH, REFUSE_ECO)


def refuses_for_false_material(step: str, said: Refusal) -> bool:
    """Whether a step, with what was filled in, finds that the applicant hid or forged anything."""
    return step in _REFUSING and said.ground == RefusalGround.FALSE_MATERIAL


def tells_of_false_material(notice: PriorNotice) -> bool:
    """Whether a notice says that this is the ground: in its basis, and in what it proposes or its
    reasons. It bars from applying for a year, and must be answered as that."""
    said = folded(notice.proposed + notice.reasons)
    by_law = any(one in folded(notice.basis) for one in _ARTICLE)
    return by_law and any(word in said for word in _WORDS)
