"""Terms of repair (信用修复的期限) under both regimes and at the change-over, by hand.

令58 holds for decisions to 2026-03-31, 令36 for those from 2026-04-01. An end on a rest day stays.
"""

from __future__ import annotations

from datetime import date

import pytest

from casework.rules.counting import WorkCalendar, count
from rulebook.models import Limit, parse_as
from rulebook.shipped import shipped_editions

EDITIONS = shipped_editions()
CALENDAR = WorkCalendar(e for e in EDITIONS if e.kind == "calendar")

# decided on, class, last day of the least term, last day of the longest term, the rule
TABLE = """
2024-02-29 general 2024-05-29 2027-02-28 令第58号
2025-11-30 general 2026-02-28 2028-11-30 令第58号
2026-03-31 general 2026-06-30 2029-03-31 令第58号
2026-04-01 general 2026-07-01 2027-04-01 令第36号
2026-03-31 serious 2027-03-31 2029-03-31 令第58号
2026-04-01 serious 2027-04-01 2029-04-01 令第36号
2026-04-01 minor 2026-04-02 2026-07-01 令第36号
2026-08-31 general 2026-11-30 2027-08-31 令第36号
2026-09-01 promise 2026-12-01 2029-09-01 国办发〔2020〕42号
2026-09-01 false_material 2027-09-01 2029-09-01 令第36号
""".strip().splitlines()


def limit(key: str, on: date) -> Limit:
    [edition] = [
        e
        for e in EDITIONS
        if (e.kind, e.key) == ("limit", key)
        and e.valid_from <= on
        and (e.valid_to is None or on <= e.valid_to)
    ]
    return parse_as(Limit, edition.content)


@pytest.mark.parametrize("row", TABLE)
def test_terms(row: str) -> None:
    decided, category, least, longest, law = row.split()
    on = date.fromisoformat(decided)
    minimum, publicity = (
        limit(f"repair.{what}.{category}", on) for what in ("minimum", "publicity")
    )
    assert count(minimum, on, (), CALENDAR).due == date.fromisoformat(least)
    assert count(publicity, on, (), CALENDAR).due == date.fromisoformat(longest)
    assert law in minimum.law


@pytest.mark.parametrize("category", ["general", "serious"])
def test_before_the_first_regime_there_is_none(category: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        limit(f"repair.minimum.{category}", date(2023, 4, 30))
    assert limit(f"repair.minimum.{category}", date(2023, 5, 1))


def test_training_is_never_a_condition_of_the_national_channel() -> None:
    [key] = [e for e in EDITIONS if (e.kind, e.key) == ("key", "repair.require_training")]
    assert key.content["value"] == {"department": True, "national": False}
