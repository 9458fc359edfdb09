"""Who was asked to stand aside, and who chaired or reviewed (回避、职能分离).

In cases of every version: a request to stand aside names one officer of this authority, and is of
the party, or of that officer. While it is undecided the inquiry goes on, but
whoever it names decides, chairs, reviews and votes on nothing. And whoever chaired the hearing, or
reviewed the draft, does not investigate or draft in that case afterwards, as it may not be before.
"""

from __future__ import annotations

from collections.abc import Iterator

from casework.acts.act import Act
from casework.parts.officers.collect import asked_aside, bare, officers_named
from casework.rules.versions import as_released
from state_machines.language.vocabulary import Refusal, Role
from state_machines.parts.hearing.forms import ABANDON_HEARING, ADJOURN_HEARING, HOLD_HEARING
from state_machines.parts.legal_review.forms import PASS_REVIEW, RETURN_REVIEW
from state_machines.parts.officers.forms import ASK_RECUSAL, DECIDE_RECUSAL, RecusalRequest

_RECUSAL = "《行政处罚法》第四十三条第三款"
_APART = "《行政处罚法》第五十八条、第六十四条第四项"
_DECIDING = frozenset(
    {
        Role.APPROVER,
        Role.ECO_APPROVER,
        Role.LEGAL_REVIEWER,
        Role.HEARING_CHAIR,
        Role.PANEL_MEMBER,
    }
)
_JUDGING = (HOLD_HEARING, ADJOURN_HEARING, ABANDON_HEARING, PASS_REVIEW, RETURN_REVIEW)


def refusals(act: Act) -> list[Refusal]:
    """What stands against the officers who take the step."""
    if act.step.name == ASK_RECUSAL:
        return list(_of_request(act))
    if act.by_law or act.execution.role.automatic or act.execution.role is Role.APPLICANT:
        return []
    return [*_asked_aside(act), *_judged_before(act)]


def _of_request(act: Act) -> Iterator[Refusal]:
    """Nobody can decide on a request that names nobody, or several at once."""
    said = act.filled(RecusalRequest).officer
    if not said:
        return
    named = officers_named(act, said, on=act.day)
    if not named:
        text = f"本机关没有名为“{said}”的在任工作人员，请写明要求回避的人员的姓名"
        yield Refusal("recusal_names_nobody", text, _RECUSAL)
    if len(named) > 1:
        text = f"一次申请一名人员回避，“{said}”写明了{'、'.join(named)}，请分别申请"
        yield Refusal("recusal_names_several", text, _RECUSAL)
    own = act.execution.role is Role.APPLICANT or any(
        bare(officer.name) in named for officer in act.execution.officers
    )
    if named and not own:
        text = "工作人员只为本人申请回避；当事人申请的，由当事人自行提出或者由窗口代为登记"
        yield Refusal("recusal_of_another", text, "《行政处罚法》第四十三条第一款、第二款")


def _asked_aside(act: Act) -> list[Refusal]:
    if act.execution.role not in _DECIDING or act.step.name == DECIDE_RECUSAL:
        return []
    asked = asked_aside(act)
    mine = {
        bare(officer.name)
        for officer in act.execution.officers
        if bare(officer.name) in bare(asked)
    }
    if not mine or mine.isdisjoint(officers_named(act, asked)):
        return []
    text = f"申请{asked}回避的请求尚待决定：决定以前不停止调查，但由其他人员审批、审核、主持和表决"
    return [Refusal("asked_to_stand_aside", text, _RECUSAL)]


def _judged_before(act: Act) -> list[Refusal]:
    _, released = as_released(act.process, act.step)
    judging = [
        step.name
        for step in act.process.every_step
        if step.name in _JUDGING and released.name in step.apart_from
    ]
    if not judging:
        return []
    rows = (header for header in act.dossier.headers if header["name"] in judging)
    persons = {person for header in rows for person in header["officers"]}
    names = "、".join(
        officer.name for officer in act.execution.officers if officer.person_id in persons
    )
    if not names:
        return []
    text = f"{names}主持过本案听证或者审核过本案，不能再调查、提出处理意见，请由其他承办人办理"
    return [Refusal("judged_before", text, _APART)]
