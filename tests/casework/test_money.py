"""Late fees to the cent, against a table counted independently and against the law's own words."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.counting import Stop
from casework.money import LateFee, LateFeeRule, late_fee
from rulebook.money import in_yuan, yuan
from rulebook.shipped import shipped_editions

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/data/late_fees.csv"
SHARED_TABLE = ROOT.parent / "shared/cases/late_fees.csv"
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
SHIPPED = next(e for e in shipped_editions() if (e.kind, e.key) == ("key", "penalty.late_fee"))
RULE = LateFeeRule.model_validate(SHIPPED.content["value"])
FINE = Decimal(10000)
DUE = date(2026, 3, 16)
DAY = timedelta(days=1)


def stop(first: str, last: str | None, label: str = "行政复议期间") -> Stop:
    ends = date.fromisoformat(last) if last else None
    return Stop("reconsideration", label, date.fromisoformat(first), ends)


class TestTable:
    """The table counted independently of the code."""

    def test_copy_is_the_shared_table(self) -> None:
        if not SHARED_TABLE.exists():
            pytest.skip("the shared table lies beside the checkout only where it is provided")
        assert TABLE.read_text(encoding="utf-8") == SHARED_TABLE.read_text(encoding="utf-8")

    def test_is_whole(self) -> None:
        assert len(ROWS) == 18

    @pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['fine']} {r['due']} {r['paid']}")
    def test_row(self, row: dict[str, str]) -> None:
        stops = [stop(*ends.split("/")) for ends in row["excluded"].split(";") if ends]
        due, paid = date.fromisoformat(row["due"]), date.fromisoformat(row["paid"])
        found = late_fee(RULE, yuan(row["fine"]), due, paid, stops)
        assert (found.days, str(found.fee)) == (int(row["days"]), row["late_fee"])


class TestDerivation:
    def test_cap_is_reached_on_the_thirty_fourth_day(self) -> None:
        assert late_fee(RULE, FINE, DUE, date(2026, 4, 18)).cap_reached_on is None
        assert late_fee(RULE, FINE, DUE, date(2026, 4, 19)).cap_reached_on == date(2026, 4, 19)
        assert late_fee(RULE, FINE, DUE, date(2026, 9, 1)).cap_reached_on == date(2026, 4, 19)

    def test_cap_is_reached_later_by_the_days_left_out(self) -> None:
        found = late_fee(RULE, FINE, DUE, date(2026, 9, 1), [stop("2026-03-20", "2026-05-20")])
        # Three days to 19 March; the thirty-first after 20 May is 20 June.
        assert found.cap_reached_on == date(2026, 6, 20)

    def test_stop_that_is_still_open_lasts_to_the_payment(self) -> None:
        found = late_fee(RULE, FINE, DUE, date(2026, 4, 30), [stop("2026-03-19", None)])
        assert (found.days, found.fee) == (2, Decimal("600.00"))
        assert found.excluded[0].last == date(2026, 4, 30)

    def test_stop_begun_before_the_due_date_counts_from_the_day_after(self) -> None:
        found = late_fee(RULE, FINE, DUE, date(2026, 3, 20), [stop("2026-02-01", "2026-03-18")])
        assert (found.days, found.excluded[0].first) == (2, date(2026, 3, 17))

    def test_is_told_line_by_line(self) -> None:
        found = late_fee(RULE, FINE, DUE, date(2026, 9, 1), [stop("2026-03-20", "2026-05-20")])
        assert found.explain() == [
            "罚款10,000元，缴款期限届满日2026年3月16日，缴款日2026年9月1日",
            "2026年3月20日至2026年5月20日行政复议期间，62日不计算",
            "自2026年3月17日起至缴款日止，计算107日：10,000元×3%×107日=32,100元"
            "（《行政处罚法》第七十二条第一款第一项）",
            "加处罚款自2026年6月20日起达到上限10,000元，不再增加",
            "加处罚款10,000元",
        ]

    def test_payment_in_time_owes_nothing(self) -> None:
        assert late_fee(RULE, FINE, DUE, DUE).explain()[-1] == "在期限内缴款，不加处罚款"

    @pytest.mark.parametrize("fine", ["0.005", "-1"])
    def test_fine_is_a_sum_to_the_cent(self, fine: str) -> None:
        with pytest.raises(ValueError, match="罚款金额"):
            late_fee(RULE, Decimal(fine), DUE, DUE)


FINES = st.decimals(0, 10_000_000, places=2)
DAYS = st.integers(-30, 400).map(lambda n: DUE + n * DAY)
STOPS = st.lists(
    st.tuples(DAYS, st.integers(0, 90)).map(
        lambda given: Stop("litigation", "行政诉讼期间", given[0], given[0] + given[1] * DAY)
    ),
    max_size=4,
)


class TestProperties:
    @given(FINES, DAYS, STOPS)
    def test_days_are_those_outside_every_stop(
        self, fine: Decimal, paid: date, stops: list[Stop]
    ) -> None:
        late = (DUE + n * DAY for n in range(1, (paid - DUE).days + 1))
        outside = [day for day in late if not any(s.first <= day <= (s.last or day) for s in stops)]
        assert late_fee(RULE, fine, DUE, paid, stops).days == len(outside)

    @given(FINES, DAYS, STOPS)
    def test_fee_is_a_sum_to_the_cent_and_never_above_the_fine(
        self, fine: Decimal, paid: date, stops: list[Stop]
    ) -> None:
        found = late_fee(RULE, fine, DUE, paid, stops)
        assert 0 <= found.fee <= fine
        assert found.fee == round(found.fee, 2)
        assert (found.cap_reached_on is not None) == (fine > 0 and found.days >= 34)

    @given(FINES, DAYS, STOPS)
    def test_a_day_more_never_costs_less_and_a_stop_more_never_costs_more(
        self, fine: Decimal, paid: date, stops: list[Stop]
    ) -> None:
        fee = late_fee(RULE, fine, DUE, paid, stops).fee
        assert late_fee(RULE, fine, DUE, paid + DAY, stops).fee >= fee
        assert late_fee(RULE, fine, DUE, paid, stops[1:]).fee >= fee

    @given(FINES, DAYS, STOPS)
    def test_comes_back_from_json(self, fine: Decimal, paid: date, stops: list[Stop]) -> None:
        found = late_fee(RULE, fine, DUE, paid, stops)
        assert LateFee.from_json(found.to_json()) == found


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
