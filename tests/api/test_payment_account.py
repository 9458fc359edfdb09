"""罚没款缴纳情况清单 over HTTP: one account for each decision, printed as of a day; time granted to
who is late already, an agreement on execution (强制法42), what was given back."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE, in_chinese
from casework.models import CreditEvent, CreditMark
from casework.rules.versions import VersionCache
from rulebook.money import in_yuan
from tests.api.test_late_fees import decided
from tests.support.desk import Desk, payment
from tests.support.penalties import SERVED, fine, penalty_to
from tests.support.serving import RECEIPT

TABLE = Path(__file__).resolve().parents[1] / "data/payments.csv"
# At least one story of each kind, whole, with the paper; casework/test_money has every row.
STORIES = (
    "paid-last-day",
    "paid-one-day-late",
    "asked-before-due",
    "entered-in-wrong-order",
    "several-parts-after-due",
    "late-fee-in-two-parts",
    "stop-with-part-inside",
    "plan-after-due-kept",
    "plan-after-due-part-paid-and-missed",
    "plan-granted-day-after-due",
    "plan-not-yet-granted-when-asked",
    "instalment-missed-with-stop",
    "deferral-missed-part",
    "overpaid-at-once",
    "varied-lower-part-paid",
    "quashed-after-fine-and-fee",
    "remitted-all",
    "remitted-part",
    "remission-asked-before",
    "remission-principal-open",
    "remission-above-fee",
    "agreement-instalments-kept",
    "agreement-broken-remission-lapses",
    "agreement-broken-no-clause",
)
ROWS = [
    row
    for row in csv.DictReader(TABLE.open(encoding="utf-8"))
    if row["story"] in STORIES and row["key_base"] == "unpaid"
]
_PAPER, _REMEDY = "执行协议书（双方签章）", "职业病危害告知和建档整改报告"


def _take(desk: Desk, number: str, step: str, by: str, given: Any) -> str:
    answer = desk.take(number, step, by, given)
    assert answer.status_code == 200, (step, answer.text)
    return str(answer.json()["state"])


def _pay(desk: Desk, number: str, amount: str, **changes: Any) -> str:
    voucher = f"{number}/{desk.town.case(number).version}"
    return _take(
        desk, number, "record_payment", "handler1", payment(desk.town, amount, voucher, **changes)
    )


def _account(desk: Desk, number: str, on: date | None = None) -> str:
    """The paper as of a day, today if none is named, without blanks."""
    day = on or desk.town.time.now().date()
    _take(desk, number, "draw_up_account", "handler1", {"on": day.isoformat()})
    return "".join(desk.paper(number, "payment_account").split())


def _agreement(**changes: Any) -> dict[str, Any]:
    return {
        "paper": _PAPER,
        "parts": [],
        "remission": "全部减免",
        "remit": "",
        "remedy": f"已经建档、告知，见{_REMEDY}",
        "lapses": False,
        "harmless": True,
        **changes,
    }


def _go_to(desk: Desk, number: str, day: date) -> str:
    desk.town.time.go_to(day, hour=11)
    desk.town.office.catch_up(desk.town.case(number).id)
    return desk.state(number)


def _proved(desk: Desk, number: str) -> None:
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


def _records(desk: Desk, number: str) -> int:
    """How many records of a delay of the case stand."""
    with desk.town.session() as session:
        events = session.query(CreditEvent).filter_by(
            case_id=desk.town.case(number).id, kind="fine_overdue"
        )
        corrected = session.query(CreditMark).filter(
            CreditMark.event_id.in_([one.id for one in events]), CreditMark.kind == "corrected"
        )
        return events.count() - corrected.count()


def _day(text: str) -> date:
    """A day of the table, fifty-two weeks later: 令13 was not in force before June 2025."""
    return date.fromisoformat(text) + timedelta(weeks=52)


def _parts(plan: Any) -> list[dict[str, str]]:
    return [{"due": _day(due).isoformat(), "amount": sum_} for due, sum_ in plan["parts"]]


def _acts(desk: Desk, number: str, row: dict[str, str]) -> list[tuple[date, str, str, Any]]:
    """What happens in a story, by day."""
    received = _day(row["decision_received"])
    acts: list[tuple[date, str, str, Any]] = [(received, "serve", "handler1", RECEIPT)]
    for day, amount, entered in json.loads(row["payments"] or "[]"):
        paid = payment(desk.town, amount, f"{number}/{len(acts)}", on=_day(day).isoformat())
        acts.append((_day(entered), "record_payment", "handler1", paid))
    plan, agreed = (json.loads(row[name] or "null") for name in ("plan", "agreement"))
    if agreed:
        remit = (
            {}
            if agreed["remit"] == "all"
            else {"remission": "减免一部分", "remit": agreed["remit"]}
        )
        said = _agreement(
            parts=_parts(plan) if plan else [], lapses=agreed.get("lapses", False), **remit
        )
        acts.append((_day(agreed["on"]), "make_agreement", "approver", said))
    elif plan:
        on, parts = _day(plan["granted_on"]), _parts(plan)
        reason = {"reason": "停业整改，资金困难", "until": parts[-1]["due"]}
        asked = {"reason": "停业整改，资金困难", "plan": "延期或者分期缴纳"}
        grant = ("defer_payment", reason) if len(parts) == 1 else (
            "grant_instalments", {**reason, "parts": parts}
        )  # fmt: skip
        acts += [(on, "ask_for_time", "applicant", asked), (on, grant[0], "approver", grant[1])]
    change = (json.loads(row["changes"] or "[]") or [None])[0]
    span = (json.loads(row["stops"] or "[]") or [None])[0]
    if change and span is None:
        # Filed so late that its days change nothing.
        span = (change["on"], change["on"])
    if span:
        filed = {"body": "南通市崇川区人民政府", "number": "〔2025〕21号"}
        acts.append((_day(span[0]), "file_reconsideration", "legal", filed))
        step, said = _ended(change)
        acts.append((_day(span[1]), step, "legal", {"number": "〔2025〕21号", **said}))
    return sorted(acts, key=lambda act: act[0])


def _ended(change: Any) -> tuple[str, dict[str, Any]]:
    """How 行政复议 ended, for what it made of the sentence."""
    reasons = {"reasons": "处罚明显不当"}
    if change is None:
        return "end_reconsideration", {"result": "维持原决定"}
    if change["kind"] == "quashed":
        return "change_by_reconsideration", {"result": "撤销", **reasons}
    less = {"result": "变更", "measures": [fine(change["fine"])]}
    return "vary_by_reconsideration", {**less, **reasons}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["story"])
def test_the_paper_agrees_with_the_table(module_front: Any, row: dict[str, str]) -> None:
    desk = Desk(module_front)
    received, asked_on = _day(row["decision_received"]), _day(row["asked_on"])
    time = desk.town.time
    time.instant = datetime(received.year, received.month, received.day, 9, 0, tzinfo=ZONE)
    time.instant -= timedelta(days=14)
    number = decided(desk, row["fine"])
    for day, step, by, given in _acts(desk, number, row):
        # What is entered later is asked for as of the day, below.
        if day > asked_on and step not in ("make_agreement", "grant_instalments", "ask_for_time"):
            continue
        time.go_to(max(day, time.instant.date()), hour=10)
        desk.town.office.catch_up(desk.town.case(number).id)
        if step == "make_agreement":
            for title in (_PAPER, _REMEDY):
                desk.register(number, title)
        _take(desk, number, step, by, given)
    _go_to(desk, number, max(asked_on, time.instant.date()))
    text = _account(desk, number, asked_on)
    assert f"截至日期：{in_chinese(asked_on)}（含当日）" in text
    shown = {name: in_yuan(Decimal(row[name])) for name in (
        "principal_open", "late_fee_accrued", "late_fee_paid", "total_owed", "overpaid"
    )}  # fmt: skip
    assert f"尚欠共计人民币{shown['total_owed']}" in text
    open_fee = Decimal(row["total_owed"]) - Decimal(row["principal_open"])
    remitted = Decimal(row["late_fee_accrued"]) - Decimal(row["late_fee_paid"]) - open_fee
    fee = "".join(
        f"{one}" for one in (
            shown["late_fee_accrued"], shown["late_fee_paid"], in_yuan(remitted), in_yuan(open_fee)
        )
    )  # fmt: skip
    assert f"加处罚款{fee}" in text
    stands = json.loads(row["changes"] or "[]")
    sentence = Decimal(stands[-1]["fine"] if stands else row["fine"])
    paid = in_yuan(sentence - Decimal(row["principal_open"]))
    assert f"罚款{in_yuan(sentence)}{paid}—{shown['principal_open']}" in text
    over = f"多缴{shown['overpaid']}，应当退还"
    assert (over in text) == (row["overpaid"] != "0.00")
    due = f"缴款期限届满日：{in_chinese(_day(row['due_on']))}"
    assert due in text
    if time.instant.date() == asked_on:
        assert bool(_records(desk, number)) == (row["overdue_record"] == "yes")
    _proved(desk, number)


# --- Time for who is late 催告以后分期 ------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_who_was_urged_may_still_be_granted_time(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED, ("wait", "20"), ("urge", "handler1"), ("serve_urging", "handler1"))
    assert desk.state(number) == "urged"
    asked = {"reason": "停业整改，资金困难", "plan": "分两期缴纳"}
    assert _take(desk, number, "ask_for_time", "applicant", asked) == "urged"
    # Due on 16 September; five days of 3 % of 1000 yuan are no part of the plan.
    parts = [{"due": "2026-10-12", "amount": "400.00"}, {"due": "2026-11-12", "amount": "750.00"}]
    plan = {"parts": parts, "until": "2026-11-12", "reason": "确有困难，同意分期"}
    said = desk.refused(number, "grant_instalments", "approver", plan, "plan_does_not_add_up")
    assert "1000.00元" in said
    parts[1]["amount"] = "600.00"
    assert _take(desk, number, "grant_instalments", "approver", plan) == "instalment"
    text = "".join(desk.paper(number, "payment_plan").split())
    assert "分期缴纳罚没款共计人民币1,000元" in text
    assert "此前已经产生的加处罚款150元不在批准的范围以内" in text
    _go_to(desk, number, date(2026, 10, 12))
    assert _pay(desk, number, "400.00") == "instalment"
    _go_to(desk, number, date(2026, 11, 12))
    # The fee stood still meanwhile, and is what is left.
    assert _pay(desk, number, "600.00") == "overdue"
    assert _pay(desk, number, "120.00") == "paid"
    assert "尚欠共计人民币0元" in _account(desk, number)
    _proved(desk, number)


# --- 执行协议 (强制法42) -------------------------------------------------------------------------


def test_an_agreement_is_signed_adds_up_and_remits_to_who_mended_matters(desk: Desk) -> None:
    number = penalty_to(desk.town, "urged")
    parts = [{"due": "2026-10-12", "amount": "400.00"}, {"due": "2026-11-12", "amount": "600.00"}]
    given = _agreement(parts=parts)

    def refused(code: str, **changes: Any) -> str:
        said = {**given, **changes}
        return desk.refused(number, "make_agreement", "approver", said, code)

    refused("agreement_not_on_file")
    desk.register(number, _PAPER)
    desk.register(number, "整改")
    refused("agreement_not_on_file", paper="书")
    refused("nothing_agreed", parts=[], remission="不减免")
    refused("remission_without_remedy", remedy=" ")
    assert "登记为证据" in refused("remedy_not_proved")
    desk.register(number, _REMEDY)
    refused("remedy_not_proved", remedy="报告")
    refused("remedy_not_proved", remedy="已经按要求整改")
    refused("nothing_remitted", remission="减免一部分")
    refused("nothing_remitted", remission="不减免", lapses=True)
    refused("nothing_remitted", parts=[], lapses=True)
    # The fine itself is nobody's to remit.
    refused("plan_does_not_add_up", parts=parts[:1])
    refused("plan_dates_wrong", parts=parts[::-1])
    refused("plan_too_long", parts=[{"due": "2029-10-12", "amount": "1000.00"}])
    answer = desk.take(number, "make_agreement", "approver", {**given, "harmless": False})
    assert answer.status_code == 422
    assert _take(desk, number, "make_agreement", "approver", given) == "instalment"
    text = "".join(desk.paper(number, "payment_account").split())
    assert "当事人采取补救措施" in text
    assert "达成执行协议，约定分阶段履行" in text
    debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
    assert (debt["left"], debt["next_due_on"]) == ("1000.00", "2026-10-12")
    assert debt["remitted"] == debt["late_fee"]
    _proved(desk, number)


def test_what_is_settled_by_remission_is_paid_and_nothing_more_is_agreed(desk: Desk) -> None:
    number = penalty_to(desk.town, "overdue")
    assert _pay(desk, number, "1000.00") == "overdue"
    for title in (_PAPER, _REMEDY):
        desk.register(number, title)
    part = _agreement(remission="减免一部分", remit="50.00")
    assert _take(desk, number, "make_agreement", "approver", part) == "overdue"
    assert _take(desk, number, "make_agreement", "approver", _agreement()) == "paid"
    # That it was late stays on record.
    assert _records(desk, number) == 1
    _proved(desk, number)


@pytest.mark.parametrize("former", [False, True])
def test_an_agreement_that_is_not_kept_is_over(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED, ("wait", "20"))
    for title in (_PAPER, _REMEDY):
        desk.register(number, title)
    given = _agreement(parts=[{"due": "2026-10-12", "amount": "1000.00"}], lapses=True)
    assert _take(desk, number, "make_agreement", "approver", given) == "instalment"
    assert "尚欠共计人民币1,000元" in _account(desk, number)
    # What ran before, and one day more.
    fee = desk.front.get("handler1", f"/cases/{number}").json()["debt"]["late_fee"]
    assert _go_to(desk, number, date(2026, 10, 13)) == "overdue"
    debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
    assert Decimal(debt["left"]) == 1000 + Decimal(fee) + 30
    assert debt["remitted"] == ""
    desk.go(number, ("urge", "handler1"))
    _proved(desk, number)


# --- 退还 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_what_was_paid_too_much_is_given_back_once(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SERVED)
    assert _pay(desk, number, "1200.00") == "paid"
    today = desk.town.time.now().date()
    given = {
        "amount": "150.00",
        "on": today.isoformat(),
        "voucher": "TK-1",
        "account": "南通滨江宾馆有限公司0001",
    }
    for changes, code in (
        ({"amount": "200.01"}, "refund_not_due"),
        ({"amount": "0"}, "refund_not_due"),
        ({"on": (today + timedelta(days=1)).isoformat()}, "payment_day_wrong"),
    ):
        desk.refused(number, "record_refund", "handler1", {**given, **changes}, code)
    assert _take(desk, number, "record_refund", "handler1", given) == "paid"
    again = {**given, "amount": "50.00"}
    desk.refused(number, "record_refund", "handler1", again, "voucher_used")
    debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
    assert (debt["overpaid"], debt["refunded"]) == ("50.00", "150.00")
    _take(desk, number, "record_refund", "handler1", {**again, "voucher": "TK-2"})
    text = _account(desk, number)
    assert "退还150元（凭证TK-1）" in text
    assert "应当退还" not in text
    _proved(desk, number)


def test_a_fine_that_was_given_back_is_owed_again_once_a_court_revives_it(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    _pay(desk, number, "1000.00")
    desk.go(number, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    given = {
        "amount": "1000.00",
        "on": desk.town.time.now().date().isoformat(),
        "voucher": "TK-3",
        "account": "南通滨江宾馆有限公司0001",
    }
    _take(desk, number, "record_refund", "handler1", given)
    restored = {
        "measures": desk.town.case(number).data["decide"]["measures"],
        "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
    }
    sued = (("file_litigation", "legal"), ("record_judgment", "legal"), ("appeal", "legal"))
    desk.go(number, *sued, ("vary_by_litigation", "legal"), vary_by_litigation=restored)
    assert desk.state(number) == "served"
    debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
    assert (debt["left"], debt["fine_open"]) == ("1000.00", "1000.00")
    _proved(desk, number)


def test_an_account_is_of_a_day_since_the_decision(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    today = desk.town.time.now().date()
    for day in (today + timedelta(days=1), today - timedelta(days=400)):
        given = {"on": day.isoformat()}
        desk.refused(number, "draw_up_account", "handler1", given, "account_day_wrong")
    _go_to(desk, number, date(2026, 9, 20))
    _pay(desk, number, "400.00")
    text = _account(desk, number, date(2026, 9, 19))
    # What came later is not there yet.
    assert "没有缴款。" in text
    assert "尚欠共计人民币1,090元" in text
    assert "尚欠共计人民币720元" in _account(desk, number)
    # The party has it too.
    papers = desk.front.get("applicant", f"/cases/{number}").json()["documents"]
    assert sum(one["key"] == "payment_account" for one in papers) == 2
