"""Where a value comes from (取值): the sources that the data of an effect name (`OpenCase`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from casework.acts.act import Act
from casework.acts.numbers import next_number
from casework.common.problems import Misconfigured
from casework.common.timekeeping import legal_date
from casework.rules.counting import CalendarUnknown, count
from rulebook.models import Limit


def filled(act: Act, sources: Mapping[str, str]) -> dict[str, Any]:
    """A form filled in from its sources. Raises Misconfigured if one of them says nothing."""
    return {field: value(act, source) for field, source in sources.items()}


def value(act: Act, source: str) -> Any:
    """What a source says in the act. Raises Misconfigured if it says nothing."""
    if source.startswith("="):
        return source[1:]
    if source == "@date":
        return act.day.isoformat()
    if source.startswith("@date:"):
        return act.dates[source.removeprefix("@date:")].isoformat()
    if source == "@case":
        return act.case.number
    if source.startswith("@since:"):
        name = source.removeprefix("@since:")
        return legal_date([r.started_at for r in act.runs if r.name == name][-1]).isoformat()
    if source.startswith("@extended:"):
        name = source.removeprefix("@extended:")
        return [r.extended for r in act.runs if r.name == name][-1]
    if source.startswith("@next:"):
        return _next(act, *source.split(":")[1:]).isoformat()
    if source.startswith("@after:"):
        return _day_after(act, source.removeprefix("@after:")).isoformat()
    if source.startswith("@term:"):
        key, _, since = source.removeprefix("@term:").partition(":")
        limit, _ = act.rules.limit(key, act.day, act.region)
        return last_day(limit, _day_after(act, since) if since else act.day, act).isoformat()
    if source.startswith("@no_earlier:"):
        key, _, kept = source.removeprefix("@no_earlier:").partition(":")
        limit, _ = act.rules.limit(key, act.day, act.region)
        return max(given(act, kept), last_day(limit, act.day, act).isoformat())
    if source.startswith("@number:"):
        key = source.removeprefix("@number:")
        return next_number(act, act.rules.document(key, act.day, act.region))
    return given(act, source)


def given(act: Act, source: str) -> Any:
    """What stands in a field (`step.field`, or `relation.field` of a case opened before). Raises
    Misconfigured if it was not filled in."""
    root, field = source.split(".")
    related = act.opened.get(root)
    said = related.data["application"] if related else act.data.get(root, {})
    if field not in said:
        raise Misconfigured(f"“{act.step.label}”需要的 {source} 没有填写")
    return said[field]


def last_day(limit: Limit, first: date, act: Act) -> date:
    """The last day of a limit that begins after `first`. Raises CalendarUnknown if a person is to
    be told and no calendar goes so far."""
    try:
        due = count(limit, first, (), act.rules.calendar).due
    except CalendarUnknown:
        if not act.by_law:
            raise
        # What the law does on its day waits for no calendar, and no working day comes before this.
        unit = "cd" if limit.unit == "wd" else limit.unit
        every_day = limit.model_copy(update={"unit": unit, "roll": False})
        due = count(every_day, first, (), act.rules.calendar).due
    if due is None:
        raise ValueError(f"{limit.key}: without an open stop there is always a due date")
    return due


def _next(act: Act, month_day: str, since: str = "") -> date:
    """The next such day of a year after the step's date, or after a given one."""
    start = date.fromisoformat(given(act, since)) if since else act.day
    found = date.fromisoformat(f"{start.year}-{month_day}")
    return found if found > start else date.fromisoformat(f"{start.year + 1}-{month_day}")


def _day_after(act: Act, source: str) -> date:
    return date.fromisoformat(given(act, source)) + timedelta(days=1)
