"""Who was asked to stand aside, and who chaired or reviewed (回避、职能分离).

In cases of every version: while a request to stand aside is undecided the inquiry goes on, but
whoever it names decides, chairs, reviews and votes on nothing. And whoever chaired the hearing, or
reviewed the draft, does not investigate or draft in that case afterwards, as it may not be before.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.rules.versions import as_released
from state_machines.language.vocabulary import Refusal, Role
from state_machines.parts.duties.forms import ASK_RECUSAL, DECIDE_RECUSAL
from state_machines.parts.hearing.forms import ABANDON_HEARING, ADJOURN_HEARING, HOLD_HEARING
from state_machines.parts.legal_review.forms import PASS_REVIEW, RETURN_REVIEW

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
    if act.by_law or act.hand.role.automatic or act.hand.role is Role.APPLICANT:
        return []
    return [*_asked_aside(act), *_judged_before(act)]


def _asked_aside(act: Act) -> list[Refusal]:
    if act.hand.role not in _DECIDING or act.step.name in (ASK_RECUSAL, DECIDE_RECUSAL):
        return []
    if act.before.latest((ASK_RECUSAL, DECIDE_RECUSAL)) != ASK_RECUSAL:
        return []
    asked = act.before.needed(ASK_RECUSAL).officer
    if all(officer.name != asked for officer in act.hand.officers):
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
    names = "、".join(one.name for one in act.hand.officers if one.person_id in persons)
    if not names:
        return []
    text = f"{names}主持过本案听证或者审核过本案，不能再调查、提出处理意见，请由其他承办人办理"
    return [Refusal("judged_before", text, _APART)]
