"""The counting of time limits 期限计算: dates in, a derivation out. No database and no clock.

The start day is not counted. Working days 工作日 count one by one; calendar days 日 count all and,
like months and years, move from a rest day to the next working day (《民事诉讼法》第八十五条,
by analogy; working days: 《行政许可法》第八十二条, 《行政处罚法》第八十五条). A month ends on the
same number or on its last day (《民法典》第二百零二条). Stopped days 中止 are never counted, and
days in two stops at once are lost once only.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, Self, TypedDict

from casework.common.timekeeping import in_chinese
from rulebook.models import CalendarYear, Edition, Limit, Unit, in_words, parse_as

ROLL_LAW = "《民事诉讼法》第八十五条"

_DAY = timedelta(days=1)
_YEARS_AHEAD = 2


class CalendarUnknown(Exception):
    """A date that no calendar edition covers yet; the message is Chinese."""


class Day(NamedTuple):
    """One day of the calendar; `reason` says why it rests, or why it works against its weekday."""

    date: date
    working: bool
    reason: str
    provisional: bool


class WorkCalendar:
    """Working days from calendar editions; a decreed year is preferred to a provisional one."""

    def __init__(self, editions: Iterable[Edition]) -> None:
        """Of two editions of one year and standing, the later in the row holds."""
        self._years: dict[int, tuple[CalendarYear, str]] = {}
        self._days: dict[date, Day] = {}
        for edition in editions:
            rule = parse_as(CalendarYear, edition.content)
            known = self._years.get(rule.year)
            if known is None or rule.decreed >= known[0].decreed:
                self._years[rule.year] = rule, edition.digest
        decreed = [year for year, (rule, _) in self._years.items() if rule.decreed]
        self.last_year = max(decreed, default=0) + _YEARS_AHEAD

    @property
    def in_force(self) -> frozenset[str]:
        """The digests of the editions by which days are judged."""
        return frozenset(digest for _, digest in self._years.values())

    def day(self, day: date) -> Day:
        """What kind of day it is, and why.

        Raises CalendarUnknown for a year without an edition, and for one more than two years
        after the last decreed year.
        """
        known = self._days.get(day)
        if known is None:
            self._fill(day)
            known = self._days[day]
        return known

    def relied_on(self, days: Iterable[date]) -> _Reliance:
        """The digests of the editions that judge these days, and whether one is provisional."""
        years = [self._years[year] for year in sorted({day.year for day in days})]
        return {
            "editions": tuple(digest for _, digest in years),
            "provisional": not all(rule.decreed for rule, _ in years),
        }

    def _fill(self, wanted: date) -> None:
        year = wanted.year
        if year not in self._years or year > self.last_year:
            raise CalendarUnknown(
                f"{in_chinese(wanted)}所在年度没有可用的节假日安排，不能计算到该日的期限"
                f"（最远可计算至{self.last_year}年）"
            )
        rule, _ = self._years[year]
        day = date(year, 1, 1)
        while day.year == year:
            rest = rule.rest_days.get(day) or ("周末" if day.weekday() > 4 else "")
            work = rule.work_days.get(day, "")
            self._days[day] = Day(day, bool(work) or not rest, work or rest, not rule.decreed)
            day += _DAY


class _Reliance(TypedDict):
    editions: tuple[str, ...]
    provisional: bool


@dataclass(frozen=True)
class Stop:
    """A stop of a clock 中止 from `first` to `last`, both inside it; None while it is still open.

    A stop whose last day precedes its first holds no day.
    """

    kind: str
    label: str
    first: date
    last: date | None


class Span(NamedTuple):
    """Days on which the clock stands, after overlapping stops have been joined."""

    first: date
    last: date | None
    reason: str


class CountedDay(NamedTuple):
    """A day that the counting looked at: its number, or None and the reason it was passed over."""

    date: date
    number: int | None
    reason: str


class Term(NamedTuple):
    """The limit, or its extension, as it was counted."""

    key: str
    label: str
    n: int
    unit: Unit
    law: str


@dataclass(frozen=True)
class Derivation:
    """How a date came about 期限推导.

    `due` is None while a stop is open; `remaining` then tells what is left (working days for a
    limit in working days, else calendar days). `days` holds, for working days, every day looked
    at; otherwise only the days at the end over which a rest day or a stop pushed the date.
    `full` is the day on which the number was full, before it rolled. `stops` are those that
    counted, joined. `editions` are digests of the calendar years relied on; `provisional` tells
    that one of them is not decreed yet. `back`: counted back from `start`.
    """

    limit: Term
    start: date
    due: date | None
    full: date | None = None
    extension: Term | None = None
    inclusive: bool = False
    back: bool = False
    stops: tuple[Span, ...] = ()
    days: tuple[CountedDay, ...] = ()
    remaining: int | None = None
    editions: tuple[str, ...] = ()
    provisional: bool = False

    def to_json(self) -> dict[str, Any]:
        """Compact JSON; what is absent or false is left out. `from_json` reads it back."""
        fields = {name: _plain(value) for name, value in vars(self).items()}
        return {
            name: value
            for name, value in fields.items()
            if value is not None and value is not False and value != []
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The derivation that `to_json` wrote."""
        given = dict(data)
        for name in ("start", "due", "full"):
            given[name] = _date(given.get(name))
        given["limit"] = Term(*given["limit"])
        if "extension" in given:
            given["extension"] = Term(*given["extension"])
        given["stops"] = tuple(
            Span(date.fromisoformat(first), _date(last), reason)
            for first, last, reason in given.get("stops", ())
        )
        given["days"] = tuple(
            CountedDay(date.fromisoformat(day), number, reason)
            for day, number, reason in given.get("days", ())
        )
        given["editions"] = tuple(given.get("editions", ()))
        return cls(**given)

    def explain(self) -> list[str]:
        """The derivation in Chinese, one line for each thing that moved the date."""
        limit, length = self.limit, in_words(self.limit.n, self.limit.unit)
        if self.back:
            begins = f"自{in_chinese(self.start)}向前推算"
        elif self.inclusive:
            begins = f"自{in_chinese(self.start)}起算，当日计入"
        else:
            begins = f"自{in_chinese(self.start)}的次日起算"
        lines = [f"{limit.label}：{length}（{limit.law}），{begins}"]
        if self.extension:
            more = self.extension
            lines.append(f"{more.label}：延长{in_words(more.n, more.unit)}（{more.law}）")
        lines += map(self._explain_stop, self.stops)
        lines += self._explain_days()
        if self.due is None:
            unit: Unit = "wd" if limit.unit == "wd" else "cd"
            lines.append(f"期限现停止计算，恢复后尚余{in_words(self.remaining or 0, unit)}")
        elif self.full == self.due:
            lines.append(f"{'应在当日或者之前' if self.back else '届满日'}：{in_chinese(self.due)}")
        elif self.full:
            lines.append(
                f"最后一日{in_chinese(self.full)}不计，顺延至{in_chinese(self.due)}（{ROLL_LAW}）"
            )
        if self.provisional:
            lines.append("所涉年度的放假安排尚未公布，按法定节日暂定，公布后重新计算")
        return lines

    def _explain_stop(self, span: Span) -> str:
        when = f"{_cn_range(span.first, span.last)}{span.reason}"
        if span.last is None:
            return f"{when}，期限停止计算"
        if self.limit.unit == "wd":
            lost = len(self._lost_to(span))
            return f"{when}，其间{in_words(lost, 'wd')}不计"
        return f"{when}，其间{in_words((span.last - span.first).days + 1, 'cd')}不计"

    def _explain_days(self) -> Iterator[str]:
        told = {day for span in self.stops for day in self._lost_to(span)}
        noted = [day for day in self.days if day.reason and day not in told]
        for (passed, reason), group in groupby(noted, lambda day: (day.number is None, day.reason)):
            for first, last in _runs(sorted(day.date for day in group)):
                yield f"{_cn_range(first, last)}{reason}，{'不计' if passed else '计入'}"

    def _lost_to(self, span: Span) -> list[CountedDay]:
        """Days passed over because of this stop; one that rests anyway is not lost to it."""
        return [
            day
            for day in self.days
            if day.reason == span.reason and span.first <= day.date <= (span.last or date.max)
        ]


