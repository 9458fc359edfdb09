"""The end of a book entry (注销): its ground is one that the licence's state and its file show.

What ends a licence by the authority's own finding is told to its holder before, who is heard.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.parts.prior_notice import collect as prior
from state_machines.language.vocabulary import Refusal, Role
from state_machines.licensing.licence.forms import Deregistration
from state_machines.parts.endings.grounds import ENDINGS, PROOF
from state_machines.parts.prior_notice.guards import party_was_told_before, prior_review_is_passed


def refusals(act: Act) -> list[Refusal]:
    """What stands against ending the entry on the ground that the form names."""
    grounds = ENDINGS.get(act.process.key)
    ground = act.filled(Deregistration).ground
    if not grounds or not ground or not act.step.name.startswith("deregister"):
        return []
    ending = grounds.get(ground)
    if ending is None or act.hand.role is Role.RELATED:
        return []
    found = []
    if ending.states and act.case.state not in ending.states:
        label = act.process.state(act.case.state).label
        text = f"许可证当前状态为“{label}”，不能以“{ground}”为由注销"
        found.append(Refusal("ground_differs", text, ending.law))
    if ending.proof and not kept_since(act, PROOF, -1):
        text = f"以“{ground}”为由注销的，请先上传{ending.proof}（材料“注销依据”）"
        found.append(Refusal("ending_unproved", text, ending.law))
    if ending.told and not found:
        time, review = prior.time_of(act), prior.review_of(act)
        for guard, fact in ((party_was_told_before, time), (prior_review_is_passed, review)):
            refusal = guard.judge({type(fact): fact})
            if refusal is not None:
                return [Refusal(refusal.code, refusal.text, ending.law)]
    return found
