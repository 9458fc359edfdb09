"""Filling in a form (填写): what it shows, first or again after an error, and what was posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from api.html import form_fields as forms
from api.html.site import Posted, Visit
from casework.common.problems import BadDate, BadInput, Problem
from casework.common.timekeeping import ZONE

# The legal date of a step that staff take, and its hour if it is told.
ON, AT = "_on", "_at"


@dataclass(frozen=True)
class Filling:
    """A form on its way: its fields, and what is wrong with what was posted.

    `key` is sent along, so that a second click does nothing twice.
    """

    fields: tuple[forms.Field, ...]
    note: str
    on: str
    key: str
    at: str = ""
    title: str = ""
    errors: Sequence[tuple[str, str]] = ()
    reasons: Sequence[Mapping[str, str]] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something is wrong."""
        return bool(self.title)


def begin(visit: Visit, schema: Mapping[str, Any] | None, guide: forms.Guide) -> Filling:
    """A form as it is first shown."""
    shown = forms.fields(schema, forms.standing(guide.begin, guide), guide)
    return Filling(shown, guide.note, visit.today.isoformat(), uuid4().hex)


def again(
    visit: Visit,
    schema: Mapping[str, Any] | None,
    guide: forms.Guide,
    names: Mapping[str, str],
    problem: Problem | None = None,
) -> Filling:
    """The form with what was typed, one row longer if that was asked for, or with its errors."""
    posted = visit.posted
    found = problem.extra.get("errors", ()) if problem else ()
    at = forms.placed(found, names)
    shown = forms.fields(schema, posted.values, guide, at, more=posted.text(forms.MORE))
    return Filling(
        fields=shown,
        note=guide.note,
        on=posted.text(ON) or visit.today.isoformat(),
        # A wrong form was not taken, so its key is still unused.
        key=posted.text("_key") or uuid4().hex,
        at=posted.text(AT),
        title=problem.title if problem else "",
        errors=_listed(found, names, problem),
        reasons=problem.extra.get("reasons", ()) if problem else (),
    )


def legal_day(posted: Posted, today: date) -> date | None:
    """The legal date that was posted; None for today. Raises BadDate if it is none."""
    text = posted.text(ON)
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise BadDate("办理日期应为日期，如 2026-01-05") from None
    return None if day == today else day


def legal_instant(posted: Posted, today: date) -> date | datetime | None:
    """The legal date that was posted, with its hour if that was told. Raises BadDate if it is
    none."""
    day, text = legal_day(posted, today), posted.text(AT)
    if not text:
        return day
    try:
        hour = time.fromisoformat(text)
    except ValueError:
        raise BadDate("办理时刻应为时、分，如 14:30") from None
    return datetime.combine(day or today, hour.replace(tzinfo=None), ZONE)


def _listed(
    found: Sequence[Mapping[str, str]], names: Mapping[str, str], problem: Problem | None
) -> list[tuple[str, str]]:
    """Each error with the name of its field, for links to it; or the problem as a whole."""
    if problem is None or problem.extra.get("reasons"):
        return []
    if isinstance(problem, BadInput) and found:
        return [
            (forms.place(error["field"], names), f"{error['label'] or '填写项'}：{error['text']}")
            for error in found
        ]
    return [("", problem.detail)]
