"""Talks with parties whose grade fell (信用约谈)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class GradeHeld:
    """The party's grade of that day, what it is called, and whether it asks for a talk."""

    grade: str
    label: str
    talk: bool


@dataclass(frozen=True)
class TalkDay:
    """The day a talk is set for, and the day of the act."""

    on: date
    today: date
