"""The rating table as shipped (信用等级评价): each line on both sides of its edges, each grade."""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.models import RatingTable, parse_as
from rulebook.shipped import shipped_editions
from state_machines.credit.rating import Remembered, advice, rate

TODAY = date(2026, 9, 1)
TABLE = next(
    parse_as(RatingTable, e.content) for e in shipped_editions() if e.kind == "rating_table"
)


def events(*kinds: str, on: date = TODAY, until: date | None = None) -> list[Remembered]:
    return [Remembered(kind, on, until) for kind in kinds]


def score(*kinds: str, on: date = TODAY) -> int:
    return rate(TABLE, events(*kinds, on=on), TODAY).score


# By hand: kind, points of one, points of the most, how many reach it, last day that counts.
LINES = [
    ("promise_kept", 10, 20, 2, date(2023, 9, 2)),
    ("training_passed", 5, 5, 1, date(2025, 9, 2)),
    ("credit_repaired", 5, 5, 1, date(2025, 9, 2)),
    ("deferral_lapsed", -5, -15, 3, date(2025, 9, 2)),
    ("promise_broken", -15, -30, 2, date(2023, 9, 2)),
    ("promise_false", -25, -50, 2, date(2023, 9, 2)),
    ("licence_revoked", -10, -20, 2, date(2023, 9, 2)),
    ("penalised_minor", -5, -10, 2, date(2026, 6, 2)),
    ("penalised_general", -10, -20, 2, date(2025, 9, 2)),
    ("penalised", -10, -20, 2, date(2025, 9, 2)),
    ("penalised_serious", -25, -50, 2, date(2023, 9, 2)),
    ("penalised_repeatedly", -10, -20, 2, date(2024, 9, 2)),
    ("fine_overdue", -5, -10, 2, date(2025, 9, 2)),
]


@pytest.mark.parametrize(("kind", "one", "most", "number", "last"), LINES)
def test_a_line_counts_each_event_up_to_its_most(
    kind: str, one: int, most: int, number: int, last: date
) -> None:
    assert score() == 80
    assert score(kind) == 80 + one
    assert score(*[kind] * number) == 80 + most
    assert score(*[kind] * (number + 1)) == 80 + most


@pytest.mark.parametrize(("kind", "one", "most", "number", "last"), LINES)
def test_a_line_counts_as_long_as_it_says_and_not_a_day_longer(
    kind: str, one: int, most: int, number: int, last: date
) -> None:
    assert score(kind, on=last) == 80 + one
    assert score(kind, on=date.fromordinal(last.toordinal() - 1)) == 80
    assert score(kind, on=date(2026, 9, 2)) == 80  # what is to come


def test_what_the_file_has_ended_counts_no_more() -> None:
    ended = events("promise_broken", until=date(2026, 8, 31))
    last_day = events("promise_broken", until=TODAY)
    assert rate(TABLE, ended, TODAY).score == 80
    assert rate(TABLE, last_day, TODAY).score == 65


def test_every_line_of_the_table_is_tried_here() -> None:
    assert {kind for line in TABLE.lines for kind in line.kinds} == {row[0] for row in LINES}


# One worked file a grade, and both sides of each edge. 80 to begin with.
WORKED = [
    # 80 + 10 (a kept promise) = 90, the least for A
    (["promise_kept"], "A", 90, "B"),
    # 80 + 10 + 5 (training) = 95: five above the edge, so not near it
    (["promise_kept", "training_passed"], "A", 95, ""),
    # 80 + 5 (training) = 85, short of A
    (["training_passed"], "B", 85, ""),
    # 80 - 5 - 5 (papers late twice) = 70, the least for B, so near C
    (["deferral_lapsed"] * 2, "B", 70, "C"),
    # 80 - 15 (a broken promise) = 65: five above D
    (["promise_broken"], "C", 65, ""),
    # 80 - 15 - 5 = 60, the least for C
    (["promise_broken", "deferral_lapsed"], "C", 60, "D"),
    # 80 - 15 - 10 (and revoked) = 55
    (["promise_broken", "licence_revoked"], "D", 55, ""),
    # 80 - 10 + 10 + 5 + 5: a penalty of the middle class can be made good, and is A again
    (["penalised_general", "promise_kept", "training_passed", "credit_repaired"], "A", 90, "B"),
    # 80 - 5 (a small one) = 75: five above C, so not near it
    (["penalised_minor"], "B", 75, ""),
    # 80 - 10 = 70, the least for B
    (["penalised_general"], "B", 70, "C"),
    # 80 - 10 - 5 (paid too late) = 65
    (["penalised_general", "fine_overdue"], "C", 65, ""),
    # 80 - 10 - 10 = 60, the least for C
    (["penalised_general", "penalised_repeatedly"], "C", 60, "D"),
    # 80 - 25 = 55
    (["penalised_serious"], "D", 55, ""),
]


@pytest.mark.parametrize(("kinds", "grade", "points", "warning"), WORKED)
def test_grades(kinds: list[str], grade: str, points: int, warning: str) -> None:
    found = rate(TABLE, events(*kinds), TODAY)
    assert (found.grade.grade, found.score, found.warning) == (grade, points, warning)
    assert found.score == 80 + sum(line.points for line in found.lines)


def test_a_veto_is_the_lowest_grade_whatever_the_points() -> None:
    found = rate(TABLE, events("promise_kept", "promise_kept", "repair_false_material"), TODAY)
    assert (found.grade.grade, found.score, found.veto) == ("D", 100, "repair_false_material")


def test_advice_names_what_can_be_put_right_and_what_is_not_done_yet() -> None:
    found = rate(TABLE, events("promise_broken", "training_passed"), TODAY)
    told = advice(TABLE, found)
    assert any("信用修复" in line and "15分" in line for line in told)
    assert any("履行告知承诺" in line and "20分" in line for line in told)
    assert not any("信用培训" in line for line in told)
