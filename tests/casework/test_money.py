"""Debts to the cent, against tables counted independently and against the law's own words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.enforcement.fines.late_fees import (
    Agreement,
    LateFeeRule,
    Part,
    Payment,
    Plan,
    Sentence,
    Statement,
    Terms,
    statement,
)
from casework.rules.counting import Stop, WorkCalendar, count, working_day
from rulebook.models import Limit, parse_as
from rulebook.money import in_yuan, to_cents, yuan
from rulebook.shipped import shipped_editions

ROOT = Path(__file__).resolve().parents[2]
TABLE, PAYMENTS = (ROOT / f"tests/data/{name}.csv" for name in ("late_fees", "payments"))
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
EDITIONS = tuple(shipped_editions())
CALENDAR = WorkCalendar(one for one in EDITIONS if one.kind == "calendar")
SHIPPED = {(one.kind, one.key): one.content for one in EDITIONS}
RULE = LateFeeRule.model_validate(SHIPPED["key", "penalty.late_fee"]["value"])
PERIOD = parse_as(Limit, SHIPPED["limit", "penalty.payment"])
FINE = Decimal(10000)
DUE = date(2026, 3, 16)
DAY = timedelta(days=1)
DECIDED = date(2025, 1, 1)


def stop(first: str, last: str | None, label: str = "行政复议期间") -> Stop:
    ends = date.fromisoformat(last) if last else None
    return Stop("reconsideration", label, date.fromisoformat(first), ends)


def owed(
    fine: Decimal,
    on: date,
    *paid: Payment,
    stops: Sequence[Stop] = (),
    whole: bool = False,
    due: date = DUE,
) -> Statement:
    """What is owed of a fine that was due on a day, on another."""
    terms = Terms(RULE, whole=whole)
    return statement(terms, (Sentence(DECIDED, fine),), due, on, payments=paid, stops=stops)


@pytest.mark.parametrize("table", [TABLE, PAYMENTS], ids=lambda path: path.stem)
def test_copy_is_the_shared_table(table: Path) -> None:
    shared = ROOT.parent / "shared/cases" / table.name
    if not shared.exists():
        pytest.skip("the shared table lies beside the checkout only where it is provided")
    assert table.read_text(encoding="utf-8") == shared.read_text(encoding="utf-8")


class TestLateFees:
    """The table counted independently of the code."""

    def test_is_whole(self) -> None:
        assert len(ROWS) == 18

    @pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['fine']} {r['due']} {r['paid']}")
    def test_row(self, row: dict[str, str]) -> None:
        stops = [stop(*ends.split("/")) for ends in row["excluded"].split(";") if ends]
        due, on = date.fromisoformat(row["due"]), date.fromisoformat(row["paid"])
        found = owed(yuan(row["fine"]), on, stops=stops, due=due)
        assert sum(one.days for one in found.stretches if one.fee) == int(row["days"])
        assert str(found.late_fee) == row["late_fee"]


def _loaded(text: str) -> list[list[str]]:
    found: list[list[str]] = json.loads(text) if text else []
    return found


STORIES = list(csv.DictReader(PAYMENTS.open(encoding="utf-8")))
TOLD = (
    "due_on", "principal_open", "late_fee_accrued", "late_fee_paid", "total_owed", "overpaid",
    "overdue_record",
)  # fmt: skip


def _agreements(text: str) -> list[Agreement]:
    if not text:
        return []
    said = json.loads(text)
    # Without 补救措施 nothing may be remitted: the step refuses it.
    assert said["remedied"]
    remit = None if said["remit"] == "all" else Decimal(said["remit"])
    # When it was broken follows from its plan.
    return [Agreement(date.fromisoformat(said["on"]), remit, said.get("lapses", False))]


def _bases(row: dict[str, str]) -> Iterable[bool]:
    """On which bases a row holds: on both where the story has but one."""
    alone = sum(one["story"] == row["story"] for one in STORIES) == 1
    return (False, True) if alone else (row["key_base"] == "whole",)


class TestPayments:
    """The stories of how a fine is paid, counted independently of the code."""

    def test_is_whole(self) -> None:
        assert len(STORIES) == 117

    @pytest.mark.parametrize("row", STORIES, ids=lambda r: f"{r['story']} {r['key_base']}")
    def test_row(self, row: dict[str, str]) -> None:
        day = date.fromisoformat
        due = count(PERIOD, day(row["decision_received"]), (), CALENDAR).due
        said = json.loads(row["plan"]) if row["plan"] else None
        plan = said and Plan(
            day(said["granted_on"]),
            tuple(
                Part(working_day(day(due), CALENDAR), Decimal(sum_)) for due, sum_ in said["parts"]
            ),
        )
        changes = json.loads(row["changes"]) if row["changes"] else []
        first = {"on": row["decision_received"], **row}
        sentences = [
            Sentence(day(one["on"]), Decimal(one["fine"]), Decimal(one["confiscated"]))
            for one in (first, *changes)
        ]
        for whole in _bases(row):
            found = statement(
                Terms(RULE, whole=whole),
                sentences,
                due,
                day(row["asked_on"]),
                payments=[
                    Payment(day(on), Decimal(sum_)) for on, sum_, _ in _loaded(row["payments"])
                ],
                plans=[plan] if plan else [],
                stops=[stop(*ends) for ends in _loaded(row["stops"])],
                agreements=_agreements(row["agreement"]),
            )
            sums = (
                found.fine_open, found.late_fee, found.late_fee_paid, found.left, found.overpaid,
            )  # fmt: skip
            shown = (
                str(found.due_on),
                *(f"{one:.2f}" for one in sums),
                "yes" if found.delayed else "no",
            )
            assert dict(zip(TOLD, shown, strict=True)) == {name: row[name] for name in TOLD}


class TestOrder:
    """缴款的抵充次序 is the rulebook's."""

    def test_the_fee_may_come_first(self) -> None:
        terms = Terms(RULE, order=("late_fee", "confiscated", "fine"))
        sentences = (Sentence(DECIDED, FINE, Decimal(5000)),)
        # Three days late: 900, then the gains, then 100 of the fine.
        paid = Payment(DUE + 3 * DAY, Decimal(6000))
        found = statement(terms, sentences, DUE, DUE + 4 * DAY, payments=[paid])
        assert (found.late_fee_paid, found.confiscated_open) == (900, 0)
        assert (found.fine_open, found.late_fee) == (9900, Decimal("1197.00"))

    def test_a_plan_is_filled_in_that_order_too(self) -> None:
        terms = Terms(RULE, order=("confiscated", "fine", "late_fee"))
        plan = Plan(DUE, (Part(DUE + 10 * DAY, Decimal(6000)), Part(DUE + 20 * DAY, Decimal(9000))))
        sentences = (Sentence(DECIDED, FINE, Decimal(5000)),)
        # Of the first part 5000 are gains, on which no fee runs: five days of 3 % of 1000.
        found = statement(terms, sentences, DUE, DUE + 15 * DAY, plans=[plan])
        assert (found.late_fee, found.overdue) == (150, 6000)


