"""Notice, defence and legal review of a decision (告知、申辩、法制审核)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from rulebook.citations import citations
from state_machines.checks.commitment_check.facts import (
    Defence,
    PublicHarm,
    ReviewBinding,
    RevocationBasis,
)
from state_machines.checks.commitment_check.forms import (
    NOTIFY_REVOCATION,
    Revocation,
    RevocationNotice,
)
from state_machines.parts.hearing.forms import STATE_DEFENCE, WAIVE_DEFENCE
from state_machines.parts.legal_review.forms import PASS_REVIEW, RETURN_REVIEW, SUBMIT_REVIEW

# 69(1): the authority may, by item; 69(2): it must, where the licence was got by fraud or bribery.
_REVOKING = citations(
    "《行政许可法》第六十九条第一款第一项、第二项、第三项、第四项、第五项、第六十九条第二款"
)


def _defence(act: Act) -> Defence:
    # A statement made after an earlier notice is still a statement: `data` is in order of time.
    said = act.latest((STATE_DEFENCE, WAIVE_DEFENCE, NOTIFY_REVOCATION))
    run = next((run for run in reversed(act.runs) if run.name == "defence" and run.live), None)
    # What was reviewed once was told, and its period was over; only a new notice begins a new one.
    reviewed = act.latest((SUBMIT_REVIEW, NOTIFY_REVOCATION)) == SUBMIT_REVIEW
    return Defence(
        said == STATE_DEFENCE,
        said == WAIVE_DEFENCE,
        run.due_on if run else None,
        reviewed or (run is not None and run.fires_at is not None and act.at >= run.fires_at),
    )


def _review_binding(act: Act) -> ReviewBinding:
    passed = act.latest((PASS_REVIEW, RETURN_REVIEW, SUBMIT_REVIEW)) == PASS_REVIEW
    revocation, revocation_notice = act.filled(Revocation), act.inputs.at(NOTIFY_REVOCATION)
    reviewed = (
        (revocation_notice.facts, revocation_notice.basis, revocation_notice.reasons)
        if revocation_notice
        else ("", "", "")
    )
    return ReviewBinding(
        passed, (revocation.facts, revocation.basis, revocation.reasons) == reviewed
    )


def _public_harm(act: Act) -> PublicHarm:
    return PublicHarm(act.filled(Revocation).major_public_harm)


def _basis(act: Act) -> RevocationBasis:
    cited = citations(act.filled(RevocationNotice).basis)
    return RevocationBasis(
        any(citation.is_within(place) for citation in cited for place in _REVOKING)
    )


FACTS: FactTable = {
    Defence: _defence,
    PublicHarm: _public_harm,
    ReviewBinding: _review_binding,
    RevocationBasis: _basis,
}
