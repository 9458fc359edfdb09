"""How pages read and write dates, and how urgent one is (日期与紧急程度)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from casework.common.problems import bad_field
from casework.common.timekeeping import ZONE
from casework.deadlines.next_day import NextDay

_SOON = 3  # days


@dataclass(frozen=True)
class Badge:
    """A date's urgency: the style says it in colour, the text in words."""

    style: str
    text: str


def read_day(text: str, field: str, label: str) -> date | None:
    """The day that was typed into a field; None if it was left empty. Raises BadInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_field(field, label, "应为日期，如 2026-01-05") from None


def read_needed_day(text: str, field: str, label: str) -> date:
    """The day that was typed into a field that must be filled in. Raises BadInput."""
    if (day := read_day(text, field, label)) is None:
        raise bad_field(field, label, "请填写日期")
    return day


def as_date(day: date | datetime | str | None) -> str:
    """A day as 2026-01-05; an instant as its day in Shanghai; nothing as a dash."""
    if not day:
        return "—"
    if isinstance(day, str):
        day = datetime.fromisoformat(day)
    if isinstance(day, datetime):
        day = day.astimezone(ZONE).date() if day.tzinfo else day.date()
    return day.isoformat()


def as_moment(instant: datetime | str) -> str:
    """An instant as Shanghai's clocks show it: 2026-01-05 09:30."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant)
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def due_badge(due: date | None, today: date, status: str = "running") -> Badge:
    """How urgent a due date is; `status` is that of a clock's run."""
    if status == "ended":
        return Badge("due-none", "已结束")
    if status == "stopped":
        return Badge("due-none", "已中止计时")
    if due is None:
        return Badge("due-none", "无期限")
    left = (due - today).days
    if left < 0:
        return Badge("due-late", f"已超期 {-left} 天")
    if left == 0:
        return Badge("due-today", "今天到期")
    if left <= _SOON:
        return Badge("due-soon", f"还剩 {left} 天")
    return Badge("due-calm", f"还剩 {left} 天")


def day_badge(one: NextDay, today: date) -> Badge:
    """How near a day is that the party must know: calm until it begins to press."""
    left = (one.day - today).days
    if one.passed or left < 0:
        return Badge("due-late", f"已过 {-left} 天")
    if left == 0:
        return Badge("due-today", "就在今天")
    return Badge("due-soon" if today >= one.pressing_from else "due-calm", f"还剩 {left} 天")


def as_hour(at: datetime) -> str:
    """An instant as its hour and minute in Shanghai."""
    return f"{at.astimezone(ZONE):%H:%M}"


def as_day_and_hour(at: datetime) -> str:
    """An instant as 11月30日14:32 in Shanghai."""
    here = at.astimezone(ZONE)
    return f"{here.month}月{here.day}日{as_hour(at)}"
