"""Nobody is let off for another act than the one that was checked (核对表).

A proposal may call the act by another violation than the checklist went by; what the checklist was
asked of that is asked again, in cases of every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from casework.acts.act import Act
from casework.acts.deliveries import entry_of
from casework.acts.handed_in import OF_PARTY, day_of, kept_since
from casework.common.timekeeping import in_chinese, legal_date
from casework.enforcement.exemption.collect import (
    door_of,
    last_day_of,
    limitation_of,
    refusal_recorded,
    wrong_entry,
)
from casework.enforcement.penalty.weighing import HARMLESS, harm_on_file
from casework.kernel import facts
from casework.parts.evidence.register import on_file, registered, registered_of
from casework.rules.counting import count
from state_machines.enforcement.correction_order.forms import Order
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.exemption.facts import Limitation, ListEntry
from state_machines.enforcement.exemption.forms import (
    CHECK_FIRST,
    CHECK_MINOR,
    CHECK_NO_FAULT,
    CHECK_OTHER,
    CORRECT_ON_THE_SPOT,
    EXEMPT,
    FILE,
    FIND_NOT_CORRECTED,
    ORDER_CORRECTION,
    PROPOSE_EXEMPTION,
    REFUSE_FILING,
    CorrectionOrder,
    Harm,
    Lead,
    MinorChecklist,
    NoFaultChecklist,
    NotCorrected,
    NotFiled,
    NotFiledGround,
    OtherChecklist,
    OtherGround,
    Proposal,
)
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Refusal
from state_machines.parts.evidence.forms import Kind, Origin

_FILED = ("penalty", "first_offence_exemption")
_LIMIT = "《行政处罚法》第三十六条"
# What tells of harm to life or health.
_HARM = ("检测", "检验", "鉴定", "诊断", "病历", "危害", "损害", "死亡", "感染")
_NO_FAULT_PROOF = "no_fault_proof"
_CORRECT = "《行政处罚法》第五条第二款、第二十八条第一款"
# The checklists that may rely on an entry of a list.
_LISTING = {"first": CHECK_FIRST, "minor": CHECK_MINOR}


def refusals(act: Act) -> list[Refusal]:
    """What of its checklist the violation that is proposed does not meet."""
    if act.step.name == FIND_NOT_CORRECTED:
        return list(_of_recheck(act))
    if act.step.name == ORDER_CORRECTION:
        return list(_of_order(act))
    if act.step.name in (FILE, PUNISH, CORRECT_ON_THE_SPOT):
        return list(_of_discovery(act))
    if act.step.name == REFUSE_FILING and act.process.key in _FILED:
        return list(_of_refusal(act))
    if act.process.key != "first_offence_exemption":
        return []
    if act.step.name == CHECK_OTHER:
        return list(_of_limitation(act))
    if act.step.name == CHECK_NO_FAULT:
        return list(_of_fault(act))
    if act.step.name == CHECK_MINOR:
        return list(_of_harm(act))
    if act.step.name not in (PROPOSE_EXEMPTION, EXEMPT):
        return []
    door = door_of(act)
    found = [_of_weight(act)] if door == "minor" else []
    if door == "first":
        excluded = exemptions.kind_is_not_excluded
        found.append(excluded.judge(facts.collect_facts(act, (excluded,))))
    checked = act.inputs.told(MinorChecklist, _LISTING.get(door))
    if checked and checked.listed:
        entry = ListEntry(checked.listed, wrong_entry(act, checked.listed, door))
        found.append(exemptions.list_names_it.judge({ListEntry: entry}))
    return [refusal for refusal in found if refusal]


def _of_harm(act: Act) -> Iterator[Refusal]:
    """No act that did harm is a slight one (处罚法33)."""
    checklist = act.filled(MinorChecklist)
    if checklist.harm != Harm.NONE or not act.inputs.application(Lead).harmed:
        return
    if not registered(act, checklist.harm_reasons, HARMLESS):
        yield harm_on_file("认定危害后果的理由")


def _of_weight(act: Act) -> Refusal | None:
    """Nor one for which there would have been more than usual (从重)."""
    if act.filled(Proposal).weight != "heavier":
        return None
    text = "免罚金额按从重的裁量档计算，与认定违法行为轻微相矛盾：有从重情节的，不适用轻微不罚"
    return Refusal("slight_and_heavier", text, "《行政处罚法》第三十三条第一款、第三十四条")


def _limitation(act: Act) -> Limitation:
    limitation: Limitation = facts.collect_facts(act, (exemptions.act_is_not_time_barred,))[
        Limitation
    ]
    return limitation


def _of_discovery(act: Act) -> Iterator[Refusal]:
    """That an act was found in time is proved where the house learnt of it only later."""
    limitation = _limitation(act)
    lead = act.inputs.application(Lead)
    if lead.harmed and lead.found_on > _two_years(act, lead.act_on) and not _harm_is_proved(act):
        text = (
            "以造成危害后果适用五年追责期限的，须有证据：请先登记检测报告、鉴定意见、诊断证明等证明危害后果的"
            "材料，没有的不予立案"
        )
        yield Refusal("harm_unproved", text, _LIMIT)
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


def _two_years(act: Act, day: date) -> date:
    limit, _ = act.rules.limit("penalty.limitation", act.day, act.region)
    return count(limit, day, (), act.rules.calendar).due or date.max


def _harm_is_proved(act: Act) -> bool:
    return any(
        item.digest is not None
        and (
            item.said["kind"] == Kind.EXPERT
            or any(word in str(item.said["title"]) for word in _HARM)
        )
        for item in on_file(act.session, act.case)
    )


def _of_refusal(act: Act) -> Iterator[Refusal]:
    """Nobody is let go since time has run that has not, nor on a day that was only typed."""
    not_filed, limitation = act.filled(NotFiled), _limitation(act)
    if not_filed.ground != NotFiledGround.TIME_BARRED:
        return
    if not registered(act, not_filed.reason):
        yield _day_unproved(limitation.act_on, "理由")
    if limitation.found_on <= limitation.last_day:
        yield _not_barred(limitation.last_day, "立案")


def _of_limitation(act: Act) -> Iterator[Refusal]:
    """Time ran out for the act as a paper on file proves its day, whoever typed it: two years, or
    five for life and health (处罚法36)."""
    other_checklist, limitation = act.filled(OtherChecklist), limitation_of(act)
    if other_checklist.ground != OtherGround.TIME_BARRED:
        return
    day = other_checklist.act_on or limitation.act_on
    if not registered(act, other_checklist.evidence):
        yield _day_unproved(day, "认定的证据")
    last = last_day_of(act, day)
    if limitation.found_on <= last:
        yield _not_barred(last, "处罚")


def _day_unproved(day: date, field: str) -> Refusal:
    text = (
        f"认定行为终了日期为{day:%Y-%m-%d}须有证据，线索登记的日期不足为凭："
        f"请先登记证明该日期的材料，并在“{field}”中写明它的名称"
    )
    return Refusal("act_day_unproved", text, _LIMIT)


def _not_barred(last: date, what: str) -> Refusal:
    until = "尚不能计算" if last == date.max else f"至{last:%Y-%m-%d}，发现时没有届满"
    return Refusal("not_time_barred", f"追责期限{until}，不能以此不予{what}", _LIMIT)


def _of_fault(act: Act) -> Iterator[Refusal]:
    """It is the party that proves it had no fault: what its handlers put in themselves is none of
    its evidence (处罚法33第二款)."""
    by = {
        header["seq"]: header["role"]
        for header in act.dossier.headers
        if header["kind"] == "handed_in"
    }
    if any(
        by.get(attachment.log_seq) in OF_PARTY for attachment in kept_since(act, _NO_FAULT_PROOF, 0)
    ):
        return
    if registered_of(act, Origin.PARTY, act.filled(NoFaultChecklist).proof):
        return
    text = (
        "没有主观过错由当事人举证：“无主观过错的证据”应当由当事人自行提交，或者由窗口代为收取，"
        "承办人自行上传的不算；当事人当面交给承办人的，请先登记为证据（来源“当事人提交”），"
        "并在“当事人提交的证据”中写明它的名称"
    )
    yield Refusal("proof_not_of_party", text, "《行政处罚法》第三十三条第二款")


def _of_order(act: Act) -> Iterator[Refusal]:
    """Nobody puts right on the day what he is told on that day (责令限期改正)."""
    until = act.filled(CorrectionOrder).until or act.day
    least = int(act.rules.value("penalty.correction_shortest", act.day, act.region))
    if (until - act.day).days < least:
        text = (
            f"改正期限至{until:%Y-%m-%d}，至少应给当事人{least}日改正；当场改正的，按当场改正办理"
        )
        yield Refusal("no_time_to_correct", text, _CORRECT)


def _of_recheck(act: Act) -> Iterator[Refusal]:
    """Not corrected is only what was ordered to be, once the time for it is over that the party has
    from when it was told, or a record of its refusal was made."""
    ordered = act.inputs.at(ORDER_CORRECTION) or act.inputs.application(Order)
    clauses = {item.clause for item in ordered.items}
    not_corrected = act.filled(NotCorrected)
    if not_corrected.results and clauses.isdisjoint(
        result.clause for result in not_corrected.results if not result.met
    ):
        text = (
            f"责令改正的事项是“{'、'.join(sorted(clauses))}”，复查没有发现其中任何一项未改正，"
            "不能认定逾期未改正"
        )
        yield Refusal("clause_not_ordered", text, _CORRECT)
    if not_corrected.refused and refusal_recorded(act.session, act.case):
        return
    if not_corrected.refused and ordered.until and act.day <= ordered.until:
        text = (
            f"改正期限至{in_chinese(ordered.until)}届满，认定当事人拒绝改正须有记录：请先把责令改正以后制作的、"
            "当事人拒绝改正的记录登记为证据，没有的等期限届满后复查"
        )
        yield Refusal("refusal_unproved", text, _CORRECT)
    if ORDER_CORRECTION in act.before:
        yield from _of_time(act)


def _of_time(act: Act) -> Iterator[Refusal]:
    """Whoever was told late has as many days as it was given."""
    ordered = act.inputs.needed(ORDER_CORRECTION)
    served = day_of(entry_of(act.data, "order")["served_on"])
    if served is None:
        text = "责令改正通知书没有送达当事人，不能认定逾期未改正：请先送达"
        yield Refusal("order_not_served", text, _CORRECT)
    elif ordered.until and served > act.dates[ORDER_CORRECTION]:
        due = served + (ordered.until - act.dates[ORDER_CORRECTION])
        if act.day <= due:
            text = (
                f"责令改正通知书{in_chinese(served)}才送达，当事人改正的时间至{in_chinese(due)}，"
                "请期满后复查"
            )
            yield Refusal("still_time_to_correct", text, _CORRECT)
