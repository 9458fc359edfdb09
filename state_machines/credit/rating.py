"""Rating (信用等级评价): points for objective items, each explained, from events alone.

Pure: the same events, table and day give the same rating, whenever it is calculated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rulebook.models import RatingGrade, RatingTable


@dataclass(frozen=True)
class Remembered:
    """An event as far as a rating goes: its kind, its date, and the last day on which it counts
    for the file (None: no end). What was repaired or corrected is left out by whoever asks."""

    kind: str
    on: date
    until: date | None


@dataclass(frozen=True)
class Line:
    """What one item of the table gave: how many events, and their points after the limit."""

    key: str
    label: str
    law: str
    events: int
    points: int


@dataclass(frozen=True)
class Rating:
    """A grade with its points, line by line. `veto` names the kind of event that made it the
    lowest; `warning` is the grade that is near below, if it is."""

    grade: RatingGrade
    score: int
    lines: tuple[Line, ...]
    veto: str
    warning: str


def rate(table: RatingTable, events: Sequence[Remembered], on: date) -> Rating:
    """The rating as of a day."""
    counted = [
        event for event in events if event.on <= on and (event.until is None or on <= event.until)
    ]
    lines = []
    for item in table.lines:
        first = _months_before(on, item.months)
        number = sum(one.kind in item.kinds and one.on > first for one in counted)
        points = item.points * number
        points = max(-item.most, min(item.most, points))
        lines.append(Line(item.key, item.label, item.law, number, points))
    score = table.begin + sum(line.points for line in lines)
    veto = next((one.kind for one in counted if one.kind in table.veto), "")
    at = len(table.grades) - 1
    if not veto:
        at = next((n for n, grade in enumerate(table.grades) if score >= grade.least), at)
    below = table.grades[at + 1] if at + 1 < len(table.grades) else None
    near = below is not None and score - table.near < table.grades[at].least
    return Rating(
        table.grades[at], score, tuple(lines), veto, below.grade if near and below else ""
    )


def advice(table: RatingTable, rating: Rating) -> tuple[str, ...]:
    """What would raise a rating: what was done wrong and can be repaired, what is not done yet."""
    limits = {item.key: item for item in table.lines}
    wanted = []
    for line in rating.lines:
        item = limits[line.key]
        open_gain = item.points > 0 and line.points < item.most
        if item.advice and (open_gain or line.points < 0):
            gain = item.most - line.points if open_gain else -line.points
            wanted.append(f"{item.advice}（{item.label}，最多可加{gain}分）")
    return tuple(dict.fromkeys(wanted))


def _months_before(day: date, months: int) -> date:
    """The day so many months back; an event on that very day does not count any more."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"no day {months} months before {day}")
