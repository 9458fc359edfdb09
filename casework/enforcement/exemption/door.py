"""Nobody is let off for another act than the one that was checked (核对表).

A proposal may call the act by another violation than the checklist went by; what the checklist was
asked of that is asked again, in cases of every version.
"""

from __future__ import annotations

from collections.abc import Iterator

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.enforcement.exemption.collect import door_of, wrong_entry
from casework.kernel import facts
from casework.parts.evidence.register import on_file
from state_machines.enforcement.correction_order.forms import Order
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.exemption.facts import Limitation, ListEntry
from state_machines.enforcement.exemption.forms import (
    CHECK_FIRST,
    CHECK_MINOR,
    CORRECT_ON_THE_SPOT,
    EXEMPT,
    FILE,
    FIND_NOT_CORRECTED,
    ORDER_CORRECTION,
    PROPOSE_EXEMPTION,
    REFUSE_FILING,
    MinorChecklist,
    NotCorrected,
    NotFiled,
    NotFiledGround,
)
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Refusal

_FILED = ("penalty", "first_offence_exemption")
_LIMIT = "《行政处罚法》第三十六条"
_CORRECT = "《行政处罚法》第五条第二款、第二十八条第一款"
# The checklists that may rely on an entry of a list.
_LISTING = {"first": CHECK_FIRST, "minor": CHECK_MINOR}


def refusals(act: Act) -> list[Refusal]:
    """What of its checklist the violation that is proposed does not meet."""
    if act.step.name == FIND_NOT_CORRECTED:
        return list(_of_recheck(act))
    if act.step.name in (FILE, PUNISH, CORRECT_ON_THE_SPOT):
        return list(_of_discovery(act))
    if act.step.name == REFUSE_FILING and act.process.key in _FILED:
        return list(_of_refusal(act))
    if act.process.key != "first_offence_exemption":
        return []
    if act.step.name not in (PROPOSE_EXEMPTION, EXEMPT):
        return []
    door = door_of(act)
    found = []
    if door == "first":
        excluded = exemptions.kind_is_not_excluded
        found.append(excluded.judge(facts.collect(act, (excluded,))))
    checked = act.inputs.told(MinorChecklist, _LISTING.get(door))
    if checked and checked.listed:
        entry = ListEntry(checked.listed, wrong_entry(act, checked.listed, door))
        found.append(exemptions.list_names_it.judge({ListEntry: entry}))
    return [refusal for refusal in found if refusal]


def _limitation(act: Act) -> Limitation:
    found: Limitation = facts.collect(act, (exemptions.act_is_not_time_barred,))[Limitation]
    return found


def _of_discovery(act: Act) -> Iterator[Refusal]:
    """That an act was found in time is proved where the house learnt of it only later."""
    limitation = _limitation(act)
    if legal_date(act.case.opened_at) <= limitation.last_day:
        return
    collected = [
        item.said["collected_on"]
        for item in on_file(act.session, act.case)
        if item.digest is not None
    ]
    if any(day <= limitation.last_day.isoformat() for day in collected):
        return
    text = (
        f"线索登记时追责期限（至{limitation.last_day:%Y-%m-%d}）已经届满，发现日期"
        f"{limitation.found_on:%Y-%m-%d}须有当时的证据：请先登记期限内取得的记录（检查记录、投诉登记等），"
        "没有的不予立案"
    )
    yield Refusal("discovery_unproved", text, _LIMIT)


def _of_refusal(act: Act) -> Iterator[Refusal]:
    """Nobody is let go since time has run that has not."""
    limitation = _limitation(act)
    barred = act.filled(NotFiled).ground == NotFiledGround.TIME_BARRED
    if barred and limitation.found_on <= limitation.last_day:
        text = f"追责期限至{limitation.last_day:%Y-%m-%d}，发现时没有届满，不能以此不予立案"
        yield Refusal("not_time_barred", text, _LIMIT)


def _of_recheck(act: Act) -> Iterator[Refusal]:
    """Not corrected is only what was ordered to be."""
    ordered = act.inputs.at(ORDER_CORRECTION) or act.inputs.application(Order)
    clauses = {item.clause for item in ordered.items}
    if clauses.isdisjoint(one.clause for one in act.filled(NotCorrected).results if not one.met):
        text = (
            f"责令改正的事项是“{'、'.join(sorted(clauses))}”，复查没有发现其中任何一项未改正，"
            "不能认定逾期未改正"
        )
        yield Refusal("clause_not_ordered", text, _CORRECT)
