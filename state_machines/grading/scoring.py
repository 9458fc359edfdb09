"""Grading of places (卫生监督量化分级): points for objective items, each explained, and the grade.

Pure: the same marks and table give the same grade. It is about a place, and has nothing to do with
the rating of its party (`rating`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulebook.models import GradingGrade, GradingTable


@dataclass(frozen=True)
class Mark:
    """What officers gave for an item: so many points, or None where the place has none of it."""

    item: str
    points: int | None
    finding: str = ""


@dataclass(frozen=True)
class Line:
    """One item of the sheet: what it is worth, and what it got; None: left out (合理缺项)."""

    key: str
    part: str
    text: str
    law: str
    most: int
    points: int | None
    vital: bool
    finding: str

    @property
    def fails(self) -> bool:
        """Whether it is a vital item (关键项) that is not met."""
        return self.vital and self.points == 0


@dataclass(frozen=True)
class Graded:
    """A score line by line: `got` of `most` points that apply, as a `score` of a hundred with the
    fraction cut off. `grade` is None if the place gets none: below the lowest, or by `vetoes`, the
    vital items not met."""

    grade: GradingGrade | None
    score: int
    got: int
    most: int
    lines: tuple[Line, ...]
    vetoes: tuple[str, ...]


def lines_for(table: GradingTable, kind: str, marks: Sequence[Mark] = ()) -> tuple[Line, ...]:
    """The sheet for a kind of place, in the order of the table; an item without a mark has none."""
    given = {mark.item: mark for mark in marks}
    blank = Mark("", None)
    return tuple(
        Line(
            item.key,
            part.label,
            item.text,
            item.law,
            item.points,
            given.get(item.key, blank).points,
            item.vital,
            given.get(item.key, blank).finding,
        )
        for part in table.parts_for(kind)
        for item in part.items
    )


def grade(table: GradingTable, kind: str, marks: Sequence[Mark]) -> Graded:
    """The grade that marks come to. What is left out counts on neither side."""
    lines = lines_for(table, kind, marks)
    got = sum(line.points or 0 for line in lines)
    most = sum(line.most for line in lines if line.points is not None)
    vetoes = tuple(line.text for line in lines if line.fails)
    reached = None
    if most and not vetoes:
        # Compared as whole numbers: what is a hair below a line is below it.
        reached = next(
            (
                grading_grade
                for grading_grade in table.grades
                if got * 100 >= grading_grade.least * most
            ),
            None,
        )
    return Graded(reached, got * 100 // most if most else 0, got, most, lines, vetoes)


def faults(table: GradingTable, kind: str, marks: Sequence[Mark]) -> tuple[str, ...]:
    """What is wrong with a sheet, item by item: unknown, doubled or without a mark, more points
    than it is worth, a vital item half met, one left out that must not be, points taken without
    saying what was found."""
    known = {item.key: item for part in table.parts_for(kind) for item in part.items}
    said = [mark.item for mark in marks]
    wrong = [f"没有项目“{key}”" for key in dict.fromkeys(said) if key not in known]
    for key, item in known.items():
        of_item = [mark for mark in marks if mark.item == key]
        if not of_item:
            wrong.append(f"“{item.text}”没有评分")
            continue
        if len(of_item) > 1:
            wrong.append(f"“{item.text}”重复评分")
        points = of_item[0].points
        if points is None:
            if not item.optional:
                wrong.append(f"“{item.text}”不能作为合理缺项")
        elif not 0 <= points <= item.points:
            wrong.append(f"“{item.text}”应为0至{item.points}分，填写的是{points}分")
        elif item.vital and points not in (0, item.points):
            wrong.append(f"※“{item.text}”是关键项，只能评0分或者{item.points}分")
        elif points < item.points and not of_item[0].finding.strip():
            wrong.append(f"“{item.text}”扣分的，应写明现场情况")
    return tuple(wrong)
