"""One act, one fine (一事不二罚, 处罚法29); what was let off is not punished (处罚法33)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.same_act.facts import DifferenceTold, EarlierCase, FinesInForce, SameAct

_LAW = "《行政处罚法》第二十九条"


@guard(needs_input=True)
def act_is_fined_once(act: SameAct) -> Refusal | None:
    """The same act is not fined a second time, by whichever authority; other measures may be."""
    if not (act.fines and act.fined):
        return None
    if act.spot:
        way = "确系不同的违法行为的，请转普通程序办理并说明区别"
    else:
        way = (
            "确系不同的违法行为的，请先“说明与先前案件的区别”，写明时间、地点、对象的不同；"
            "应当按罚款数额高的规定处罚的，先依法撤销原决定；给予其他种类处罚的，删去罚款"
        )
    return Refusal(
        "act_fined_before",
        f"当事人的同一个违法行为已被罚款（{'；'.join(act.fined)}），不得再次罚款。{way}",
        _LAW,
    )


@guard()
def exempted_act_is_not_punished(act: SameAct) -> Refusal | None:
    """An act that it was decided not to punish is not punished."""
    if not act.exempted:
        return None
    return Refusal(
        "act_exempted_before",
        f"当事人的同一个违法行为已决定不予行政处罚（{'；'.join(act.exempted)}），不得再处罚。"
        "请办理不予立案或者不予处罚；确系不同的违法行为的，先“说明与先前案件的区别”",
        "《行政处罚法》第三十三条、第五十七条第一款",
    )


@guard()
def difference_is_told(difference: DifferenceTold) -> Refusal | None:
    """What tells the act apart from an earlier one stands in the notice that the party had."""
    if not difference.untold:
        return None
    return Refusal(
        "difference_not_told",
        f"与先前案件（{'、'.join(difference.untold)}）的区别是告知以后才说明的，须重新告知并送法制审核",
        "《行政处罚法》第二十九条、第四十四条",
    )


@guard(needs_input=True)
def earlier_case_is_known(case: EarlierCase) -> Refusal | None:
    """What is told apart is another case of the same party."""
    if case.known:
        return None
    return Refusal(
        "no_such_earlier_case",
        f"没有编号为“{case.number}”的该当事人其他案件，请从案件页的“当事人的其他案件”中核对编号",
        _LAW,
    )


@guard()
def one_fine_is_in_force(fines: FinesInForce) -> Refusal | None:
    """Of two fines for one act that are both in force neither is collected before one falls."""
    if not fines.besides:
        return None
    return Refusal(
        "act_fined_twice",
        f"当事人的同一个违法行为另有罚款决定有效（{'；'.join(fines.besides)}），"
        "请先依法撤销其中一项罚款；确系不同的违法行为的，先“说明与先前案件的区别”",
        _LAW,
    )
