"""A promise is broken once the party was told what to mend, and the time for it (整改期限) is over.

And what was got by fraud is not spared. In cases of every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from casework.acts.act import Act
from casework.acts.deliveries import counted_from
from casework.acts.handed_in import kept_since
from casework.common.timekeeping import in_chinese
from casework.parts.evidence.register import registered_since
from casework.rules.counting import count
from rulebook.citations import citations
from state_machines.checks.commitment_check.forms import (
    FIND_BROKEN,
    FIND_FALSE,
    INSPECT,
    NOTIFY_REVOCATION,
    ORDER_RECTIFICATION,
    RECHECK,
    RECORD_BREACH,
    SPARE,
    Breach,
    names_fraud,
    speaks_of_deceit,
)
from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import RecordService, Refusal
from state_machines.parts.delivery.forms import END_ANNOUNCEMENT_ORDER, SERVE_ORDER

_PROCESS = "commitment_check"
_MEND = "国办发〔2020〕42号、《行政许可法》第六十九条"
_FRAUD = "《行政许可法》第六十九条第二款、第三款"
_ORDERED = RecordService(
    of="order", documents=("rectification_order",), kind="receipt", completes=True
)
_RECORD = "国办发〔2020〕42号、国办发〔2020〕49号"
# What the party signed if it will not mend matters.
REFUSAL = "rectification_refusal"


def refusals(act: Act) -> list[Refusal]:
    """What stands against the finding, or against sparing the licence."""
    if act.process.key != _PROCESS:
        return []
    if act.step.name == INSPECT and act.case.state == "inspected":
        return list(_of_second_look(act))
    if act.step.name == FIND_BROKEN:
        return list(_of_finding(act))
    if act.step.name == NOTIFY_REVOCATION:
        return list(_of_notice(act))
    if act.step.name in (SPARE, RECORD_BREACH):
        return list(_of_sparing(act))
    return []


def _of_second_look(act: Act) -> Iterator[Refusal]:
    """What was found unmet is ordered to be mended, or found false: no second look without an order
    makes it good."""
    seen = act.before.at(INSPECT)
    unmet = [result.clause for result in seen.results if not result.met] if seen else []
    if unmet:
        text = (
            f"核查已经发现不符合：{'、'.join(unmet)}，不能以再次核查代替处理："
            "请责令改正后复查，属于虚假承诺的予以认定"
        )
        yield Refusal("unmet_is_ordered", text, _MEND)


def _of_finding(act: Act) -> Iterator[Refusal]:
    ordered, seen = act.inputs.at(ORDER_RECTIFICATION), act.inputs.at(RECHECK)
    if ordered is None or seen is None:
        return
    clauses = {item.clause for item in ordered.items}
    if clauses.isdisjoint(result.clause for result in seen.results if not result.met):
        text = (
            f"复查没有发现责令整改的事项（{'、'.join(sorted(clauses))}）未整改，不能认定未履约；"
            "新发现的问题先责令整改"
        )
        yield Refusal("clause_not_ordered", text, _MEND)
    # What is entered late shortens nobody's time.
    served = counted_from(act.session, act.case, _ORDERED, SERVE_ORDER, END_ANNOUNCEMENT_ORDER)
    if served is None:
        text = "责令改正通知书没有送达当事人，不能认定未履约：请先送达，整改期限届满后再次复查"
        yield Refusal("order_not_served", text, _MEND)
        return
    due, looked = _time_to_mend(act, served), act.dates.get(RECHECK)
    if looked is None or looked > due or kept_since(act, REFUSAL, 0):
        return
    text = (
        f"整改期限至{in_chinese(due)}届满，{in_chinese(looked)}的复查在此以前，"
        "不能认定逾期未整改：请期满后再次复查；当事人书面拒绝整改的，先上传其签名的材料"
    )
    yield Refusal("still_time_to_rectify", text, _MEND)


def _time_to_mend(act: Act, served: date) -> date:
    """The last day to mend matters: the party has the whole time from when it was told."""
    limit, _ = act.rules.limit("check.rectification", served, act.region)
    run = next((run for run in reversed(act.runs) if run.name == "rectification"), None)
    told = count(limit, served, (), act.rules.calendar).due or served
    return max(told, run.due_on) if run and run.due_on else told


def _of_notice(act: Act) -> Iterator[Refusal]:
    """What officers found to be forged was got by fraud, whatever the notice would call it."""
    reasoned, basis = act.before.at(FIND_FALSE), act.filled(Breach).basis
    if reasoned and basis and speaks_of_deceit(reasoned.reason) and not names_fraud(basis):
        text = (
            "已认定以伪造等欺骗手段作出承诺、取得许可，撤销的依据是《行政许可法》第六十九条第二款（应当撤销），"
            "不能按第一款告知"
        )
        yield Refusal("fraud_is_named", text, _FRAUD)


def _of_sparing(act: Act) -> Iterator[Refusal]:
    """Whatever was got by fraud is revoked, but for the public good (许可法69第二、三款)."""
    revocation_notice = act.inputs.at(NOTIFY_REVOCATION)
    reasoned = act.inputs.at(FIND_FALSE)
    if revocation_notice is None or reasoned is None:
        return
    if not (names_fraud(revocation_notice.basis) or speaks_of_deceit(reasoned.reason)):
        yield from _of_false_promise(act)
        return
    said = act.filled(Breach).spared_because or act.filled(Reasoned).reason
    third = any(
        citation.law == "行政许可法" and citation.paragraph == "第三款"
        for citation in citations(said)
    )
    if not third:
        text = (
            "已告知以欺骗、贿赂等不正当手段取得许可（第六十九条第二款），应当撤销；"
            "撤销可能对公共利益造成重大损害的，在理由中写明《行政许可法》第六十九条第三款和具体事实"
        )
        yield Refusal("fraud_is_revoked", text, _FRAUD)


def _of_false_promise(act: Act) -> Iterator[Refusal]:
    """A false promise is on record even where the licence is spared, unless the file has since
    come to say that it was none."""
    reason = act.filled(Reasoned).reason
    if act.step.name != SPARE or not reason:
        return
    if registered_since(act, reason, act.dossier.row_of(FIND_FALSE)):
        return
    text = (
        "已认定虚假承诺，不予撤销的，办理“不予撤销，认定失信并记录”；认定有误的，先登记此后取得的证据，"
        "并在理由中写明它的名称"
    )
    yield Refusal("false_promise_unrecorded", text, _RECORD)
