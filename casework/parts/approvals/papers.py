"""What documents print of a draft that is to be approved (拟作出的决定)."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from casework.acts.act import Act
from casework.acts.proposals import latest_draft
from casework.documents.paper_parts import Part, Parts
from casework.parts.same_act.same_act import told_apart
from state_machines.checks.commitment_check.forms import NOTIFY_REVOCATION, REVOKE
from state_machines.enforcement.penalty.forms import RECONSIDER
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.approvals.measures import in_words as measure_in_words
from state_machines.parts.legal_review.forms import SUBMIT_REVIEW
from state_machines.parts.prior_notice.forms import PriorNotice
from state_machines.parts.prior_notice.part import telling_of
from state_machines.verification import PartKnowledge


class DraftPart(TypedDict, total=False):
    """What is proposed besides what the draft's own form says."""

    apart: str
    measures: list[str]
    considered: str


def _draft(act: Act) -> DraftPart:
    """What is proposed to be decided, as notice, review and panel look at it."""
    drafted = latest_draft(act)
    # A version from before approvals were declared has its draft in the notice, and of a notice
    # that no approval is declared for, what it proposes is the draft.
    prior_notice = telling_of(act.process, act.step.name, act.inputs).give
    source = drafted or act.inputs.latest((NOTIFY_REVOCATION,)) or prior_notice
    proposal, prior = act.inputs.told(Proposal, source), act.inputs.told(PriorNotice, source)
    measures = [measure_in_words(measure) for measure in proposal.measures] if proposal else []
    deciding = [
        act.process.step(name)
        for bind in act.process.binds
        if drafted in bind.drafts
        for name in bind.bound
    ]
    if not deciding and NOTIFY_REVOCATION in act.inputs:
        deciding = [act.process.step(REVOKE)]
    considered = [act.inputs.at(SUBMIT_REVIEW), act.inputs.at(RECONSIDER)]
    found: dict[str, Any] = {
        **act.inputs.printed(source),
        "apart": told_apart(act.session, act.case),
        "considered": next(
            (
                one.defence_considered
                for one in considered
                if one and "defence_considered" in one.model_fields_set
            ),
            "",
        ),
    }
    told = [prior.proposed] if prior and "proposed" in prior.model_fields_set else []
    if proposed := measures or [step.label for step in deciding[:1]] or told:
        found["measures"] = proposed
    return cast("DraftPart", found)


PARTS: Parts = {
    "draft": Part(_draft, prints=(PartKnowledge.DRAFTS,)),
}
