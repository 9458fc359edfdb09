"""What somebody wants to see in a list of cases (列表条件), checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from casework.common.problems import BadInput
from casework.common.timekeeping import far_off
from casework.rules.counting import CalendarUnknown, WorkCalendar
from state_machines.language.vocabulary import Process

Queue = Literal["mine_to_do", "open"]
Due = Literal["late", "late_3", "late_10", "late_more", "today", "week", "later", "none"]
Part = Literal["own", "joint"]
Sort = Literal["due", "opened", "party"]
NOBODY = "-"  # no account bears this name
NEVER = date(9999, 12, 31)  # the last day of what has none
_LABELS: dict[Any, str] = {Queue: "列表", Due: "期限", Part: "案件范围", Sort: "排序"}
_DAY = timedelta(days=1)
_SHORT, _LONG = 3, 10  # working days by which the late are told apart


@dataclass(frozen=True)
class Days:
    """From a day to another, both included; None is without end."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return bool(self.first or self.last)

    def __contains__(self, day: date) -> bool:
        return (self.first or date.min) <= day <= (self.last or date.max)


ALWAYS = Days()


@dataclass(frozen=True)
class Wanted:
    """Which cases, and in which order.

    `queue`: `mine_to_do` those that wait for a role held now, `open` those that have not ended,
    None all. `due` is how near the last day is, of open cases only; `q` what was typed (`finding`).
    `officer` is the account of a handler (`NOBODY`: none was named), `mine` that the reader is one.
    `part`: cases of the reader's own authority, or those of others in which it takes part.
    `licences`: whether those of licences are among them.
    `opened`, `ended` and `breached` are days of filing, of the end and of a limit's breach.
    Without a `sort` a queue is by urgency, and all cases are newest first.
    """

    queue: str | None = None
    process: str | None = None
    state: str | None = None
    q: str | None = None
    due: str | None = None
    officer: str | None = None
    mine: bool = False
    matter: str | None = None
    part: str | None = None
    licences: bool = True
    opened: Days = ALWAYS
    ended: Days = ALWAYS
    breached: Days = ALWAYS
    sort: str | None = None

    @property
    def of_open(self) -> bool:
        """Whether only cases that have not ended are wanted."""
        return bool(self.queue or self.due or self.sort == "due")


ALL = Wanted()


def checked(wanted: Wanted, today: date) -> Wanted:
    """The same, if each choice is one that there is and each day can be meant. Raises BadInput."""
    for field, given, choices in (
        ("queue", wanted.queue, Queue),
        ("due", wanted.due, Due),
        ("part", wanted.part, Part),
        ("sort", wanted.sort, Sort),
    ):
        if given is not None and given not in get_args(choices):
            what, known = _LABELS[choices], "、".join(get_args(choices))
            raise bad(field, f"没有名为“{given}”的{what}，可选：{known}")
    for field, days in (("opened", wanted.opened), ("ended", wanted.ended)):
        for end in ("first", "last"):
            day = getattr(days, end)
            if day and (why := far_off(day, today)):
                raise bad(f"{field}_{'from' if end == 'first' else 'to'}", why)
        if days.first and days.last and days.first > days.last:
            raise bad(f"{field}_from", "起始日期晚于截止日期")
    return wanted


def bad(field: str, text: str) -> BadInput:
    """What is wrong with one thing that was asked for."""
    return BadInput(text, [{"field": field, "label": "", "text": text}])


def matters_of(process: Process) -> list[str]:
    """The matters that a process is about, those of its tracks among them."""
    found = {process.matter, *(track.matter for track in process.tracks)}
    return sorted(matter for matter in found if matter)


def near_spans(today: date) -> dict[str, Days]:
    """Between which days the last day lies of what is late, due today and later this week, which
    ends on Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    return {
        "late": Days(None, today - _DAY),
        "today": Days(today, today),
        "week": Days(today + _DAY, sunday),
    }


def spans(today: date, calendar: WorkCalendar) -> dict[str, Days]:
    """Between which days the last day of a limit lies, by `Due`. How late something is, is counted
    in working days (late_3: at most three, late_10: at most ten)."""
    near = near_spans(today)
    short, long = _working_days_back(today, calendar)
    return {
        **near,
        "late_3": Days(short, today - _DAY),
        "late_10": Days(long, short - _DAY),
        "late_more": Days(None, long - _DAY),
        "later": Days((near["week"].last or today) + _DAY, NEVER - _DAY),
        "none": Days(NEVER, NEVER),
    }


def _working_days_back(today: date, calendar: WorkCalendar) -> tuple[date, date]:
    """The earliest last days that are late by at most three, and by at most ten working days."""
    back = (day for day in _back_from(today) if _works(day, calendar))
    found = [next(back) for _ in range(_LONG + 1)]
    return found[_SHORT], found[_LONG]


def _works(day: date, calendar: WorkCalendar) -> bool:
    try:
        return calendar.day(day).working
    except CalendarUnknown:  # only says how a list is divided: no limit is counted by it
        return day.weekday() < 5


def _back_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day -= _DAY
