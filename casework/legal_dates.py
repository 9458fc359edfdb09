"""The legal date of an act (办理日期), as against the time at which it is entered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from casework.models import Case
from casework.problems import BadDate, ClockBehind
from casework.timekeeping import legal_date, start_of, to_the_second
from state_machines.vocabulary import Process

# Machines that keep their time by NTP differ by less than a second, others by a few minutes.
_CLOCKS_APART = timedelta(minutes=5)


def entry_time(now: datetime, cases: Iterable[Case]) -> datetime:
    """When an act on one of these related cases is entered: now, or at the instant of the last act
    on them if this machine's clock is a little behind the one that told it.

    The order of acts is that of the log, not that of clocks. Raises ClockBehind if the last act is
    so far ahead that one of the two clocks must be wrong.
    """
    last = max((case.effective_at for case in cases), default=now)
    if last - now > _CLOCKS_APART:
        raise ClockBehind(
            f"本案最近一次办理的时间是 {to_the_second(last)}，而服务器现在的时间是"
            f" {to_the_second(now)}，相差超过 {_CLOCKS_APART.seconds // 60} 分钟，"
            "必有一个有误，没有办理任何事项。请系统管理员核对各服务器的时钟（NTP 对时）后再办理"
        )
    return max(now, last)


def legal_instant(given: date | datetime | None, now: datetime, case: Case | None) -> datetime:
    """The legal instant of an act on `case`, or of opening one (`None`).

    Without a date it is now. A bare date keeps the order of acts within that day.
    Raises BadDate for the future, before the case was opened, before what was decided on it.
    """
    at = _instant(given, now, case)
    if at > now:
        raise BadDate("办理日期不能晚于今天")
    if case is not None and at < case.opened_at:
        raise _too_early(at, case.opened_at, "立案")
    if case is not None and at < case.effective_at:
        raise _too_early(at, case.effective_at, "本案已办理事项的")
    return at


def _too_early(at: datetime, last: datetime, what: str) -> BadDate:
    if legal_date(at) == legal_date(last):
        return BadDate(f"办理时间不能早于{what}时间 {to_the_second(last)}，当日办理的可以不填时间")
    return BadDate(f"办理日期不能早于{what}日期 {legal_date(last):%Y-%m-%d}")


def act_instant(
    given: date | datetime | None,
    now: datetime,
    case: Case,
    process: Process,
    step: str,
    input: Any,
) -> datetime:
    """The legal instant of taking a step: as given, or on the day that its form tells (`dated_by`).

    What happened on that day may become known after later acts: then it follows them.
    Raises BadDate as `legal_instant` does.
    """
    told = _told(process, step, input) if given is None else None
    if told is None:
        return legal_instant(given, now, case)
    if told > legal_date(now):
        raise BadDate("办理日期不能晚于今天")
    return legal_instant(max(told, legal_date(case.effective_at)), now, case)


def _told(process: Process, step: str, input: Any) -> date | None:
    """The day that the form of a step tells; whatever is wrong with it is for the form's judge."""
    declared = next((one for one in process.every_step if one.name == step), None)
    if declared is None or not declared.dated_by or not isinstance(input, dict):
        return None
    try:
        return date.fromisoformat(input.get(declared.dated_by))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _instant(given: date | datetime | None, now: datetime, case: Case | None) -> datetime:
    if given is None:
        return now
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise BadDate("办理时间须带时区，例如 2026-01-05T09:30:00+08:00")
        return given
    if given == legal_date(now):
        return now
    if case is not None and given == legal_date(case.effective_at):
        return case.effective_at
    return start_of(given)
