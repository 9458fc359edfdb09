"""Training and exam (信用培训考试): the paper drawn, sittings, marks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExamPaper:
    """The paper (试卷) that a sitting is given: the seed it is drawn by, and its questions."""

    seed: str
    questions: tuple[str, ...]
    wanted: int


@dataclass(frozen=True)
class Sittings:
    """How often the exam was sat today, and how often it may be in one day."""

    today: int
    most: int


@dataclass(frozen=True)
class Marks:
    """How many questions of the paper were answered right, and the per cent that is a pass."""

    right: int
    asked: int
    pass_mark: int

    @property
    def passed(self) -> bool:
        """Whether the mark is reached: exactly the pass mark is a pass."""
        return self.asked > 0 and self.right * 100 >= self.pass_mark * self.asked