def count(
    limit: Limit,
    start: date,
    stops: Iterable[Stop],
    calendar: WorkCalendar,
    *,
    extension: Limit | None = None,
) -> Derivation:
    """The last day of a limit that starts on `start`, its extension included if there is one.

    Raises CalendarUnknown when a day must be judged that no calendar covers, and ValueError for
    minutes (see `due_instant`) and for an extension in another unit.
    """
    if limit.unit == "min" or (extension and extension.unit != limit.unit):
        raise ValueError(f"{limit.key}: minutes are no days, and an extension keeps the unit")
    n = limit.n + (extension.n if extension else 0)
    spans = join_stops(stops, after=start)
    if limit.unit == "wd":
        course = _count_working_days(n, start, spans, calendar)
    else:
        course = _count_calendar_days(limit, n, start, spans, calendar)
    return Derivation(
        limit=_term(limit),
        start=start,
        due=course.due,
        full=course.full,
        extension=_term(extension) if extension else None,
        inclusive=limit.inclusive,
        stops=tuple(span for span in spans if course.due is None or span.first <= course.due),
        days=tuple(course.days),
        remaining=course.remaining,
        **calendar.relied_on(course.judged),
    )


def count_back(limit: Limit, anchor: date, calendar: WorkCalendar) -> Derivation:
    """The day that lies a limit before `anchor`: of a renewal window, a reminder, a notice.

    The anchor is not counted and the result never rolls: a later day would cut the limit short,
    an earlier one would lengthen it. Raises as `count` does.
    """
    if limit.unit == "min" or limit.inclusive:
        raise ValueError(f"{limit.key}: only whole days before the anchor are counted back")
    days: list[CountedDay] = []
    if limit.unit == "wd":
        due, number = anchor, 0
        while number < limit.n:
            due -= _DAY
            day = calendar.day(due)
            number += day.working
            days.append(CountedDay(due, number if day.working else None, day.reason))
    else:
        due = _shift(anchor, -limit.n, limit.unit)
    return Derivation(
        limit=_term(limit),
        start=anchor,
        due=due,
        full=due,
        back=True,
        days=tuple(days),
        **calendar.relied_on(day.date for day in days),
    )


