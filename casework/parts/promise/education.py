"""Pre-licence education (准入前诚信教育): which questions are asked in which case."""

from __future__ import annotations

from hashlib import sha256

from rulebook.models import Question, Quiz


def drawn(quiz: Quiz, seed: str) -> tuple[Question, ...]:
    """The questions asked, drawn by `seed` (the number of the case): the same whenever asked."""

    def lot(question: Question) -> str:
        return sha256(f"{seed}/{question.key}".encode()).hexdigest()

    return tuple(sorted(quiz.questions, key=lot)[: quiz.asked])
