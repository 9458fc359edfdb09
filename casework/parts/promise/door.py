"""The promise route at the grant (告知承诺): what closes it to a promise closes it still.

A record may come between the promise and the grant; it is asked for again, in cases of every
version. And a promise is about the materials that were there when it was signed.
"""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import handed_in, kept_since, listed
from casework.acts.successions import line_of
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.kernel import facts
from casework.models import Case
from casework.parts.credit_file import months_after
from casework.parts.intake.door import FINDING
from casework.parts.promise.collect import is_promised
from state_machines.checks.commitment_check.forms import FIND_BROKEN, FIND_FALSE
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import ACCEPT, GRANT
from state_machines.parts.promise.forms import (
    CHECK_SITE,
    COMMIT,
    TURN_TO_ORDINARY,
    OrdinaryRoute,
    UnfitForPromise,
)
from state_machines.parts.promise.guards import credit_allows_promise

COMMITMENT_CHECK = "commitment_check"
_LAW = "国办发〔2020〕42号"
_SEEN = "国办发〔2020〕42号、《行政许可法》第三十一条、第三十四条第三款"


def refusals(act: Act) -> list[Refusal]:
    """What stands against promising again, granting on a promise, or turning it, now."""
    # A promise of something else, as that of a repair, bears on no licence.
    if act.step.name == COMMIT and any(step.name == GRANT for step in act.process.steps):
        return _turned(act) + _seen_unmet(act) + _found_broken(act)
    if act.step.name == TURN_TO_ORDINARY:
        return _of_turning(act)
    if act.step.name != GRANT or not is_promised(act):
        return []
    found = _of_credit(act)
    if late := _came_later(act):
        text = (
            f"承诺书签署以后才提交的材料不在承诺范围内：{'、'.join(late)}；"
            "请申请人重新签署承诺书，或者撤回承诺按一般程序核查后决定"
        )
        found.append(Refusal("material_after_promise", text, _LAW))
    return found + _seen_unmet(act) + _found_broken(act)


def _of_credit(act: Act) -> list[Refusal]:
    refusal = credit_allows_promise.judge(facts.collect_facts(act, (credit_allows_promise,)))
    return [refusal] if refusal else []


def _of_turning(act: Act) -> list[Refusal]:
    """Whoever may promise is turned to the ordinary procedure on what the file shows, and not on a
    pick: a record that closes the promise, a look, or a finding in writing."""
    ground = act.filled(OrdinaryRoute).ground
    if ground == UnfitForPromise.RECORD and not (_of_credit(act) or _found_broken(act)):
        text = (
            "信用档案中没有不适用告知承诺的未修复记录，核查也没有认定未履行承诺，不能以“"
            f"{ground.value}”为由转一般程序"
        )
        return [Refusal("record_allows_promise", text, _LAW)]
    if not ground or ground == UnfitForPromise.RECORD or kept_since(act, FINDING, -1):
        return []
    look = act.inputs.at(CHECK_SITE)
    if (
        ground == UnfitForPromise.CONDITIONS
        and look
        and not all(result.met for result in look.results)
    ):
        return []
    text = (
        f"以“{ground.value}”为由转一般程序的，请先上传书面审查意见、核实记录、不适用告知承诺的清单等"
        "依据（材料“不予许可的依据”）"
    )
    return [Refusal("turning_unfounded", text, _LAW)]


def _turned(act: Act) -> list[Refusal]:
    """What the authority turned to the ordinary procedure is not promised again."""
    if TURN_TO_ORDINARY not in act.before:
        return []
    text = "本机关已决定该申请改按一般程序办理，不再签署承诺书；可以补充提交证明符合许可条件的材料"
    return [Refusal("turned_to_ordinary", text, _LAW)]


def _seen_unmet(act: Act) -> list[Refusal]:
    """Nobody promises anew, by another application, what officers saw not to be so: the place is
    looked at again."""
    if act.case.place_id is None:
        return []
    months = int(act.rules.value("licensing.promise_after_unmet", act.day, act.region))
    others = act.session.scalars(
        select(Case)
        .where(
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            Case.place_id == act.case.place_id,
            Case.process == act.process.key,
            Case.id != act.case.id,
            Case.private.is_(False),
        )
        .order_by(Case.id.desc())
    )
    for other in others:
        ended = legal_date(other.ended_at) if other.ended_at else act.day
        if months_after(ended, months) < act.day:
            continue
        before = Inputs(other.data)
        if why := _unfit(before):
            text = (
                f"同一场所的申请{other.number}{why}，不能以再次申请签署承诺书：请按一般程序办理，"
                "由两名以上人员现场核查"
            )
            return [Refusal("seen_unmet", text, _SEEN)]
        if GRANT in before:  # what was found since
            return []
    return []


def _unfit(before: Inputs) -> str:
    look, turned = before.at(CHECK_SITE), before.at(TURN_TO_ORDINARY)
    if look and not all(result.met for result in look.results):
        return "经现场核查不符合许可条件"
    if turned and turned.ground != UnfitForPromise.RECORD:
        return "已决定改按一般程序办理"
    return ""


def _found_broken(act: Act) -> list[Refusal]:
    """Who was found not to have kept its promise for that licence promises nothing anew until the
    check of it has come to its end."""
    broken = found_against(act)
    if not broken:
        return []
    text = (
        f"对该许可承诺的事后核查发现未履行承诺，尚未办结（{'、'.join(broken)}），"
        "办结以前不再适用告知承诺，请按一般程序办理"
    )
    return [Refusal("check_found_broken", text, _LAW)]


def found_against(act: Act) -> list[str]:
    """The checks of the licence that have found its promise broken or false, and are not over."""
    if act.case.family_id is None:
        return []
    checks = act.session.scalars(
        select(Case)
        .where(
            Case.family_id == act.case.family_id,
            Case.process == COMMITMENT_CHECK,
            Case.ended_at.is_(None),
        )
        .order_by(Case.id)
    )
    return [check.number for check in checks if _is_broken(check)]


def _is_broken(check: Case) -> bool:
    """Whether it was found, and not merely seen: what there is still time to mend is not broken."""
    inputs = Inputs(check.data)
    return FIND_BROKEN in inputs or FIND_FALSE in inputs


def _came_later(act: Act) -> list[str]:
    """Labels of what has to be there, and came only after the promise was signed. What the window
    let follow later (容缺) may come at any time."""
    accepted = act.inputs.at(ACCEPT)
    follows = set(accepted.deferred) if accepted else set()
    signed = act.dossier.row_of(COMMIT)
    before = {
        attachment.material
        for attachment in act.dossier.attachments
        if attachment.log_seq is None or attachment.log_seq <= signed
    }
    after = handed_in(act) - before - follows
    return [
        material.label for material in listed(act) if material.required and material.key in after
    ]
