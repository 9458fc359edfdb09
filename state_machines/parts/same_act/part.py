"""说明与先前案件的区别: what tells an act apart from one that was punished or let off already.

《行政处罚法》第二十九条. Entered like evidence, beside the steps, in cases of every version. What
it says stands in notice and decision, and goes through legal review.
"""

from __future__ import annotations

from state_machines.language.vocabulary import Role, Step, schema
from state_machines.parts.same_act import guards as same_act
from state_machines.parts.same_act.forms import Distinction

DISTINGUISH = Step(
    "distinguish_act",
    "说明与先前案件的区别",
    {},
    (Role.CASE_HANDLER, Role.INSPECTOR),
    form=schema(Distinction),
    guards=(same_act.earlier_case_is_known,),
    law="《行政处罚法》第二十九条",
)
