"""The promise route at the grant (告知承诺): what closes it to a promise closes it still.

A record may come between the promise and the grant; it is asked for again, in cases of every
version. And a promise is about the materials that were there when it was signed.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import handed_in, listed
from casework.kernel import facts
from casework.parts.promise.collect import is_promised
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import GRANT
from state_machines.parts.promise.forms import COMMIT
from state_machines.parts.promise.guards import credit_allows_promise


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting on a promise now."""
    if act.step.name != GRANT or not is_promised(act):
        return []
    refusal = credit_allows_promise.judge(facts.collect(act, (credit_allows_promise,)))
    found = [refusal] if refusal else []
    if late := _came_later(act):
        text = (
            f"承诺书签署以后才提交的材料不在承诺范围内：{'、'.join(late)}；"
            "请申请人重新签署承诺书，或者撤回承诺按一般程序核查后决定"
        )
        found.append(Refusal("material_after_promise", text, "国办发〔2020〕42号"))
    return found


def _came_later(act: Act) -> list[str]:
    """Labels of what has to be there, and came only after the promise was signed."""
    signed = act.dossier.row_of(COMMIT)
    before = {
        one.material
        for one in act.dossier.attachments
        if one.log_seq is None or one.log_seq <= signed
    }
    after = handed_in(act) - before
    return [one.label for one in listed(act) if one.required and one.key in after]
