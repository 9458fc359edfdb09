"""Objections to credit records (信用异议)."""

from __future__ import annotations

from state_machines.credit.objection.facts import NationalFiling, ObjectedItem
from state_machines.language.vocabulary import Refusal, guard


@guard()
def item_may_be_objected_to(item: ObjectedItem) -> Refusal | None:
    """Only one's own item, at the authority that recorded it, and while it counts."""
    law = "《山东省社会信用条例》第三十九条"
    if not item.own:
        return Refusal("no_such_item", "您的信用档案中没有这条记录，请核对记录编号", law)
    if not item.recorded_here:
        return Refusal("recorded_elsewhere", "这条记录由其他机关作出，请向该机关提出异议", law)
    if item.ended:
        return Refusal(
            "item_ended", f"这条记录{item.ended}，不再公示和使用，已过提出异议的期限", law
        )
    return None


@guard()
def not_filed_nationally(filing: NationalFiling) -> Refusal | None:
    """One filing at a time."""
    if not filing.under_way:
        return None
    return Refusal(
        "filed_nationally", "已有正在办理的“信用中国”修复申请，请等待结果", "国办发〔2025〕22号"
    )
