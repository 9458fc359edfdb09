"""The counting of time limits, against a table counted by hand and against the law's own words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.rules.counting import (
    CalendarUnknown,
    CountedDay,
    Derivation,
    Span,
    Stop,
    WorkCalendar,
    count,
    count_back,
    due_instant,
    join_stops,
)
from rulebook.models import CalendarYear, Edition, Limit, Unit
from rulebook.shipped import shipped_editions

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/data/due_dates.csv"
SHARED_TABLE = ROOT.parent / "shared/cases/due_dates.csv"

CALENDARS = [edition for edition in shipped_editions() if edition.kind == "calendar"]
CALENDAR = WorkCalendar(CALENDARS)
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
DAY = timedelta(days=1)


def on(text: str) -> date:
    return date.fromisoformat(text)


def limit(n: int, unit: Unit, *, roll: bool = True, inclusive: bool = False) -> Limit:
    return Limit(
        key="some.limit",
        label="某期限",
        law="某法第一条",
        mark="S",
        n=n,
        unit=unit,
        roll=roll,
        inclusive=inclusive,
    )


def stop(first: str, last: str | None, label: str = "技术审查") -> Stop:
    return Stop("technical_review", label, on(first), on(last) if last else None)


def due(n: int, unit: Unit, start: str, *stops: Stop) -> date | None:
    return count(limit(n, unit), on(start), stops, CALENDAR).due


def decreed(year: int, rest: dict[str, str], work: dict[str, str] | None = None) -> Edition:
    rule = CalendarYear(
        key="china",
        label=f"{year}年",
        law="某通知",
        mark="S",
        year=year,
        decreed=True,
        rest_days={on(day): name for day, name in rest.items()},
        work_days={on(day): name for day, name in (work or {}).items()},
    )
    return Edition.of("calendar", rule, None, date(year, 1, 1), date(year, 12, 31), "test")


class TestTable:
    """The table counted independently of the code."""

    def test_copy_is_the_shared_table(self) -> None:
        if not SHARED_TABLE.exists():
            pytest.skip("the shared table lies beside the checkout only where it is provided")
        assert TABLE.read_text(encoding="utf-8") == SHARED_TABLE.read_text(encoding="utf-8")

    def test_has_all_units(self) -> None:
        assert {row["unit"] for row in ROWS} == {"wd", "cd", "month"}
        assert len(ROWS) == 44

    @pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['n']}{r['unit']} {r['start']}")
    def test_row(self, row: dict[str, Unit]) -> None:
        stops = [stop(*ends.split("/")) for ends in row["stops"].split(";") if ends]
        derived = count(limit(int(row["n"]), row["unit"]), on(row["start"]), stops, CALENDAR)
        assert derived.due == on(row["due"])
        assert not derived.provisional


class TestWorkingDays:
    def test_each_day_over_national_day(self) -> None:
        derived = count(limit(5, "wd"), on("2026-09-28"), (), CALENDAR)
        assert derived.days == (
            CountedDay(on("2026-09-29"), 1, ""),
            CountedDay(on("2026-09-30"), 2, ""),
            CountedDay(on("2026-10-01"), None, "国庆节"),
            CountedDay(on("2026-10-02"), None, "国庆节"),
            CountedDay(on("2026-10-03"), None, "国庆节"),
            CountedDay(on("2026-10-04"), None, "国庆节"),
            CountedDay(on("2026-10-05"), None, "国庆节"),
            CountedDay(on("2026-10-06"), None, "国庆节调休"),
            CountedDay(on("2026-10-07"), None, "国庆节调休"),
            CountedDay(on("2026-10-08"), 3, ""),
            CountedDay(on("2026-10-09"), 4, ""),
            CountedDay(on("2026-10-10"), 5, "调休上班"),
        )

    def test_each_day_of_a_stop(self) -> None:
        derived = count(
            limit(3, "wd"), on("2026-05-14"), [stop("2026-05-15", "2026-05-18")], CALENDAR
        )
        assert derived.days == (
            CountedDay(on("2026-05-15"), None, "技术审查"),
            CountedDay(on("2026-05-16"), None, "周末"),
            CountedDay(on("2026-05-17"), None, "周末"),
            CountedDay(on("2026-05-18"), None, "技术审查"),
            CountedDay(on("2026-05-19"), 1, ""),
            CountedDay(on("2026-05-20"), 2, ""),
            CountedDay(on("2026-05-21"), 3, ""),
        )
        assert derived.stops == (Span(on("2026-05-15"), on("2026-05-18"), "技术审查"),)

    def test_start_on_a_rest_day(self) -> None:
        assert due(1, "wd", "2026-10-03") == on("2026-10-08")

    def test_across_the_year_names_both_editions(self) -> None:
        derived = count(limit(10, "wd"), on("2025-12-25"), (), CALENDAR)
        by_year = {edition.valid_from.year: edition.digest for edition in CALENDARS}
        assert derived.editions == (by_year[2025], by_year[2026])


class TestCalendarDays:
    def test_days_rolled_over(self) -> None:
        derived = count(limit(15, "cd"), on("2026-09-20"), (), CALENDAR)
        assert derived.full == on("2026-10-05")
        assert derived.days == (
            CountedDay(on("2026-10-05"), None, "国庆节"),
            CountedDay(on("2026-10-06"), None, "国庆节调休"),
            CountedDay(on("2026-10-07"), None, "国庆节调休"),
        )
        assert derived.due == on("2026-10-08")

    def test_a_working_saturday_does_not_roll(self) -> None:
        assert due(9, "cd", "2026-04-30") == on("2026-05-09")

    def test_unrolled_limit_ends_on_a_holiday(self) -> None:
        derived = count(limit(15, "cd", roll=False), on("2026-09-20"), (), CALENDAR)
        assert derived.due == on("2026-10-05")
        assert derived.editions == ()

    def test_every_stopped_day_counts_weekends_too(self) -> None:
        # Day 10 would be Thursday 21 May; four stopped days, Friday to Monday, make it the 25th.
        assert due(10, "cd", "2026-05-11", stop("2026-05-15", "2026-05-18")) == on("2026-05-25")

    def test_a_stop_pushes_into_a_later_stop(self) -> None:
        first, second = stop("2026-05-12", "2026-05-16"), stop("2026-05-18", "2026-05-19")
        # Counted are 17, 20 and 21 May.
        assert due(3, "cd", "2026-05-11", first, second) == on("2026-05-21")

    def test_rolling_passes_over_a_stop(self) -> None:
        # Day 5 is Saturday 16 May; the clock stands from Monday to Wednesday.
        derived = count(
            limit(5, "cd"), on("2026-05-11"), [stop("2026-05-18", "2026-05-20")], CALENDAR
        )
        assert derived.due == on("2026-05-21")
        assert [day.reason for day in derived.days] == ["周末", "周末"] + ["技术审查"] * 3

    def test_a_stop_on_the_last_day(self) -> None:
        # Day 4 would be Friday 15 May.
        assert due(4, "cd", "2026-05-11", stop("2026-05-15", "2026-05-19")) == on("2026-05-20")

    def test_a_rest_day_in_a_stop_rests(self) -> None:
        # Day 5 is Saturday 16 May, and the clock stands on Sunday and Monday.
        derived = count(
            limit(5, "cd"), on("2026-05-11"), [stop("2026-05-17", "2026-05-18")], CALENDAR
        )
        assert [day.reason for day in derived.days] == ["周末", "周末", "技术审查"]

    def test_month_with_stops_grows_by_their_days(self) -> None:
        # 11 June would be the end; ten stopped days make it Sunday 21 June, also Dragon Boat leave.
        derived = count(
            limit(1, "month"), on("2026-05-11"), [stop("2026-05-20", "2026-05-29")], CALENDAR
        )
        assert derived.full == on("2026-06-21")
        assert derived.due == on("2026-06-22")


class TestMonthsAndYears:
    @pytest.mark.parametrize(
        ("n", "unit", "start", "end"),
        [
            (1, "month", "2024-01-31", "2024-02-29"),
            (1, "month", "2025-01-31", "2025-02-28"),
            (2, "month", "2024-12-31", "2025-02-28"),
            (12, "month", "2024-02-29", "2025-02-28"),
            (1, "year", "2024-02-29", "2025-02-28"),
            (4, "year", "2024-02-29", "2028-02-29"),
            (1, "month", "2025-02-28", "2025-03-28"),
        ],
    )
    def test_same_number_or_last_of_the_month(
        self, n: int, unit: Unit, start: str, end: str
    ) -> None:
        assert count(limit(n, unit, roll=False), on(start), (), CALENDAR).due == on(end)

    @pytest.mark.parametrize(
        ("n", "unit", "start", "last"),
        [
            (4, "year", "2026-01-05", "2030-01-04"),
            (4, "year", "2026-01-01", "2029-12-31"),
            (4, "year", "2028-02-29", "2032-02-28"),
            (5, "year", "2028-02-29", "2033-02-28"),
            (1, "year", "2027-03-01", "2028-02-29"),
            (1, "month", "2026-01-31", "2026-02-28"),
            (30, "cd", "2026-01-01", "2026-01-30"),
        ],
    )
    def test_inclusive_term_ends_on_the_eve(
        self, n: int, unit: Unit, start: str, last: str
    ) -> None:
        derived = count(limit(n, unit, roll=False, inclusive=True), on(start), (), CALENDAR)
        assert derived.due == on(last)
        assert not derived.provisional


class TestStops:
    def test_overlap_counts_once(self) -> None:
        apart = due(20, "wd", "2026-09-10", stop("2026-09-14", "2026-09-22"))
        overlapping = due(
            20,
            "wd",
            "2026-09-10",
            stop("2026-09-17", "2026-09-22", "听证"),
            stop("2026-09-14", "2026-09-18"),
        )
        assert overlapping == apart == on("2026-10-26")

    def test_a_day_shared_by_two_stops_counts_once(self) -> None:
        first, second = stop("2026-05-12", "2026-05-14"), stop("2026-05-14", "2026-05-15")
        # Lost are the 12th to the 15th; counted are the 16th to the 19th.
        assert due(4, "cd", "2026-05-11", first, second) == on("2026-05-19")

    def test_open_stop_swallows_a_closed_one(self) -> None:
        for closed in (stop("2026-05-14", "2026-05-15"), stop("2026-05-15", "2026-05-18")):
            for pair in ([stop("2026-05-14", None), closed], [closed, stop("2026-05-14", None)]):
                spans = join_stops(pair, after=on("2026-05-11"))
                assert spans == [Span(on("2026-05-14"), None, "技术审查")]

    def test_overlap_names_both_reasons_once(self) -> None:
        spans = join_stops(
            [
                stop("2026-09-14", "2026-09-18"),
                stop("2026-09-17", "2026-09-22", "听证"),
                stop("2026-09-20", "2026-09-21"),
            ],
            after=on("2026-09-10"),
        )
        assert spans == [Span(on("2026-09-14"), on("2026-09-22"), "技术审查、听证")]

    def test_days_up_to_the_start_are_not_lost(self) -> None:
        assert due(5, "cd", "2026-05-11", stop("2026-05-01", "2026-05-12")) == on("2026-05-18")
        assert due(5, "cd", "2026-05-11", stop("2026-05-01", "2026-05-11")) == due(
            5, "cd", "2026-05-11"
        )

    def test_stop_without_days_changes_nothing(self) -> None:
        derived = count(
            limit(5, "wd"), on("2026-05-11"), [stop("2026-05-14", "2026-05-13")], CALENDAR
        )
        assert derived == count(limit(5, "wd"), on("2026-05-11"), (), CALENDAR)

    def test_stop_after_the_end_is_not_told(self) -> None:
        derived = count(
            limit(5, "wd"), on("2026-05-11"), [stop("2026-06-01", "2026-06-05")], CALENDAR
        )
        assert derived.due == on("2026-05-18")
        assert derived.stops == ()


class TestOpenStop:
    def test_no_due_date_but_what_is_left(self) -> None:
        derived = count(limit(20, "wd"), on("2026-09-10"), [stop("2026-09-14", None)], CALENDAR)
        assert derived.due is None
        assert derived.remaining == 19
        assert derived.stops == (Span(on("2026-09-14"), None, "技术审查"),)

    def test_calendar_days_left(self) -> None:
        derived = count(limit(30, "cd"), on("2026-05-11"), [stop("2026-05-22", None)], CALENDAR)
        assert (derived.due, derived.remaining) == (None, 20)

    def test_month_left_in_days(self) -> None:
        derived = count(limit(1, "month"), on("2026-05-11"), [stop("2026-06-02", None)], CALENDAR)
        assert (derived.due, derived.remaining) == (None, 10)

    def test_one_opened_after_the_end_came_too_late(self) -> None:
        assert due(5, "wd", "2026-05-11", stop("2026-05-19", None)) == on("2026-05-18")
        assert due(7, "cd", "2026-05-11", stop("2026-05-19", None)) == on("2026-05-18")

    def test_on_the_last_day_one_day_is_left(self) -> None:
        derived = count(limit(5, "wd"), on("2026-05-11"), [stop("2026-05-18", None)], CALENDAR)
        assert (derived.due, derived.remaining) == (None, 1)

    def test_while_rolling_nothing_is_left(self) -> None:
        # Day 5 is Saturday 16 May; the clock stands before Monday comes.
        derived = count(limit(5, "cd"), on("2026-05-11"), [stop("2026-05-17", None)], CALENDAR)
        assert (derived.due, derived.full, derived.remaining) == (None, on("2026-05-16"), 0)
        assert Derivation.from_json(derived.to_json()) == derived


class TestExtension:
    def test_twenty_and_ten_are_thirty(self) -> None:
        extended = count(limit(20, "wd"), on("2026-05-11"), (), CALENDAR, extension=limit(10, "wd"))
        assert extended.due == due(30, "wd", "2026-05-11")
        assert extended.extension is not None
        assert extended.extension.n == 10

    def test_rolls_at_the_end_only(self) -> None:
        # Day 30 is Saturday 13 June; the extension goes on from there, not from Monday.
        extended = count(limit(30, "cd"), on("2026-05-14"), (), CALENDAR, extension=limit(5, "cd"))
        assert extended.due == on("2026-06-18")

    def test_other_unit_is_refused(self) -> None:
        with pytest.raises(ValueError, match="unit"):
            count(limit(20, "wd"), on("2026-05-11"), (), CALENDAR, extension=limit(10, "cd"))


class TestCountBack:
    @pytest.mark.parametrize(
        ("n", "unit", "anchor", "day"),
        [
            (30, "cd", "2030-01-04", "2029-12-05"),
            (90, "cd", "2030-01-04", "2029-10-06"),
            (1, "month", "2026-03-31", "2026-02-28"),
            (1, "year", "2028-02-29", "2027-02-28"),
        ],
    )
    def test_lands_that_far_before(self, n: int, unit: Unit, anchor: str, day: str) -> None:
        derived = count_back(limit(n, unit), on(anchor), CALENDAR)
        assert derived.due == on(day)
        assert derived.back
        assert not derived.provisional

    def test_working_days_before_a_hearing(self) -> None:
        # Before Monday 12 Oct 2026: 10 (working Saturday), 9, 8 Oct, 30, 29, 28 and 24 Sep... the
        # 25th to 27th are Mid-autumn.
        derived = count_back(limit(7, "wd"), on("2026-10-12"), CALENDAR)
        assert derived.due == on("2026-09-24")
        counted = [day.date.day for day in derived.days if day.number]
        assert counted == [10, 9, 8, 30, 29, 28, 24]

    def test_minutes_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"some\.limit"):
            count_back(limit(60, "min"), on("2026-10-12"), CALENDAR)


class TestMinutes:
    def test_due_instant(self) -> None:
        start = datetime(2026, 5, 11, 8, 30, tzinfo=UTC)
        assert due_instant(limit(60, "min"), start) == datetime(2026, 5, 11, 9, 30, tzinfo=UTC)

    def test_days_have_no_instant(self) -> None:
        with pytest.raises(ValueError, match=r"some\.limit"):
            due_instant(limit(1, "cd"), datetime(2026, 5, 11, tzinfo=UTC))

    def test_minutes_have_no_day(self) -> None:
        with pytest.raises(ValueError, match=r"some\.limit"):
            count(limit(60, "min"), on("2026-05-11"), (), CALENDAR)


class TestCalendar:
    def test_why_a_day_rests_or_works(self) -> None:
        assert CALENDAR.day(on("2026-10-01"))[1:] == (False, "国庆节", False)
        assert CALENDAR.day(on("2026-10-07"))[1:] == (False, "国庆节调休", False)
        assert CALENDAR.day(on("2026-10-10"))[1:] == (True, "调休上班", False)
        assert CALENDAR.day(on("2026-10-11"))[1:] == (False, "周末", False)
        assert CALENDAR.day(on("2026-10-12"))[1:] == (True, "", False)

    def test_provisional_year_is_marked(self) -> None:
        derived = count(limit(5, "wd"), on("2026-12-30"), (), CALENDAR)
        assert derived.due == on("2027-01-07")
        assert derived.provisional
        assert "尚未公布" in derived.explain()[-1]

    def test_calendar_days_rely_on_the_end_only(self) -> None:
        assert count(limit(15, "cd"), on("2026-12-20"), (), CALENDAR).provisional
        assert not count(limit(15, "cd"), on("2026-12-10"), (), CALENDAR).provisional

    def test_decree_replaces_the_provisional_year(self) -> None:
        decree = decreed(2027, {"2027-01-01": "元旦", "2027-01-04": "元旦调休"})
        for editions in ([*CALENDARS, decree], [decree, *CALENDARS]):
            derived = count(limit(5, "wd"), on("2026-12-30"), (), WorkCalendar(editions))
            assert derived.due == on("2027-01-08")
            assert not derived.provisional
            assert decree.digest in derived.editions

    def test_later_decree_corrects_an_earlier_one(self) -> None:
        first = decreed(2027, {"2027-01-04": "元旦调休"})
        second = decreed(2027, {"2027-01-05": "元旦调休"})
        calendar = WorkCalendar([*CALENDARS, first, second])
        assert calendar.day(on("2027-01-04")).working
        assert not calendar.day(on("2027-01-05")).working

    def test_two_years_ahead_and_no_more(self) -> None:
        last = max(e.valid_from.year for e in CALENDARS if e.content["decreed"])
        assert CALENDAR.last_year == last + 2
        assert CALENDAR.day(date(last + 2, 12, 29)).provisional
        with pytest.raises(CalendarUnknown, match=f"{last + 3}年1月.*{last + 2}年"):
            CALENDAR.day(date(last + 3, 1, 2))

    def test_next_year_opens_with_a_decree(self) -> None:
        last = max(e.valid_from.year for e in CALENDARS if e.content["decreed"])
        calendar = WorkCalendar([*CALENDARS, decreed(last + 1, {})])
        assert calendar.day(date(last + 3, 1, 2)).provisional

    def test_before_the_first_year_is_refused(self) -> None:
        with pytest.raises(CalendarUnknown, match="2017年12月31日"):
            CALENDAR.day(on("2017-12-31"))

    def test_validity_is_counted_beyond_every_calendar(self) -> None:
        assert count(limit(30, "year", roll=False), on("2026-05-11"), (), CALENDAR).due == on(
            "2056-05-11"
        )
        with pytest.raises(CalendarUnknown):
            count(limit(30, "year"), on("2026-05-11"), (), CALENDAR)


class TestTelling:
    def test_json_is_small_and_exact(self) -> None:
        derived = count(
            limit(2, "wd"), on("2026-05-14"), [stop("2026-05-15", "2026-05-15")], CALENDAR
        )
        assert derived.to_json() == {
            "limit": ["some.limit", "某期限", 2, "wd", "某法第一条"],
            "start": "2026-05-14",
            "due": "2026-05-19",
            "full": "2026-05-19",
            "stops": [["2026-05-15", "2026-05-15", "技术审查"]],
            "days": [
                ["2026-05-15", None, "技术审查"],
                ["2026-05-16", None, "周末"],
                ["2026-05-17", None, "周末"],
                ["2026-05-18", 1, ""],
                ["2026-05-19", 2, ""],
            ],
            "editions": list(derived.editions),
        }
        assert len(derived.editions) == 1

    def test_explains_working_days(self) -> None:
        derived = count(
            limit(20, "wd"),
            on("2026-09-10"),
            [stop("2026-09-14", "2026-09-22")],
            CALENDAR,
            extension=limit(1, "wd"),
        )
        assert derived.explain() == [
            "某期限：二十个工作日（某法第一条），自2026年9月10日的次日起算",
            "某期限：延长一个工作日（某法第一条）",
            "2026年9月14日至2026年9月22日技术审查，其间八个工作日不计",
            "2026年9月12日至2026年9月13日周末，不计",
            "2026年9月19日周末，不计",
            "2026年9月25日至2026年9月27日中秋节，不计",
            "2026年10月1日至2026年10月5日国庆节，不计",
            "2026年10月6日至2026年10月7日国庆节调休，不计",
            "2026年10月10日调休上班，计入",
            "2026年10月11日周末，不计",
            "2026年10月17日至2026年10月18日周末，不计",
            "2026年10月24日至2026年10月25日周末，不计",
            "届满日：2026年10月27日",
        ]

    def test_explains_rolling(self) -> None:
        assert count(limit(15, "cd"), on("2026-09-20"), (), CALENDAR).explain() == [
            "某期限：十五日（某法第一条），自2026年9月20日的次日起算",
            "2026年10月5日国庆节，不计",
            "2026年10月6日至2026年10月7日国庆节调休，不计",
            "最后一日2026年10月5日不计，顺延至2026年10月8日（《民事诉讼法》第八十五条）",
        ]

    def test_explains_stops_in_calendar_days(self) -> None:
        stops = [stop("2026-05-12", "2026-05-13"), stop("2026-05-15", "2026-05-15")]
        assert count(limit(5, "cd"), on("2026-05-11"), stops, CALENDAR).explain() == [
            "某期限：五日（某法第一条），自2026年5月11日的次日起算",
            "2026年5月12日至2026年5月13日技术审查，其间二日不计",
            "2026年5月15日技术审查，其间一日不计",
            "届满日：2026年5月19日",
        ]

    def test_explains_two_stops_of_one_kind_apart(self) -> None:
        stops = [stop("2026-05-12", "2026-05-13"), stop("2026-05-15", "2026-05-15")]
        assert count(limit(2, "wd"), on("2026-05-11"), stops, CALENDAR).explain()[1:3] == [
            "2026年5月12日至2026年5月13日技术审查，其间二个工作日不计",
            "2026年5月15日技术审查，其间一个工作日不计",
        ]

    def test_explains_an_open_stop(self) -> None:
        derived = count(limit(3, "wd"), on("2026-05-12"), [stop("2026-05-14", None)], CALENDAR)
        assert derived.explain() == [
            "某期限：三个工作日（某法第一条），自2026年5月12日的次日起算",
            "自2026年5月14日起技术审查，期限停止计算",
            "期限现停止计算，恢复后尚余二个工作日",
        ]

    def test_explains_counting_back_and_terms(self) -> None:
        assert count_back(limit(30, "cd"), on("2030-01-04"), CALENDAR).explain() == [
            "某期限：三十日（某法第一条），自2030年1月4日向前推算",
            "应在当日或者之前：2029年12月5日",
        ]
        assert count_back(limit(2, "wd"), on("2026-05-18"), CALENDAR).explain()[1:] == [
            "2026年5月16日至2026年5月17日周末，不计",
            "应在当日或者之前：2026年5月14日",
        ]
        term = limit(4, "year", roll=False, inclusive=True)
        assert count(term, on("2026-01-05"), (), CALENDAR).explain() == [
            "某期限：四年（某法第一条），自2026年1月5日起算，当日计入",
            "届满日：2030年1月4日",
        ]


# Properties, over the decreed years and for stops that may overlap, touch and nest.

starts = st.dates(on("2023-01-01"), on("2025-06-30"))
closed_stops = st.lists(
    st.builds(
        lambda first, length, label: Stop("stop", label, first, first + length * DAY),
        st.dates(on("2022-12-20"), on("2025-10-01")),
        st.integers(0, 30),
        st.sampled_from(["技术审查", "听证", "鉴定"]),
    ),
    max_size=5,
)
rolled = st.builds(
    limit, st.integers(1, 60), st.sampled_from(["wd", "cd"]), roll=st.just(True)
) | st.builds(limit, st.integers(1, 4), st.just("month"))


def naive_due(n: int, unit: Unit, start: date, stops: list[Stop]) -> date:
    """The same law counted one day after another, with a set of lost days."""
    lost = set(_days_of(stops))
    day = start
    while n:
        day += DAY
        n -= day not in lost and (unit == "cd" or CALENDAR.day(day).working)
    while day in lost or not CALENDAR.day(day).working:
        day += DAY
    return day


def _days_of(stops: list[Stop]) -> Iterator[date]:
    for one in stops:
        assert one.last is not None
        yield from (one.first + i * DAY for i in range((one.last - one.first).days + 1))


@given(st.integers(1, 60), st.sampled_from(["wd", "cd"]), starts, closed_stops)
def test_agrees_with_counting_day_by_day(
    n: int, unit: Unit, start: date, stops: list[Stop]
) -> None:
    assert count(limit(n, unit), start, stops, CALENDAR).due == naive_due(n, unit, start, stops)


@given(rolled, starts, closed_stops)
def test_ends_on_a_working_day_outside_every_stop(
    a_limit: Limit, start: date, stops: list[Stop]
) -> None:
    end = count(a_limit, start, stops, CALENDAR).due
    assert end is not None
    assert end > start
    assert CALENDAR.day(end).working
    assert end not in set(_days_of(stops))


@given(rolled, starts, closed_stops)
def test_joining_stops_twice_changes_nothing(
    a_limit: Limit, start: date, stops: list[Stop]
) -> None:
    once = join_stops(stops, after=start)
    again = [Stop("stop", span.reason, span.first, span.last) for span in once]
    assert join_stops(again, after=start) == once
    assert join_stops(stops + stops, after=start) == once
    assert count(a_limit, start, again, CALENDAR) == count(a_limit, start, stops, CALENDAR)


@given(st.integers(1, 59), st.sampled_from(["wd", "cd"]), starts, closed_stops)
def test_a_longer_limit_never_ends_earlier(
    n: int, unit: Unit, start: date, stops: list[Stop]
) -> None:
    shorter = count(limit(n, unit), start, stops, CALENDAR).due
    longer = count(limit(n + 1, unit), start, stops, CALENDAR).due
    assert shorter is not None
    assert longer is not None
    assert longer > shorter if unit == "wd" else longer >= shorter


@given(rolled, starts, closed_stops)
def test_stops_never_shorten(a_limit: Limit, start: date, stops: list[Stop]) -> None:
    without = count(a_limit, start, (), CALENDAR).due
    end = count(a_limit, start, stops, CALENDAR).due
    assert without is not None
    assert end is not None
    assert end >= without


@given(st.integers(1, 60), starts, st.integers(1, 60), st.integers(0, 40))
def test_what_was_left_is_what_is_counted_after_resuming(
    n: int, start: date, opened: int, length: int
) -> None:
    first = start + opened * DAY
    paused = count(limit(n, "wd"), start, [Stop("stop", "听证", first, None)], CALENDAR)
    last = first + length * DAY
    resumed = count(limit(n, "wd"), start, [Stop("stop", "听证", first, last)], CALENDAR)
    if paused.due is None:
        assert paused.remaining is not None
        assert resumed.due == count(limit(paused.remaining, "wd"), last, (), CALENDAR).due
    else:
        assert paused.due == resumed.due < first


@given(rolled, starts, closed_stops)
def test_survives_json(a_limit: Limit, start: date, stops: list[Stop]) -> None:
    derived = count(a_limit, start, stops, CALENDAR)
    assert Derivation.from_json(json.loads(json.dumps(derived.to_json()))) == derived
