"""What was quashed is not done over again (不得重作), in cases of every version.

Where 行政复议 or a court quashed a penalty, another one for the same act rests on other facts or
reasons, unless only the procedure was at fault; and whoever asked for the remedy is not worse off.
And what is punished, or told of, in one case is not let off in another.
"""

from __future__ import annotations

from collections.abc import Iterator

from casework.acts.act import Act
from casework.common.texts import folded
from casework.common.typed_inputs import Inputs
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.collect import of_the_same_act
from casework.parts.same_act.same_act import OtherCase, distinctions_of
from state_machines.enforcement.exemption.forms import EXEMPT, PROPOSE_EXEMPTION
from state_machines.enforcement.penalty.forms import DECIDE, NOTIFY, RELEASE, Sentence
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Refusal
from state_machines.parts.approvals.measures import heavier
from state_machines.parts.remedies.forms import (
    CHANGE_BY_LITIGATION,
    CHANGE_BY_RECONSIDERATION,
    DONE_AGAIN,
    PROCEDURE,
)
from state_machines.processes import PROCESSES

_BY_OTHERS = (CHANGE_BY_RECONSIDERATION, CHANGE_BY_LITIGATION)
_ONE_DECISION = "《行政处罚法》第二十九条、第三十三条、第五十七条第一款"


def refusals(act: Act) -> list[Refusal]:
    """What stands against telling of, or deciding on, a penalty after one that was quashed."""
    if act.step.name in (PROPOSE_EXEMPTION, EXEMPT):
        return list(_of_exemption(act))
    if act.step.name not in (NOTIFY, DECIDE, PUNISH):
        return []
    apart = distinctions_of(act.session, act.case)
    return [
        refusal
        for other in of_the_same_act(act)
        if other.number not in apart
        for refusal in _beside(act.filled(Sentence), other.number, Inputs(other.data))
    ]


def _of_exemption(act: Act) -> Iterator[Refusal]:
    """One act is not punished and let off besides: whichever case told the party first decides."""
    apart = distinctions_of(act.session, act.case)
    for other in of_the_same_act(act):
        inputs = Inputs(other.data)
        told = NOTIFY in inputs and DECIDE not in inputs and not _has_ended(other)
        if other.number in apart or not (told or standing.in_force(inputs)):
            continue
        text = (
            f"当事人的同一个违法行为已由案件{other.number}{'告知拟处罚' if told else '处罚'}，"
            "不得另行决定不予处罚：请并入该案处理；确系不同的违法行为的，先“说明与先前案件的区别”"
        )
        yield Refusal("act_punished_elsewhere", text, _ONE_DECISION)


def _has_ended(other: OtherCase) -> bool:
    released = PROCESSES[other.process].states
    return other.state in {state.name for state in released if state.end} or RELEASE in Inputs(
        other.data
    )


def _beside(said: Sentence, number: str, other: Inputs) -> Iterator[Refusal]:
    step = standing.overturned_by(other)
    quashed = next((other.at(step_name) for step_name in _BY_OTHERS if step_name == step), None)
    decided = next((sentence for one in (DECIDE, PUNISH) if (sentence := other.at(one))), None)
    if quashed is None or decided is None:
        return
    if worse := heavier(standing.decided(other), said.measures):
        text = (
            f"当事人的同一违法行为曾由案件{number}处罚，经{standing.ENDS[step]}撤销，"
            f"另行处罚不得更重：{'；'.join(worse)}"
        )
        law = "《行政复议法》第六十三条第二款、《行政诉讼法》第七十七条第二款（参照）"
        yield Refusal("worse_for_a_remedy", text, law)
    same = folded(said.facts) == folded(decided.facts) and folded(said.reasons) == folded(
        decided.reasons
    )
    if same and PROCEDURE not in quashed.reasons:
        text = (
            f"案件{number}的处罚决定已被{standing.ENDS[step]}撤销，不得以同一的事实和理由"
            "作出与原决定基本相同的处罚：有新的事实、理由的，请写明"
        )
        yield Refusal("quashed_and_done_again", text, DONE_AGAIN)
