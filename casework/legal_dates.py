"""The legal date of an act (办理日期), as against the time at which it is entered."""

from __future__ import annotations

from datetime import date, datetime

from casework.models import Case
from casework.problems import BadDate
from casework.timekeeping import legal_date, start_of


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
