"""The legal date of an act (办理日期), as against the time at which it is entered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from casework.models import Case
from casework.problems import BadDate
from casework.timekeeping import legal_date, start_of
from state_machines.vocabulary import Process


def legal_instant(given: date | datetime | None, now: datetime, case: Case | None) -> datetime:
    """The legal instant of an act on `case`, or of opening one (`None`).

    Without a date it is now. A bare date keeps the order of acts within that day.
    Raises BadDate for the future, before the case was opened, before what was decided on it.
    """
    at = _instant(given, now, case)
    if at > now:
        raise BadDate("办理日期不能晚于今天")
    if case is not None and at < case.opened_at:
        raise BadDate(f"办理日期不能早于立案日期 {legal_date(case.opened_at):%Y-%m-%d}")
    if case is not None and at < case.effective_at:
        last = legal_date(case.effective_at)
        raise BadDate(f"办理日期不能早于本案已办理事项的日期 {last:%Y-%m-%d}")
    return at


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