class TestRestored:
    """A court gives a decision back its force after 复议 had quashed or lowered it."""

    def test_nobody_is_late_with_what_did_not_stand(self) -> None:
        sentences = (
            Sentence(DECIDED, FINE),
            Sentence(DUE + 5 * DAY, Decimal(0)),
            Sentence(DUE + 40 * DAY, FINE),
        )
        found = statement(Terms(RULE), sentences, DUE, DUE + 42 * DAY)
        # Four days before it fell, and three since it stands again, the day itself among them.
        assert found.late_fee == 7 * 300
        lowered = (*sentences[:1], Sentence(DUE, Decimal(4000)), Sentence(DUE + 40 * DAY, FINE))
        paid = Payment(DUE, Decimal(4000))
        found = statement(Terms(RULE), lowered, DUE, DUE + 42 * DAY, payments=[paid])
        assert found.late_fee == 3 * 180


class TestPlans:
    """A plan may be granted in the place of one that was missed."""

    def test_what_the_first_one_cost_stays(self) -> None:
        plans = [
            Plan(DUE - DAY, (Part(DUE + 10 * DAY, FINE),)),
            Plan(DUE + 14 * DAY, (Part(DUE + 40 * DAY, FINE),)),
        ]
        found = statement(Terms(RULE), (Sentence(DECIDED, FINE),), DUE, DUE + 40 * DAY, plans=plans)
        # Three days after the first plan's day; that of the second grant is free.
        assert (found.late_fee, found.overdue, found.due_on) == (900, 0, DUE + 40 * DAY)


