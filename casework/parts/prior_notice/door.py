"""Nobody is said to have handed in what is false before he was told and heard (许可法7, 78; K20).

Such a refusal bars from applying for a year; so whoever was told of it does not go before it is
decided. Asked of every version; what else an application is refused for needs no notice.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel.facts import collect
from casework.parts.prior_notice.collect import told_by
from casework.parts.prior_notice.false_material import (
    LAW,
    refuses_for_false_material,
    tells_of_false_material,
)
from state_machines.language.vocabulary import Guard, Refusal, Role
from state_machines.licensing.instant_licence import forms
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE, GIVE_PRIOR_NOTICE_ECO
from state_machines.parts.prior_notice.guards import party_was_told_before, prior_review_is_passed
from state_machines.radiation.one_matter.forms import DROP_ECO, DROP_HEALTH

_REPAIR = "credit_repair"
# What leaves a joint application, and what is said of it, to the other authority.
_LEAVING = (DROP_HEALTH, DROP_ECO)
_GOING_LAW = "《行政许可法》第三十一条、第七十八条、国家发展改革委令第36号"
_GIVING = (GIVE_PRIOR_NOTICE, GIVE_PRIOR_NOTICE_ECO)
_TOLD: tuple[Guard, ...] = (party_was_told_before, prior_review_is_passed)


def refusals(act: Act) -> list[Refusal]:
    """What stands against refusing an application for false material, or against going from it."""
    if act.hand.role is Role.APPLICANT:
        return _of_going(act)
    if not refuses_for_false_material(act.step.name, act.filled(forms.Refusal)):
        return []
    known = collect(act, _TOLD)
    against = (guard.judge(known) for guard in _TOLD)
    found = [Refusal(one.code, one.text, LAW) for one in against if one][:1]
    told = act.before.at(told_by(act).give)
    if found or told is None:
        return found
    if told.facts.strip() != act.filled(forms.Refusal).facts.strip():
        text = "不予许可所认定的事实与事先告知不一致，须重新告知"
        return [Refusal("prior_notice_differs", text, LAW)]
    if not tells_of_false_material(told):
        text = (
            "事先告知没有载明拟以“隐瞒有关情况或者提供虚假材料”为由、依据《行政许可法》第七十八条"
            "不予许可，须重新告知"
        )
        return [Refusal("prior_notice_differs", text, LAW)]
    return []


def _of_going(act: Act) -> list[Refusal]:
    told = [said for step in _GIVING if (said := act.before.at(step))]
    if not told or not (act.process.key == _REPAIR or any(map(tells_of_false_material, told))):
        return []
    ends = {state.name for state in act.process.states if state.end}
    if act.step.name not in _LEAVING and ends.isdisjoint(act.step.moves.values()):
        return []
    text = (
        "已告知拟认定隐瞒有关情况或者提供虚假材料，决定以前不能撤回：请陈述申辩，由本机关依法决定"
    )
    return [Refusal("told_of_false_material", text, _GOING_LAW)]
