"""Nobody is said to have handed in what is false before he was told and heard (许可法7, 78; K20).

Such a refusal bars from applying for a year; so whoever was told of it does not go before it is
decided. And what was quashed is not done over again. Asked of every version; what else an
application is refused for needs no notice.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.common.texts import folded
from casework.kernel.facts import collect_facts
from casework.parts.prior_notice.collect import told_by
from casework.parts.prior_notice.false_material import (
    LAW,
    refuses_for_false_material,
    tells_of_false_material,
)
from state_machines.language.vocabulary import Guard, Refusal, Role
from state_machines.licensing.instant_licence import forms
from state_machines.parts.prior_notice.forms import (
    GIVE_PRIOR_NOTICE,
    GIVE_PRIOR_NOTICE_ECO,
    PriorNotice,
)
from state_machines.parts.prior_notice.guards import party_was_told_before, prior_review_is_passed
from state_machines.parts.remedies.forms import BRING_BACK, DONE_AGAIN, PROCEDURE
from state_machines.radiation.one_matter.forms import DROP_ECO, DROP_HEALTH

_REPAIR = "credit_repair"
# What leaves a joint application, and what is said of it, to the other authority.
_LEAVING = (DROP_HEALTH, DROP_ECO)
_GOING_LAW = "《行政许可法》第三十一条、第七十八条、国家发展改革委令第36号"
_GIVING = (GIVE_PRIOR_NOTICE, GIVE_PRIOR_NOTICE_ECO)
_TOLD: tuple[Guard, ...] = (party_was_told_before, prior_review_is_passed)


def refusals(act: Act) -> list[Refusal]:
    """What stands against refusing an application for false material, against going from it, or
    against telling once more of what was quashed."""
    if act.execution.role is Role.APPLICANT:
        return _of_going(act)
    if act.step.name == GIVE_PRIOR_NOTICE:
        return _of_telling_again(act)
    if not refuses_for_false_material(act.step.name, act.filled(forms.Refusal)):
        return []
    known = collect_facts(act, _TOLD)
    against = (guard.judge(known) for guard in _TOLD)
    found = [Refusal(refusal.code, refusal.text, LAW) for refusal in against if refusal][:1]
    prior_notice = act.before.at(told_by(act).give)
    if found or prior_notice is None:
        return found
    if prior_notice.facts.strip() != act.filled(forms.Refusal).facts.strip():
        text = "不予许可所认定的事实与事先告知不一致，须重新告知"
        return [Refusal("prior_notice_differs", text, LAW)]
    if not tells_of_false_material(prior_notice):
        text = (
            "事先告知没有载明拟以“隐瞒有关情况或者提供虚假材料”为由、依据《行政许可法》第七十八条"
            "不予许可，须重新告知"
        )
        return [Refusal("prior_notice_differs", text, LAW)]
    return []


def _of_going(act: Act) -> list[Refusal]:
    prior_notices = [prior_notice for step in _GIVING if (prior_notice := act.before.at(step))]
    if not prior_notices or not (
        act.process.key == _REPAIR or any(map(tells_of_false_material, prior_notices))
    ):
        return []
    ends = {state.name for state in act.process.states if state.end}
    left_for = {to for state, to in act.step.moves.items() if to != state}
    if act.step.name not in _LEAVING and ends.isdisjoint(left_for):
        return []
    text = (
        "已告知拟认定隐瞒有关情况或者提供虚假材料，决定以前不能撤回：请陈述申辩，由本机关依法决定"
    )
    return [Refusal("told_of_false_material", text, _GOING_LAW)]


def _of_telling_again(act: Act) -> list[Refusal]:
    """What 复议 or a court quashed is done again on other facts or reasons, or on a procedure that
    is no more at fault (行诉解释90)."""
    quashed, told = act.before.at(BRING_BACK), act.before.at(GIVE_PRIOR_NOTICE)
    if quashed is None or told is None or PROCEDURE in quashed.reasons:
        return []
    if act.latest((GIVE_PRIOR_NOTICE, BRING_BACK)) != BRING_BACK:
        return []
    prior_notice = act.filled(PriorNotice)
    if folded(prior_notice.facts) != folded(told.facts) or folded(prior_notice.reasons) != folded(
        told.reasons
    ):
        return []
    text = (
        f"依据该事先告知作出的决定已被撤销（{quashed.number}），不得以同一的事实和理由再次作出"
        "基本相同的决定：有新的事实、理由的，请写明"
    )
    return [Refusal("quashed_and_done_again", text, DONE_AGAIN)]
