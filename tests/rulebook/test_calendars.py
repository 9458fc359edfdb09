"""The decreed calendars against the notices, the provisional ones against what is known of them."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from rulebook.models import CalendarYear, parse_as
from rulebook.shipped import shipped_editions

EDITIONS = [e for e in shipped_editions() if e.kind == "calendar"]
YEARS = {rule.year: rule for rule in (parse_as(CalendarYear, e.content) for e in EDITIONS)}
PROVISIONAL = [rule for rule in YEARS.values() if not rule.decreed]


def days(*spans: str) -> set[date]:
    found = set()
    for span in spans:
        first, _, last = span.partition("/")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            found.add(day)
            day += timedelta(days=1)
    return found


def test_one_edition_a_year_without_a_gap() -> None:
    assert [e.valid_from.year for e in EDITIONS] == list(range(2018, 2018 + len(EDITIONS)))
    for edition in EDITIONS:
        year = edition.content["year"]
        assert (edition.valid_from, edition.valid_to) == (date(year, 1, 1), date(year, 12, 31))


def test_2025_as_decreed() -> None:
    year = YEARS[2025]
    assert year.decreed
    assert set(year.rest_days) == days(
        "2025-01-01",
        "2025-01-28/2025-02-04",
        "2025-04-04/2025-04-06",
        "2025-05-01/2025-05-05",
        "2025-05-31/2025-06-02",
        "2025-10-01/2025-10-08",
    )
    assert set(year.work_days) == days(
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"
    )


def test_2026_as_decreed() -> None:
    year = YEARS[2026]
    assert year.decreed
    assert set(year.rest_days) == days(
        "2026-01-01/2026-01-03",
        "2026-02-15/2026-02-23",
        "2026-04-04/2026-04-06",
        "2026-05-01/2026-05-05",
        "2026-06-19/2026-06-21",
        "2026-09-25/2026-09-27",
        "2026-10-01/2026-10-07",
    )
    assert set(year.work_days) == days(
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"
    )


def test_reasons_are_chinese() -> None:
    year = YEARS[2026]
    assert year.rest_days[date(2026, 2, 17)] == "春节"
    assert year.rest_days[date(2026, 1, 2)] == "元旦调休"
    assert year.work_days[date(2026, 10, 10)] == "调休上班"
    for reason in (reason for rule in YEARS.values() for reason in rule.rest_days.values()):
        assert not reason.isascii()


def test_two_provisional_years_follow_the_decreed() -> None:
    last = max(rule.year for rule in YEARS.values() if rule.decreed)
    assert {last + 1, last + 2} <= {rule.year for rule in PROVISIONAL}


@pytest.mark.parametrize("rule", PROVISIONAL, ids=lambda rule: str(rule.year))
class TestProvisionalYear:
    """国务院令第795号: thirteen statutory days, nothing swapped."""

    def test_thirteen_days(self, rule: CalendarYear) -> None:
        names = [name for reason in rule.rest_days.values() for name in reason.split("、")]
        counted = {name: names.count(name) for name in names}
        assert counted == {
            "元旦": 1,
            "春节（除夕）": 1,
            "春节": 3,
            "清明节": 1,
            "劳动节": 2,
            "端午节": 1,
            "中秋节": 1,
            "国庆节": 3,
        }
        assert rule.work_days == {}

    def test_spring_festival_is_four_days_running(self, rule: CalendarYear) -> None:
        spring = sorted(day for day, name in rule.rest_days.items() if name.startswith("春节"))
        assert rule.rest_days[spring[0]] == "春节（除夕）"
        assert spring[-1] - spring[0] == timedelta(days=3)

    def test_qingming_is_the_solar_term(self, rule: CalendarYear) -> None:
        [qingming] = [day for day, name in rule.rest_days.items() if name == "清明节"]
        april = (date(rule.year, 4, 1), date(rule.year, 4, 10))
        terms = dict(chinese_calendar.get_solar_terms(*april))
        assert terms[qingming] == "清明"

    def test_lunar_months_lie_between_the_festivals(self, rule: CalendarYear) -> None:
        # A lunar month has 29 or 30 days; the festivals are 1/1, 5/5 and 8/15 of the lunar year.
        first = min(day for day, name in rule.rest_days.items() if name == "春节")
        dragon = next(day for day, name in rule.rest_days.items() if name == "端午节")
        autumn = next(day for day, name in rule.rest_days.items() if "中秋节" in name)
        month = 29.5306
        months_to_dragon = ((dragon - first).days - 4) / month
        months_to_autumn = ((autumn - dragon).days - 10) / month
        assert months_to_dragon == pytest.approx(round(months_to_dragon), abs=0.05)
        assert months_to_autumn == pytest.approx(round(months_to_autumn), abs=0.05)
        assert round(months_to_dragon) in (4, 5)
        assert round(months_to_autumn) in (3, 4)