def due_instant(limit: Limit, start: datetime) -> datetime:
    """The instant a limit in minutes ends, nights and holidays counted. Raises ValueError for one
    in days."""
    if limit.unit != "min":
        raise ValueError(f"{limit.key}: only minutes end at an instant")
    return start + timedelta(minutes=limit.n)


def working_day(day: date, calendar: WorkCalendar) -> date:
    """The day itself, or the next working day after it (《民法典》第二百零三条); what no calendar
    covers is not moved."""
    try:
        while not calendar.day(day).working:
            day += _DAY
    except CalendarUnknown:
        pass
    return day


def join_stops(stops: Iterable[Stop], *, after: date) -> list[Span]:
    """The days after `after` on which the clock stands: overlapping stops joined, in order."""
    first_counted = after + _DAY
    spans: list[Span] = []
    for stop in sorted(stops, key=lambda stop: (stop.first, stop.last or date.max, stop.label)):
        first, last = max(stop.first, first_counted), stop.last
        if last and last < first:
            continue
        if spans and (spans[-1].last is None or first <= spans[-1].last):
            before = spans.pop()
            ends = None if last is None or before.last is None else max(last, before.last)
            reasons = dict.fromkeys((*before.reason.split("、"), stop.label))
            spans.append(Span(before.first, ends, "、".join(reasons)))
        else:
            spans.append(Span(first, last, stop.label))
    return spans


@dataclass
class _Course:
    """What one way of counting found; `judged` are the days asked of the calendar."""

    days: list[CountedDay]
    judged: list[date]
    due: date | None = None
    full: date | None = None
    remaining: int | None = None


def _count_working_days(
    n: int, start: date, spans: Sequence[Span], calendar: WorkCalendar
) -> _Course:
    days: list[CountedDay] = []
    judged: list[date] = []
    number, today = 0, start
    while number < n:
        today += _DAY
        stopped = _span_on(spans, today)
        if stopped and stopped.last is None:
            return _Course(days, judged, remaining=n - number)
        day = calendar.day(today)
        judged.append(today)
        if not day.working:
            days.append(CountedDay(today, None, day.reason))
        elif stopped:
            days.append(CountedDay(today, None, stopped.reason))
        else:
            number += 1
            days.append(CountedDay(today, number, day.reason))
    return _Course(days, judged, due=today, full=today)


def _count_calendar_days(
    limit: Limit, n: int, start: date, spans: Sequence[Span], calendar: WorkCalendar
) -> _Course:
    full = _shift(start, n, limit.unit, inclusive=limit.inclusive)
    for span in spans:
        if span.first > full:
            break
        if span.last is None:
            return _Course([], [], remaining=(full - span.first).days + 1)
        full += span.last - span.first + _DAY
    course = _Course([], [], full=full)
    if not limit.roll:
        course.due = full
        return course
    today = full
    while True:
        stopped = _span_on(spans, today)
        if stopped and stopped.last is None:
            course.remaining = 0
            return course
        day = calendar.day(today)
        course.judged.append(today)
        if day.working and not stopped:
            course.due = today
            return course
        reason = stopped.reason if stopped and day.working else day.reason
        course.days.append(CountedDay(today, None, reason))
        today += _DAY


def _span_on(spans: Sequence[Span], day: date) -> Span | None:
    """The span in which the day lies; None if in none."""
    for span in spans:
        if span.first <= day and (span.last is None or day <= span.last):
            return span
    return None


def _shift(day: date, n: int, unit: Unit, *, inclusive: bool = False) -> date:
    """`day` moved by n days, months or years; a month without that number ends on its last day."""
    if unit == "cd":
        return day + (n - inclusive) * _DAY
    months = day.year * 12 + day.month - 1 + n * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    length = monthrange(year, month)[1]
    if day.day > length:
        return date(year, month, length)
    return date(year, month, day.day) - inclusive * _DAY


def _term(limit: Limit) -> Term:
    return Term(limit.key, limit.label, limit.n, limit.unit, limit.law)


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last of each unbroken run of days, which are in order."""
    first = last = days[0]
    for day in days[1:]:
        if day - last > _DAY:
            yield first, last
            first = day
        last = day
    yield first, last


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _cn_range(first: date, last: date | None) -> str:
    if last is None:
        return f"自{in_chinese(first)}起"
    return in_chinese(first) if first == last else f"{in_chinese(first)}至{in_chinese(last)}"
