"""What a public notice is judged by (公示): its time, the comments made, and the text made public.

`law` is the article under which the notice is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class NoticeTime:
    """The first and last day of the notice, None if none was given; whether the act comes after
    its beginning, and after its end."""

    since: date | None
    until: date | None
    begun: bool
    over: bool
    law: str


@dataclass(frozen=True)
class OpenComments:
    """How many comments of the present notice were not answered."""

    number: int
    law: str


@dataclass(frozen=True)
class AnswerTime:
    """Of what is on notice: how many comments were not answered, the last day for that, and whether
    the act comes after it."""

    on_notice: bool
    open: int
    until: date | None
    over: bool
    law: str


@dataclass(frozen=True)
class AnswersGiven:
    """What the step answers though nobody made that comment, or it was answered before."""

    unknown: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class PublicText:
    """Whether a text (`label` of the item) was handed in after the latest notice began."""

    changed: bool
    label: str
    law: str
