"""Grading of places (量化分级): the sheet, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SheetFaults:
    """What is wrong with the marks that are entered, item by item."""

    found: tuple[str, ...]


@dataclass(frozen=True)
class GradeReached:
    """The grade that the latest sheet comes to (`""`: none), its score of a hundred, the vital
    items not met, and the edition of the table it was reckoned by."""

    grade: str
    score: int
    vetoes: tuple[str, ...]
    least: int
    edition: str
