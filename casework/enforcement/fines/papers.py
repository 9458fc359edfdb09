"""The account of a decision (罚没款缴纳情况清单), printed for the party and for the court."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import TypedDict

from casework.acts.act import Act
from casework.common.timekeeping import in_chinese
from casework.documents.paper_parts import Part, Parts
from casework.enforcement.fines import debt as fines
from casework.enforcement.fines.late_fees import Statement
from casework.parts.remedies import decision_in_force as standing
from rulebook.money import in_capitals, in_yuan
from state_machines.enforcement.fines.forms import (
    DEFER_PAYMENT,
    DRAW_UP_ACCOUNT,
    GRANT_INSTALMENTS,
    Account,
    ExecutionAgreement,
    Remission,
)

_SHARES = {"fine": "罚款", "confiscated": "没收的违法所得", "late_fee": "加处罚款"}
_AGREED = "《中华人民共和国行政强制法》第四十二条第一款"
_TIME = "《中华人民共和国行政处罚法》第六十六条第二款"
_OVER = "《中华人民共和国国家赔偿法》第三十六条"


class PaidPart(TypedDict):
    """A payment, and against what it was put."""

    n: int
    on: str
    entered_on: str
    amount: str
    way: str
    voucher: str
    fine: str
    confiscated: str
    late_fee: str
    over: str


class DuePart(TypedDict):
    """A part of the plan that holds."""

    n: int
    due: str
    amount: str
    left: str


class AccountPart(TypedDict):
    """What was owed, what was paid and how it was put, the late fee, and what is open, as of a day
    (ISO dates; sums as letters write them)."""

    as_of: str
    sentence: list[str]
    due: str
    order: str
    payments: list[PaidPart]
    plan: list[DuePart]
    granted: str
    explained: list[str]
    remissions: list[str]
    refunds: list[str]
    fine: str
    fine_paid: str
    fine_open: str
    confiscated: str
    confiscated_paid: str
    confiscated_open: str
    fee: str
    fee_paid: str
    fee_remitted: str
    fee_open: str
    paid: str
    left: str
    capitals: str
    over: list[str]


def account_of(act: Act) -> AccountPart:
    """The account as of the day that the step names, or else of the act."""
    asked = act.step.name == DRAW_UP_ACCOUNT
    day = (act.filled(Account).on if asked else None) or act.day
    book, owed = fines.book_after(act), fines.owed_after(act, day)
    sorted_entries = sorted((one for one in book.entries if one.on <= day), key=lambda one: one.on)
    return {
        "as_of": day.isoformat(),
        "sentence": _sentence(act, owed),
        "due": owed.due_on.isoformat() if owed.due_on else "",
        "order": "、".join(_SHARES[share] for share in owed.terms.order),
        "payments": [
            {
                "n": n,
                "on": entry.on.isoformat(),
                "entered_on": entry.entered_on.isoformat(),
                "amount": _sum(put.amount),
                "way": entry.way,
                "voucher": entry.voucher,
                "fine": _sum(put.fine),
                "confiscated": _sum(put.confiscated),
                "late_fee": _sum(put.late_fee),
                "over": _sum(put.over),
            }
            for n, (entry, put) in enumerate(zip(sorted_entries, owed.puts, strict=True), 1)
        ],
        "plan": _plan(book, owed, day),
        "granted": _granted(book, day),
        "explained": owed.explain() if owed.fine and owed.due_on else ["没有应当加处罚款的日期"],
        "remissions": [
            _remission(grant.on, agreed)
            for grant in book.grants
            if grant.on <= day and (agreed := fines.remission_of(grant))
        ],
        "refunds": [
            f"{in_chinese(refund.on)}退还{in_yuan(refund.amount)}（凭证{refund.voucher}）"
            for refund in book.refunds
            if refund.on <= day
        ],
        "fine": in_yuan(owed.fine),
        "fine_paid": in_yuan(owed.fine - owed.fine_open),
        "fine_open": in_yuan(owed.fine_open),
        "confiscated": in_yuan(owed.confiscated),
        "confiscated_paid": in_yuan(owed.confiscated - owed.confiscated_open),
        "confiscated_open": in_yuan(owed.confiscated_open),
        "fee": in_yuan(owed.late_fee),
        "fee_paid": in_yuan(owed.late_fee_paid),
        "fee_remitted": in_yuan(owed.remitted),
        "fee_open": in_yuan(owed.late_fee_open),
        "paid": in_yuan(owed.paid),
        "left": in_yuan(owed.left),
        "capitals": in_capitals(owed.left) if owed.left else "",
        "over": [f"多缴{in_yuan(owed.overpaid)}，应当退还（{_OVER}）。"] if owed.overpaid else [],
    }


def _sum(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _sentence(act: Act, owed: Statement) -> list[str]:
    """What stands of the decision on the day of the account, as far as it is paid in money."""
    told = [f"罚款{in_yuan(owed.fine)}"] if owed.fine else []
    told += [f"没收违法所得{in_yuan(owed.confiscated)}"] if owed.confiscated else []
    if told:
        return [f"该决定有效的罚没款为：{'、'.join(told)}。"]
    fallen = standing.overturned(act.inputs)
    return [f"该决定{fallen}，没有应缴的罚没款。" if fallen else "该决定没有应缴的罚没款。"]


def _plan(book: fines.Book, owed: Statement, day: date) -> list[DuePart]:
    grants = [grant for grant in book.grants if grant.days and grant.on <= day]
    if not grants:
        return []
    said = [part.amount for part in grants[-1].parts]
    return [
        {
            "n": n,
            "due": part.due.isoformat(),
            "amount": _sum(Decimal(amount)) if amount else "全部未缴数额",
            "left": _sum(part.amount),
        }
        for n, (part, amount) in enumerate(zip_longest(owed.parts, said, fillvalue=""), 1)
        if not isinstance(part, str)
    ]


def _granted(book: fines.Book, day: date) -> str:
    """By what the plan was granted that holds; an empty text without one."""
    grants = [grant for grant in book.grants if grant.days and grant.on <= day]
    if not grants:
        return ""
    on = in_chinese(grants[-1].on)
    told: Mapping[str, str] = {
        GRANT_INSTALMENTS: f"本机关于{on}批准分期缴纳（{_TIME}）",
        DEFER_PAYMENT: f"本机关于{on}批准延期缴纳（{_TIME}）",
        fines.AGREEMENT: f"本机关与当事人于{on}达成执行协议，约定分阶段履行（{_AGREED}）",
    }
    return told[grants[-1].step]


def _remission(on: date, agreed: ExecutionAgreement) -> str:
    whole = agreed.remission == Remission.ALL
    what = "全部未缴的加处罚款" if whole else f"加处罚款{in_yuan(Decimal(agreed.remit))}"
    lapses = "，约定任何一期逾期的减免失效" if agreed.lapses else ""
    return (
        f"{in_chinese(on)}达成执行协议，当事人采取补救措施（{agreed.remedy}），"
        f"减免{what}{lapses}（{_AGREED}）"
    )


PARTS: Parts = {"account": Part(account_of)}