class TestRemissions:
    """An agreement remits a part of the late fee; another may follow on the same day."""

    def test_two_of_one_day_that_say_the_same_are_two(self) -> None:
        agreed = Agreement(DUE + 3 * DAY, Decimal(400))
        sentences = (Sentence(DECIDED, FINE),)
        on = DUE + 3 * DAY
        found = statement(Terms(RULE), sentences, DUE, on, agreements=[agreed] * 2)
        assert (found.late_fee, found.remitted, found.late_fee_open) == (900, 800, 100)
        # The third one finds a hundred left.
        found = statement(Terms(RULE), sentences, DUE, on, agreements=[agreed] * 3)
        assert (found.remitted, found.late_fee_open) == (900, 0)

    def test_what_lapsed_with_a_plan_does_not_revive_with_the_next_one(self) -> None:
        agreed_on = DUE + 3 * DAY
        plans = [
            Plan(agreed_on, (Part(DUE + 10 * DAY, FINE),)),
            Plan(DUE + 11 * DAY, (Part(DUE + 40 * DAY, FINE),)),
        ]
        found = statement(
            Terms(RULE),
            (Sentence(DECIDED, FINE),),
            DUE,
            DUE + 20 * DAY,
            plans=plans,
            agreements=[Agreement(agreed_on, lapses=True)],
        )
        # Two days before the first plan: it ended with the tenth, on the eve of the next one.
        assert (found.missed, found.late_fee, found.remitted) == (tuple(plans[:1]), 600, 0)


class TestRefunds:
    """What was paid too much is given back, and accounted for."""

    def test_what_was_given_back_is_no_more_to_be_given_back(self) -> None:
        sentences = (Sentence(DECIDED, FINE),)
        paid = [Payment(DUE, FINE + 2000)]
        back = [Payment(DUE + 9 * DAY, Decimal(1500))]
        found = statement(Terms(RULE), sentences, DUE, DUE + 9 * DAY, payments=paid, refunds=back)
        assert (found.overpaid, found.refunded, found.left, found.delayed) == (500, 1500, 0, False)
        [put] = found.puts
        assert (put.fine, put.over) == (FINE, 2000)

    def test_a_fine_that_stands_again_after_it_was_given_back_is_owed_again(self) -> None:
        sentences = (
            Sentence(DECIDED, FINE),
            Sentence(DUE + 5 * DAY, Decimal(0)),
            Sentence(DUE + 40 * DAY, FINE),
        )
        paid, back = [Payment(DUE, FINE)], [Payment(DUE + 10 * DAY, FINE)]
        found = statement(Terms(RULE), sentences, DUE, DUE + 42 * DAY, payments=paid, refunds=back)
        # Late from the day on which it stands again; the days in between are nobody's delay.
        assert (found.fine_open, found.overpaid, found.late_fee) == (FINE, 0, 3 * 300)


class TestDerivation:
    def test_cap_is_reached_on_the_thirty_fourth_day(self) -> None:
        assert owed(FINE, date(2026, 4, 18)).cap_reached_on is None
        assert owed(FINE, date(2026, 4, 19)).cap_reached_on == date(2026, 4, 19)
        assert owed(FINE, date(2026, 9, 1)).cap_reached_on == date(2026, 4, 19)

    def test_cap_is_reached_later_by_the_days_left_out(self) -> None:
        found = owed(FINE, date(2026, 9, 1), stops=[stop("2026-03-20", "2026-05-20")])
        # Three days to 19 March; the thirty-first after 20 May is 20 June.
        assert found.cap_reached_on == date(2026, 6, 20)

    def test_stop_that_is_still_open_lasts_to_the_day_asked_for(self) -> None:
        found = owed(FINE, date(2026, 4, 30), stops=[stop("2026-03-19", None)])
        assert found.late_fee == Decimal("600.00")
        assert found.excluded[0].last == date(2026, 4, 30)

    def test_is_told_line_by_line(self) -> None:
        part = Payment(date(2026, 6, 1), Decimal(4000))
        stops = [stop("2026-03-20", "2026-05-20")]
        assert owed(FINE, date(2026, 9, 1), part, stops=stops).explain() == [
            "罚款10,000元，缴款期限届满日2026年3月16日",
            "2026年3月20日至2026年5月20日行政复议期间，62日不计算",
            "自2026年3月17日起至2026年6月1日止，计算15日：未缴罚款10,000元×3%×15日=4,500元"
            "（《中华人民共和国行政处罚法》第七十二条第一款第一项）",
            "自2026年6月2日起至2026年9月1日止，计算92日：未缴罚款6,000元×3%×92日=16,560元"
            "（《中华人民共和国行政处罚法》第七十二条第一款第一项）",
            "加处罚款自2026年7月2日起达到上限10,000元，不再增加",
            "加处罚款10,000元",
        ]

    def test_payment_in_time_owes_nothing(self) -> None:
        found = owed(FINE, date(2026, 9, 1), Payment(DUE, FINE))
        assert (found.left, found.delayed) == (0, False)
        assert found.explain()[-1] == "没有应当加处罚款的日期，不加处罚款"

    @pytest.mark.parametrize("fine", ["0.005", "-1"])
    def test_fine_is_a_sum_to_the_cent(self, fine: str) -> None:
        with pytest.raises(ValueError, match="罚款金额"):
            owed(Decimal(fine), DUE)


