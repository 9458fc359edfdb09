"""Nothing is refused on a word (不予许可的依据): what was found is on file, in every version.

A look that found a condition unmet, a review that was not passed, or what else the authority found
in writing. And nothing is granted, or found kept, past it: what a look found unmet, or an order
named, stays so until officers looked at that very thing again and found it met. Nor on a look at a
part of it: each condition was looked at.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.common.texts import folded
from casework.common.typed_inputs import read
from casework.models import LogRow
from casework.parts.promise.collect import is_promised
from state_machines.checks.commitment_check.forms import (
    FIND_KEPT,
    INSPECT,
    ORDER_RECTIFICATION,
    RECHECK,
    CheckTask,
    Inspection,
)
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import GRANT, REFUSE
from state_machines.parts.intake.forms import Premises
from state_machines.parts.promise.forms import CHECK_SITE
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

FINDING = "refusal_finding"
# Of licences; what else bears the same name is refused on what its own process asks.
_CHANGE = "licence_change"
_LICENCES = ("instant_licence", "licence_renewal", _CHANGE)
_AGAIN = "国办发〔2020〕42号、《行政许可法》第三十四条第三款、第三十八条、第六十一条"
_LAW = "《行政许可法》第三十四条、第三十八条第二款"


def refusals(act: Act) -> list[Refusal]:
    """What stands against refusing a licence, granting it, or finding a promise kept."""
    if act.step.name in (FIND_KEPT, GRANT):
        return _of_what_was_seen(act)
    if act.step.name == REFUSE and act.process.key in _LICENCES:
        return _of_a_look(act)
    if act.step.name in (REFUSE_HEALTH, REFUSE_ECO):
        return _of_a_review(act)
    return []


def _of_what_was_seen(act: Act) -> list[Refusal]:
    looks = (INSPECT, RECHECK) if act.step.name == FIND_KEPT else (CHECK_SITE,)
    if act.before.latest(looks) is None:
        return []
    rows = act.session.execute(
        select(LogRow.seq, LogRow.payload)
        .where(
            LogRow.case_id == act.case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(looks),
        )
        .order_by(LogRow.seq)
    )
    seen = [
        (seq, result)
        for seq, payload in rows
        for result in read(Inspection, payload.get("input", {})).results
    ]
    ordered, since = act.before.at(ORDER_RECTIFICATION), act.dossier.row_of(ORDER_RECTIFICATION)
    unmet = {clause_result.clause: clause_result.met for seq, clause_result in seen if seq < since}
    unmet |= dict.fromkeys((item.clause for item in ordered.items) if ordered else (), False)
    unmet |= {clause_result.clause: clause_result.met for seq, clause_result in seen if seq > since}
    left = [clause for clause, met in unmet.items() if not met]
    if left:
        text = (
            f"{'、'.join(left)}曾经核查不符合或者责令整改，此后的核查没有逐项认定符合，不能据此"
            f"“{act.step.label}”：请对该项再次核查"
        )
        return [Refusal("clause_not_seen_again", text, _AGAIN)]
    return _of_what_was_not_seen(act, {folded(clause_result.clause) for _, clause_result in seen})


def _of_what_was_not_seen(act: Act, seen: Collection[str]) -> list[Refusal]:
    """What is found kept was looked at clause by clause (许可法61、42号), and what is granted
    without a promise likewise (许可法34第三款). A change (许可法49) touches the name or the head
    alone: what officers saw of that is enough."""
    if act.matter is None or (
        act.step.name == GRANT and (act.process.key == _CHANGE or is_promised(act))
    ):
        return []
    promised = act.inputs.application(CheckTask).promised_on
    matter = act.rules.matter(act.matter, promised or act.day, act.region)
    conditions = matter.conditions_for(act.inputs.application(Premises).place_kind)
    left = [condition.text for condition in conditions if folded(condition.text) not in seen]
    if not left:
        return []
    text = (
        f"还没有逐项核查：{'；'.join(left)}。不能据此“{act.step.label}”：请再次核查，"
        "逐项按原文填写事项和核查情况（不涉及的，写明不涉及）"
    )
    return [Refusal("clause_not_looked_at", text, _AGAIN)]


def _of_a_look(act: Act) -> list[Refusal]:
    seen = act.inputs.at(CHECK_SITE)
    if seen is not None and not all(result.met for result in seen.results):
        return []
    return _unfounded(act, act.dossier.row_of(CHECK_SITE))


def _of_a_review(act: Act) -> list[Refusal]:
    item = act.step.name.rpartition("_")[2]
    passed, failed = f"pass_{item}", f"fail_{item}"
    if act.latest((passed, failed)) == failed:
        return []
    return _unfounded(act, act.dossier.row_of(passed))


def _unfounded(act: Act, since: int) -> list[Refusal]:
    """What the authority found otherwise is in writing, after a look or review that speaks for the
    applicant."""
    if kept_since(act, FINDING, since or -1):
        return []
    text = (
        "不予许可须有在卷的认定：核查认定不符合条件、审查未通过，"
        "或者先上传书面审查意见、检测报告等（材料“不予许可的依据”）再决定"
    )
    return [Refusal("refusal_without_finding", text, _LAW)]
