"""Instants and legal dates. `now` is injected; nothing else reads the machine's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_FIRST_YEAR, _YEARS_AHEAD = 1949, 10
# Machines that keep their time by NTP differ by less than a second, others by a few minutes.
CLOCKS_APART = timedelta(minutes=5)


class Timekeeper(Protocol):
    """Whoever tells the time."""

    def now(self) -> datetime:
        """The present instant, with its zone."""


class SystemTime:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def legal_date(instant: datetime) -> date:
    """The day in Shanghai on which an instant falls."""
    return instant.astimezone(ZONE).date()


def far_off(day: date, today: date) -> str:
    """Why a day cannot be meant, whatever it is of: before the authorities there are, or more than
    ten years ahead; `""` if it can."""
    last = today.year + _YEARS_AHEAD
    if _FIRST_YEAR <= day.year <= last:
        return ""
    return f"年份应在{_FIRST_YEAR}年至{last}年之间，请核对"


def in_chinese(day: date) -> str:
    """A day as letters and pages write it: `2026年9月1日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def to_the_second(instant: datetime) -> str:
    """An instant as it is told apart from another of the same day: `2026-09-01 09:30:05`."""
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def start_of(day: date) -> datetime:
    """The first instant of a day in Shanghai."""
    return datetime.combine(day, time.min, ZONE)


def end_of(day: date) -> datetime:
    """The instant at which a day in Shanghai is over: what was due on it is now too late."""
    return start_of(day + timedelta(days=1))
