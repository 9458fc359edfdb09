"""An objection corrects a record, and no decision (信用异议), in cases of every version.

What a penalty that stands came to is corrected with the penalty: by whoever may quash or revoke it.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.common.typed_inputs import Inputs
from casework.models import Case, CreditEvent
from casework.parts.remedies import decision_in_force as standing
from state_machines.credit.objection.forms import UPHOLD, Objection
from state_machines.language.vocabulary import Refusal

_PENALTIES = ("penalty", "simple_penalty")


def refusals(act: Act) -> list[Refusal]:
    """What stands against correcting the record that is objected to."""
    if act.process.key != "credit_objection" or act.step.name != UPHOLD:
        return []
    event = act.session.get(CreditEvent, act.inputs.application(Objection).event)
    source = act.session.get_one(Case, event.case_id) if event else None
    if source is None or source.process not in _PENALTIES:
        return []
    if not standing.decided(inputs := Inputs(source.data)) or standing.overturned(inputs):
        return []
    text = (
        f"该记录来自案件{source.number}的处罚决定，决定现行有效，不能以信用异议更正：决定有错误的，"
        "由本机关依职权撤销、变更，或者由复议机关、人民法院撤销，记录随之更正"
    )
    law = "《行政处罚法》第四十八条第二款、第七十五条第二款"
    return [Refusal("record_rests_on_decision", text, law)]