FINES = st.decimals(0, 10_000_000, places=2)
DAYS = st.integers(-30, 120).map(lambda n: DUE + n * DAY)
STOPS = st.lists(
    st.tuples(DAYS, st.integers(0, 40)).map(
        lambda given: Stop("litigation", "行政诉讼期间", given[0], given[0] + given[1] * DAY)
    ),
    max_size=3,
)
PAID = st.lists(st.builds(Payment, DAYS, st.decimals(0, 12_000, places=2)), max_size=5)


def _day_by_day(
    fine: Decimal, on: date, paid: Sequence[Payment], stops: Sequence[Stop], *, whole: bool
) -> tuple[Decimal, Decimal]:
    """What is left to pay and what of the fine is open, reckoned one day after the other."""
    fee, day, open_, fee_paid = Decimal(0), min([DUE, *(one.on for one in paid)]), fine, Decimal(0)
    while day <= on:
        stopped = any(one.first <= day <= (one.last or day) for one in stops)
        if day > DUE and not stopped and open_:
            fee = min(fine, fee + (fine if whole else open_) * 3 / 100)
        for one in (one for one in paid if one.on == day):
            put = min(open_, one.amount)
            open_ -= put
            fee_paid += min(one.amount - put, to_cents(fee) - fee_paid)
        day += DAY
    return open_ + to_cents(fee) - fee_paid, open_


class TestProperties:
    @pytest.mark.slow
    @given(st.decimals(0, 10_000, places=2), DAYS, PAID, STOPS, st.booleans())
    def test_is_what_one_day_after_the_other_comes_to(
        self, fine: Decimal, on: date, paid: list[Payment], stops: list[Stop], whole: bool
    ) -> None:
        found = owed(fine, on, *paid, stops=stops, whole=whole)
        known = sorted((one for one in paid if one.on <= on), key=lambda one: one.on)
        assert (found.left, found.fine_open) == _day_by_day(fine, on, known, stops, whole=whole)
        # Every cent is somewhere.
        put = fine - found.fine_open + found.late_fee_paid + found.overpaid
        assert put == sum((one.amount for one in known), Decimal(0))

    @given(FINES, DAYS, STOPS)
    def test_a_day_more_never_costs_less_and_a_stop_more_never_costs_more(
        self, fine: Decimal, on: date, stops: list[Stop]
    ) -> None:
        fee = owed(fine, on, stops=stops).late_fee
        assert 0 <= fee <= fine
        assert owed(fine, on + DAY, stops=stops).late_fee >= fee
        assert owed(fine, on, stops=stops[1:]).late_fee >= fee

    @given(st.decimals(0, 10_000, places=2), DAYS, PAID)
    def test_in_whatever_order_payments_are_entered_they_come_to_the_same(
        self, fine: Decimal, on: date, paid: list[Payment]
    ) -> None:
        one, other = owed(fine, on, *paid), owed(fine, on, *reversed(paid))
        assert (one.left, one.overpaid, one.delayed) == (other.left, other.overpaid, other.delayed)


class TestSums:
    @pytest.mark.parametrize(
        "text", ["", "-1", "+1", "1.", ".5", "1.005", "1e3", "1,000", " 1", "１"]
    )
    def test_what_is_no_sum_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="金额"):
            yuan(text)

    def test_sum_too_large_is_refused(self) -> None:
        with pytest.raises(ValueError, match="超出"):
            yuan("1000000000000")

    @pytest.mark.parametrize(
        ("text", "shown"), [("500", "500元"), ("3000.5", "3,000.50元"), ("0.01", "0.01元")]
    )
    def test_is_shown_without_cents_that_are_none(self, text: str, shown: str) -> None:
        assert in_yuan(yuan(text)) == shown
