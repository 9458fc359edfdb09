"""A promise that was signed is not undone by one hand (许可法36, 国办发〔2020〕42号).

Whoever has others to hear grants nothing on the spot. So who registers them, once the applicant has
signed, rests on a paper that somebody else has seen and kept, in cases of every version.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.parts.interested_party.collect import PROOF
from state_machines.language.vocabulary import Refusal
from state_machines.parts.interested_party.forms import REGISTER_INTERESTED
from state_machines.parts.promise.forms import COMMIT, DECLINE, WITHDRAW_COMMITMENT


def refusals(act: Act) -> list[Refusal]:
    """What is missing for registering somebody in the way of a promise that stands."""
    if act.step.name != REGISTER_INTERESTED:
        return []
    if act.latest((COMMIT, WITHDRAW_COMMITMENT, DECLINE)) != COMMIT:
        return []
    mine = {officer.person_id for officer in act.execution.officers}
    since = act.dossier.row_of(REGISTER_INTERESTED)
    if any(attachment.person_id not in mine for attachment in kept_since(act, PROOF, since)):
        return []
    text = (
        "申请人已经签署承诺书，登记利害关系人将不能当场决定，须两人办理：请由另一名工作人员核对"
        "利害关系证明（本人的书面异议）原件并上传（材料“利害关系证明”），再登记"
    )
    return [Refusal("interest_by_two_hands", text, "《行政许可法》第三十六条、国办发〔2020〕42号")]
