"""What documents print of a draft that is to be approved (拟作出的决定)."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from casework.acts.act import Act
from casework.acts.proposals import draft_of, latest_draft
from casework.documents.paper_parts import Part, Parts
from casework.parts.same_act.same_act import told_apart
from state_machines.parts.approvals.measures import in_words as measure_in_words
from state_machines.verification import PartKnowledge

# A notice that no approval is declared for: what it proposes is the draft.
_PRIOR = "give_prior_notice"


class DraftPart(TypedDict, total=False):
    """What is proposed besides what the draft's own form says."""

    apart: str
    measures: list[str]
    considered: str


def _draft(act: Act) -> DraftPart:
    """What is proposed to be decided, as notice, review and panel look at it."""
    # A version from before approvals were declared has its draft in the notice.
    said = draft_of(act) or act.data.get("notify_revocation") or act.data.get(_PRIOR, {})
    measures = [measure_in_words(one) for one in said.get("measures", ())]
    drafted = latest_draft(act)
    deciding = [
        act.process.step(name)
        for one in act.process.binds
        if drafted in one.drafts
        for name in one.bound
    ]
    if not deciding and "notify_revocation" in act.data:
        deciding = [act.process.step("revoke")]
    considered = [act.data.get(name, {}) for name in ("submit_review", "reconsider")]
    found: dict[str, Any] = {
        **said,
        "apart": told_apart(act.session, act.case),
        "considered": next(
            (one["defence_considered"] for one in considered if "defence_considered" in one), ""
        ),
    }
    told = [said["proposed"]] if "proposed" in said else []
    if proposed := measures or [step.label for step in deciding[:1]] or told:
        found["measures"] = proposed
    return cast("DraftPart", found)


PARTS: Parts = {
    "draft": Part(_draft, prints=(PartKnowledge.DRAFTS,)),
}
