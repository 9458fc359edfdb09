"""Grading of places (量化分级): the sheet, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SheetFaults:
    """What is wrong with the marks that are entered, item by item."""

    found: tuple[str, ...]


@dataclass(frozen=True)
class DrawnOfficers:
    """Of a random check: the number of its draw, whether there is such a draw of this place, and by
    name who is to be sent besides those drawn, and who of them is not. `hash` is that of the draw.
    Of any other check the number is `""`."""

    number: str
    known: bool
    besides: tuple[str, ...]
    missing: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class GradeReached:
    """The grade that the latest sheet comes to (`""`: none), its score of a hundred, the vital
    items not met, and the edition of the table it was calculated by."""

    grade: str
    score: int
    vetoes: tuple[str, ...]
    least: int
    edition: str
