"""缴款 over HTTP: any sum is taken, and counts from the day on which it was paid."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE
from casework.duties.calendar_edition import recount_provisional
from casework.models import CreditEvent, CreditMark, Notice
from casework.rules.versions import VersionCache
from tests.api.test_late_fees import decided
from tests.support.desk import Desk, payment
from tests.support.exemptions import FIRM
from tests.support.penalties import SERVED as WAY_SERVED
from tests.support.penalties import (
    WARNED,
    fine,
    go,
    open_lead,
    penalty_to,
    spot_to,
)
from tests.support.rules import set_key
from tests.support.serving import RECEIPT

TABLE = Path(__file__).resolve().parents[1] / "data/payments.csv"
# A few of the stories, whole; the others are judged by the statement alone (casework/test_money).
STORIES = (
    "paid-one-day-late",
    "entered-in-wrong-order",
    "several-parts-after-due",
    "principal-and-fee-at-once",
    "late-fee-in-two-parts",
    "stop-with-part-inside",
    "overpaid-at-once",
    "varied-lower-part-paid",
    "quashed-after-fine-and-fee",
    "cents-part-payment",
)
ROWS = [
    row
    for row in csv.DictReader(TABLE.open(encoding="utf-8"))
    if row["story"] in STORIES and row["key_base"] == "unpaid"
]


def _case(desk: Desk, number: str) -> Any:
    desk.front.log_in_again()
    return desk.front.get("handler1", f"/cases/{number}").json()


def _debt(desk: Desk, number: str) -> Any:
    return _case(desk, number)["debt"]


def _pay(desk: Desk, number: str, amount: str, **changes: Any) -> Any:
    voucher = f"{number}/{desk.town.case(number).version}"
    paid = payment(desk.town, amount, voucher, **changes)
    answer = desk.take(number, "record_payment", "handler1", paid)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _go_to(desk: Desk, number: str, day: date) -> str:
    desk.town.time.go_to(day, hour=9)
    desk.town.office.catch_up(desk.town.case(number).id)
    return desk.state(number)


def _proved(desk: Desk, number: str) -> None:
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


def _marks(desk: Desk, number: str, kind: str) -> list[str]:
    """What became of what the case wrote into the file."""
    with desk.town.session() as session:
        rows = (
            session.query(CreditMark.kind)
            .join(CreditEvent, CreditEvent.id == CreditMark.event_id)
            .filter(CreditEvent.case_id == desk.town.case(number).id, CreditEvent.kind == kind)
            .order_by(CreditMark.id)
        )
        return [row.kind for row in rows]


@pytest.mark.slow
def test_a_part_of_what_is_overdue_is_taken_and_the_fee_runs_on_the_rest(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    # Due on 16 September; four days late, then ten more.
    assert _go_to(desk, number, date(2026, 9, 20)) == "overdue"
    assert _pay(desk, number, "600.00")["state"] == "overdue"
    debt = _debt(desk, number)
    assert (debt["fine"], debt["fine_open"], debt["paid"]) == ("1000.00", "400.00", "600.00")
    assert (debt["late_fee"], debt["left"]) == ("120.00", "520.00")
    assert _go_to(desk, number, date(2026, 9, 30)) == "overdue"
    debt = _debt(desk, number)
    assert (debt["late_fee"], debt["left"]) == ("240.00", "640.00")
    # The fine first, and then the fee.
    assert _pay(desk, number, "500.00")["state"] == "overdue"
    debt = _debt(desk, number)
    assert (debt["fine_open"], debt["late_fee"], debt["late_fee_paid"]) == (
        "0.00",
        "240.00",
        "100.00",
    )
    # Nothing runs on a fee.
    assert _go_to(desk, number, date(2026, 11, 30)) == "overdue"
    assert _debt(desk, number)["left"] == "140.00"
    assert _pay(desk, number, "140.00")["state"] == "paid"
    assert _debt(desk, number) is None
    _proved(desk, number)


@pytest.mark.slow
def test_a_payment_is_shown_with_the_days_on_which_it_was_made_and_entered(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    assert _go_to(desk, number, date(2026, 9, 21)) == "overdue"
    _pay(desk, number, "100.00", on="2026-09-16")
    for who in ("handler1", "applicant"):
        desk.front.log_in_again()
        [one] = desk.front.get(who, f"/cases/{number}").json()["debt"]["payments"]
        assert (one["on"], one["entered_on"]) == ("2026-09-16", "2026-09-21")
        assert (one["amount"], one["way"]) == ("100.00", "到指定银行缴纳")
    # Five days of three per cent of 900 yuan, though it was entered after them.
    assert _debt(desk, number)["late_fee"] == "135.00"


@pytest.mark.slow
def test_where_the_rulebook_says_so_the_fee_runs_on_the_whole_fine(desk: Desk) -> None:
    with desk.town.session() as session:
        set_key(session, "penalty.late_fee_base", value="whole")
        set_key(session, "penalty.payment_order", value=["late_fee", "fine", "confiscated"])
        session.commit()
    number = penalty_to(desk.town, "served")
    _go_to(desk, number, date(2026, 9, 20))
    _pay(desk, number, "600.00")
    debt = _debt(desk, number)
    assert (debt["late_fee"], debt["late_fee_paid"], debt["fine_open"]) == (
        "120.00",
        "120.00",
        "520.00",
    )
    _go_to(desk, number, date(2026, 9, 30))
    assert _debt(desk, number)["late_fee"] == "420.00"


@pytest.mark.slow
def test_what_was_paid_in_time_and_entered_late_leaves_no_record(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    assert _go_to(desk, number, date(2026, 9, 20)) == "overdue"
    before = desk.front.get("credit", f"/parties/{FIRM}/credit").json()["rating"]["score"]
    assert _pay(desk, number, "1000.00", on="2026-09-16")["state"] == "paid"
    assert _marks(desk, number, "fine_overdue") == ["corrected"]
    file = desk.front.get("credit", f"/parties/{FIRM}/credit").json()
    assert file["rating"]["score"] > before
    [overdue] = [one for one in file["events"] if one["kind"] == "fine_overdue"]
    assert "按期缴款" in overdue["ended"]
    assert _debt(desk, number) is None
    _proved(desk, number)


@pytest.mark.slow
@pytest.mark.parametrize(
    "steps",
    [
        (("urge", "handler1"),),
        (("urge", "handler1"), ("serve_urging", "handler1")),
    ],
)
def test_nor_does_it_after_the_party_was_urged(
    desk: Desk, steps: tuple[tuple[str, str], ...]
) -> None:
    number = penalty_to(desk.town, "served")
    assert _go_to(desk, number, date(2026, 9, 20)) == "overdue"
    desk.go(number, *steps)
    assert _pay(desk, number, "1000.00", on="2026-09-15")["state"] == "paid"
    assert _marks(desk, number, "fine_overdue") == ["corrected"]
    [letter] = [one for one in _case(desk, number)["documents"] if one["key"] == "urging_notice"]
    assert letter["marks"] == ["当事人已按期缴款，催告不再执行（2026-09-20）"]
    _proved(desk, number)


@pytest.mark.slow
def test_what_was_paid_late_stays_on_record(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    _go_to(desk, number, date(2026, 9, 20))
    _pay(desk, number, "999.99", on="2026-09-16")
    assert _marks(desk, number, "fine_overdue") == []
    assert _pay(desk, number, "0.01", on="2026-09-17")["state"] == "paid"
    assert _marks(desk, number, "fine_overdue") == []


def test_what_was_paid_too_much_is_taken_told_and_to_be_given_back(desk: Desk) -> None:
    number = penalty_to(desk.town, "served")
    assert _pay(desk, number, "1200.00")["state"] == "paid"
    for who in ("handler1", "applicant"):
        desk.front.log_in_again()
        debt = desk.front.get(who, f"/cases/{number}").json()["debt"]
        assert (debt["overpaid"], debt["left"]) == ("200.00", "0.00")
    with desk.town.session() as session:
        case_id = desk.town.case(number).id
        told = session.query(Notice).filter(
            Notice.case_id == case_id, Notice.key.startswith("refund/")
        )
        assert {one.to_role or "party" for one in told} == {"party", "case_handler"}
        assert all("多缴的罚没款200元应当退还" in one.body for one in told)
    _proved(desk, number)


@pytest.mark.slow
def test_what_is_paid_of_a_mere_warning_is_all_too_much(shared: Desk) -> None:
    number = open_lead(shared.town)
    go(shared.town, number, *WAY_SERVED, **WARNED)
    # Nothing else is to be done about it.
    assert _pay(shared, number, "50.00")["state"] == "paid"
    assert _debt(shared, number)["overpaid"] == "50.00"


@pytest.mark.slow
def test_money_is_taken_wherever_the_case_is(desk: Desk) -> None:
    """Also what comes in while the court collects, and after the case was closed."""
    for state in ("deferred", "closed", "exec_ended"):
        number = penalty_to(desk.town, state)
        assert _pay(desk, number, "1.00")["state"] == state
    spot = spot_to(desk.town, "punished")
    assert _pay(desk, spot, "999.00")["state"] == "punished"
    assert _pay(desk, spot, "1.00")["state"] == "paid"
    desk.town.time.instant = datetime(2025, 9, 1, 9, 0, tzinfo=ZONE)
    asked = penalty_to(desk.town, "court_applied")
    assert _pay(desk, asked, "500.00")["state"] == "court_applied"
    assert _pay(desk, asked, "1500.00")["state"] == "paid"
    _proved(desk, asked)


@pytest.mark.slow
def test_a_day_of_payment_that_is_a_day_of_rest_moves(desk: Desk) -> None:
    """《民法典》第二百零三条: 1 October is in the National Day holidays, 31 October a Saturday."""
    number = penalty_to(desk.town, "served")
    put_off = penalty_to(desk.town, "served")
    for one in (number, put_off):
        desk.go(one, ("ask_for_time", "applicant"))
    parts = [
        {"due": "2026-10-01", "amount": "400.00"},
        {"due": "2026-10-31", "amount": "600.00"},
    ]
    plan = {"parts": parts, "until": "2026-10-31", "reason": "停业整改"}
    desk.go(number, ("grant_instalments", "approver"), grant_instalments=plan)
    later = {"until": "2026-10-01", "reason": "停业整改"}
    desk.go(put_off, ("defer_payment", "approver"), defer_payment=later)
    assert _go_to(desk, number, date(2026, 10, 8)) == "instalment"
    assert _go_to(desk, put_off, date(2026, 10, 8)) == "deferred"
    [clock] = [one for one in _case(desk, put_off)["clocks"] if one["name"] == "deferral"]
    assert clock["due_on"] == "2026-10-08"
    assert "2026-10-01不是工作日，顺延至2026-10-08" in clock["lines"][0]
    assert _pay(desk, number, "400.00")["state"] == "instalment"
    assert _pay(desk, put_off, "1000.00")["state"] == "paid"
    assert _go_to(desk, number, date(2026, 11, 2)) == "instalment"
    assert _pay(desk, number, "600.00")["state"] == "paid"
    for one in (number, put_off):
        assert _marks(desk, one, "fine_overdue") == []
        _proved(desk, one)


@pytest.mark.slow
def test_a_plan_that_an_older_release_left_on_a_day_of_rest_is_counted_again(desk: Desk) -> None:
    number = penalty_to(desk.town, "instalment")
    _as_before(desk, number)
    assert [line for line in recount_provisional(desk.town.office).done if number in line] == [
        f"{number} instalments：2026-10-01 → 2026-10-08"
    ]
    assert _go_to(desk, number, date(2026, 10, 8)) == "instalment"
    _proved(desk, number)


def _as_before(desk: Desk, number: str) -> None:
    """Put the clock back on the day itself, as an older release had it."""
    from casework.acts import clocks
    from casework.acts.act import Act, by_itself
    from casework.acts.clock_repository import ClockRepository
    from casework.common.timekeeping import end_of
    from casework.kernel.engine import write
    from state_machines.language.vocabulary import Role, Step

    day = date(2026, 10, 1)
    with desk.town.session() as session:
        case = session.merge(desk.town.case(number))
        context = desk.town.office.context(session)
        process = context.versions.by_digest(session, case.version_digest)
        book = ClockRepository(session, case)
        said = {"due_on": day, "fires_at": end_of(day), "derivation": {"anchor": day.isoformat()}}
        book.runs = [
            clocks.replace(run, **said) if run.name == "instalments" else run for run in book.runs
        ]
        act = Act(
            context, case, process, Step("recount", "", {}, ()), {}, case.effective_at,
            by_itself(Role.TIMER), book, case.state, case.state,
        )  # fmt: skip
        write(act, "recount", {"moved": []})
        session.commit()


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["story"])
def test_stories(module_front: Any, row: dict[str, str]) -> None:
    """Rows of the table that was counted independently, whole: sentence, service, remedies,
    payments in the order of entry, and what the page says on the day asked for."""
    desk = Desk(module_front)
    received = _day(row["decision_received"])
    time = desk.town.time
    time.instant = datetime(received.year, received.month, received.day, 9, 0, tzinfo=ZONE)
    # What was ordered to be corrected has its days to run out first.
    time.instant -= timedelta(days=14)
    number = decided(desk, row["fine"])
    acts: list[tuple[date, str, str, Any]] = [(received, "serve", "handler1", RECEIPT)]
    for day, amount, entered in json.loads(row["payments"] or "[]"):
        on = _day(day).isoformat()
        paid = payment(desk.town, amount, f"{number}/{len(acts)}", on=on)
        acts.append((_day(entered), "record_payment", "handler1", paid))
    change = (json.loads(row["changes"] or "[]") or [None])[0]
    span = (json.loads(row["stops"] or "[]") or [None])[0]
    if change and span is None:
        # Filed so late that its days change nothing.
        span = (change["on"], change["on"])
    if span:
        filed = {"body": "南通市崇川区人民政府", "number": "〔2025〕21号"}
        acts.append((_day(span[0]), "file_reconsideration", "legal", filed))
        step, said = _ended(change)
        ends = _day(span[1])
        if ends <= _day(row["asked_on"]):
            acts.append((ends, step, "legal", {"number": "〔2025〕21号", **said}))
    for day, step, by, given in sorted(acts, key=lambda act: act[0]):
        time.go_to(max(day, time.instant.date()), hour=10)
        desk.town.office.catch_up(desk.town.case(number).id)
        answer = desk.take(number, step, by, given)
        assert answer.status_code == 200, (step, answer.text)
    _go_to(desk, number, _day(row["asked_on"]))
    debt = _debt(desk, number)
    told = (row["principal_open"], row["late_fee_accrued"], row["late_fee_paid"])
    if row["total_owed"] == "0.00" and row["overpaid"] == "0.00":
        assert debt is None
    else:
        assert (debt["fine_open"], debt["late_fee"], debt["late_fee_paid"]) == told
        assert debt["left"] == row["total_owed"]
        assert debt["overpaid"] == (row["overpaid"] if row["overpaid"] != "0.00" else "")
    with desk.town.session() as session:
        events = session.query(CreditEvent).filter_by(
            case_id=desk.town.case(number).id, kind="fine_overdue"
        )
        stands = events.count() - len(_marks(desk, number, "fine_overdue"))
    assert bool(stands) == (row["overdue_record"] == "yes")
    _proved(desk, number)


def _day(text: str) -> date:
    """A day of the table, fifty-two weeks later: 令13 was not in force before June 2025."""
    return date.fromisoformat(text) + timedelta(weeks=52)


def _ended(change: Any) -> tuple[str, dict[str, Any]]:
    """How 行政复议 ended, for what it made of the sentence."""
    reasons = {"reasons": "处罚明显不当"}
    if change is None:
        return "end_reconsideration", {"result": "维持原决定"}
    if change["kind"] == "quashed":
        return "change_by_reconsideration", {"result": "撤销", **reasons}
    less = {"result": "变更", "measures": [fine(change["fine"])]}
    return "vary_by_reconsideration", {**less, **reasons}
