"""Asking before what cannot be taken back (办理前确认): a second page that carries what was posted.

One pattern for all, and without scripts: the page says what follows, and holds what was typed once
more, to be confirmed or mended. It needs no file: what is uploaded is stored on its own, before.
The API is not asked: whoever sends a step there means it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import Response

from api.html.form_fields import MORE
from api.html.site import SECRET, Visit

CONFIRMED = "_confirmed"  # the question was answered
AGAIN = "_again"  # shown again as it was filled in, to be mended
ALL = "_all"  # everything on the list is ticked, because somebody asked for that
OUR_OWN = frozenset({SECRET, "_version", "_key", CONFIRMED, AGAIN, ALL, "_preview", MORE})


@dataclass(frozen=True)
class Question:
    """What is about to be done: `follows` says what comes of it, `rows` to what it is done (under
    `heads`), `told` what was filled in for all of them."""

    title: str
    follows: Sequence[str]
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    told: Sequence[tuple[str, str]] = ()


def answered(visit: Visit) -> bool:
    """Whether the visitor was asked and has confirmed."""
    return bool(visit.posted.text(CONFIRMED))


def carried(visit: Visit) -> list[tuple[str, str]]:
    """What was posted, to be sent once more."""
    return [
        (name, value)
        for name, values in visit.posted.values.items()
        if name not in OUR_OWN
        for value in values
    ]


def ask(visit: Visit, question: Question, **stored: str) -> Response:
    """The question; its answer comes to the same address, with what was stored of a file."""
    kept = [(name, value) for name, value in carried(visit) if name not in stored]
    return visit.page("ask.html", question=question, kept=[*kept, *stored.items()])
