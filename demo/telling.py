"""Telling one story of the demo city (讲一个故事): whole or not at all.

A story is told from its beginning to the city's present in one transaction of its own. The clock
walks with its acts, so each happens at its own time, and on the way its clocks fall due as
punctually as if sweeps had run every second. Whoever is at a desk meanwhile, and every sweep, sees
the whole of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import func, make_url, select, update
from sqlalchemy.orm import Session, sessionmaker

from casework.acts.actors import Actor
from casework.common.database import Database
from casework.common.timekeeping import ZONE, in_chinese, legal_date
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.reminders import send_reminders
from casework.kernel.office import Office
from casework.models import Case, Notice, Publication
from casework.publicity import channel_lines, recording
from casework.publicity.publications import may_be_shown, shown_from
from casework.rules.rule_cache import RuleCache, Rules
from demo.paper import pdf
from demo.promise_stories import Story, Wait

_LATELY = 8  # days within which what had to be published still waits for it
_CLOSING = time(17)  # at which the day's entries are published
_SHORT = 10  # days; a past that is not longer is counted in working days

T = TypeVar("T")


class SeedingFailed(Exception):
    """A clock could not be let fall due; the message says why."""


class GivenUp(Exception):
    """Nobody wants the rest of the story any more."""


@dataclass(frozen=True)
class Tale:
    """A story that is to be told: its name, which no other has; how many days before the city's
    present it begins; and the story, once it knows the office, the people and that present.
    `at_once`: a desk is not itself without it."""

    name: str
    days_ago: int
    told: Callable[[Office, Mapping[str, Actor], datetime], Story]
    at_once: bool = False


@dataclass(frozen=True)
class _Shown:
    """An entry of a case that is published at an instant: by whom and through which channels."""

    at: datetime
    entry: int
    case: str
    officer: Actor
    channels: Sequence[str]


class Pages(Database):
    """A database in which `story` makes one transaction of everything that happens within."""

    def __init__(self, url: str) -> None:
        # Commits do not wait for the disk: a crash may cost the latest stories, never a half.
        swift = make_url(url).update_query_dict({"options": "-c synchronous_commit=off"})
        super().__init__(swift.render_as_string(hide_password=False))

    @contextmanager
    def story(self) -> Iterator[None]:
        """Keep all that happens within at its end, or nothing of it if that is an exception."""
        outside = self._sessions
        with self.engine.begin() as connection:
            self._sessions = sessionmaker(
                connection,
                join_transaction_mode="rollback_only",
                expire_on_commit=False,
                autoflush=False,
            )
            try:
                yield
            finally:
                self._sessions = outside

    def in_transaction(self, work: Callable[[Session], T]) -> T:
        """Do `work` once: after a deadlock the story lets go of everything and begins anew."""
        with self.session() as session:
            return work(session)


class _KnownRules(RuleCache):
    """The rules as the telling finds them: nothing that happens at a desk meanwhile makes rules for
    the past, so they are not asked for at every act."""

    def __init__(self) -> None:
        super().__init__()
        self._known: Rules | None = None

    def current(self, session: Session) -> Rules:
        """The rules as they were when they were first asked for."""
        self._known = self._known or super().current(session)
        return self._known


@dataclass
class _WalkingTime:
    instant: datetime

    def now(self) -> datetime:
        return self.instant


class Teller:
    """Tells stories that end at the city's present, one at a time."""

    def __init__(self, pages: Pages, end: datetime, *, public_url: str) -> None:
        self._pages, self._end = pages, end
        self._clock = _WalkingTime(end)
        self._office = Office(pages, self._clock, public_url=public_url)
        self._office.rules = _KnownRules()
        self._officers: Mapping[int, Actor] = {}
        with pages.session() as session:
            self._calendar = self._office.rules.current(session).calendar

    def tell(
        self,
        tale: Tale,
        people: Mapping[str, Actor],
        officers: Mapping[int, Actor],
        wanted: Callable[[], bool],
    ) -> None:
        """Tell a story from beginning to end; the publicity officer of each authority that has one
        (`officers`) puts down on the way what was published. Raises GivenUp once it is no longer
        `wanted`, SeedingFailed."""
        self._officers = officers
        random = Random(tale.name)  # noqa: S311 -- the same city every time
        instant = self._beginning(tale.days_ago, random)
        self._clock.instant = instant
        story = tale.told(self._office, people, self._end)
        while True:
            if not wanted():
                raise GivenUp
            self._pass_to(instant)
            wait = next(story, None)
            if wait is None:
                break
            instant = self._after(instant, wait, random)
        self._pass_to(self._end)
        self._read_notices()

    def remind(self) -> None:
        """Put the reminders whose day has come into the outbox, as of the city's present. Raises
        SeedingFailed."""
        self._clock.instant = self._end
        report = send_reminders(self._office)
        if report.failed:
            raise SeedingFailed("；".join(report.failed))
        self._read_notices()

    def _pass_to(self, instant: datetime) -> None:
        """Let fall due what falls due by then: only of this story, since all others have been told
        to the end and what people do begins after it. Raises SeedingFailed."""
        while True:
            due, shown = self._next_due(), self._next_shown(legal_date(instant))
            if shown and shown.at <= instant and not (due and due <= shown.at):
                self._clock.instant = max(self._clock.instant, shown.at)
                self._publish(shown)
            elif due and due <= instant:
                self._clock.instant = max(self._clock.instant, due)
                report = fire_due_clocks(self._office)
                if report.failed:
                    raise SeedingFailed("；".join(report.failed))
            else:
                break
        self._clock.instant = max(self._clock.instant, instant)

    def _next_shown(self, upto: date) -> _Shown | None:
        """The entry that is published next: on its last day, or when its party was served with it.
        What fell due lately still waits for it."""
        long_ago = legal_date(self._end) - timedelta(days=_LATELY)
        with self._pages.session() as session:
            rules = self._office.rules.current(session)
            rows = session.execute(
                select(Publication, Case)
                .join(Case, Case.id == Publication.case_id)
                .where(
                    Publication.published_on.is_(None),
                    Publication.due_on < min(long_ago, upto + timedelta(days=1)),
                    Case.authority_id.in_(self._officers),
                    may_be_shown(legal_date(self._clock.instant)),
                )
            ).all()
            days = {
                row.id: max(row.due_on, shown_from(session, row) or row.due_on) for row, _ in rows
            }
            if not rows:
                return None
            row, case = min(rows, key=lambda found: (days[found[0].id], found[0].id))
            at = datetime.combine(days[row.id], _CLOSING, ZONE)
            ways = channel_lines.shown_in(session, rules, row)
            return _Shown(at, row.id, case.number, self._officers[case.authority_id], ways)

    def _publish(self, shown: _Shown) -> None:
        """Put it down for each channel that shows its party, with the scan of its receipt."""
        day = legal_date(self._clock.instant)
        for channel in shown.channels:
            lines = [f"{channel}公示回执", f"案号：{shown.case}", f"日期：{in_chinese(day)}"]
            scan = recording.keep_receipt(
                self._office, shown.officer, f"{channel}回执.pdf", pdf(lines)
            )
            recording.record(self._office, shown.officer, [shown.entry], channel, day, scan)

    def _next_due(self) -> datetime | None:
        with self._pages.session() as session:
            return session.scalar(select(func.min(Case.next_due)))

    def _read_notices(self) -> None:
        """In the portal's inbox a notice is delivered as soon as it is written."""
        with self._pages.session() as session:
            session.execute(
                update(Notice)
                .where(Notice.delivered_at.is_(None), Notice.created_at <= self._end)
                .values(delivered_at=Notice.created_at, attempts=1)
            )

    def _beginning(self, ago: int, random: Random) -> datetime:
        """On the morning of a working day; a short past is counted in working days, so that the
        window can do its part of it even after a long holiday."""
        day = legal_date(self._end)
        if ago <= _SHORT:
            day = self._workdays_from(day, -ago)
        else:
            day -= timedelta(days=ago)
            while not self._calendar.day(day).working:
                day -= timedelta(days=1)
        return _office_hour(day, 9, 11, random)

    def _after(self, instant: datetime, wait: Wait, random: Random) -> datetime:
        """When the story goes on after that wait: not before now, nor after the city's present."""
        if isinstance(wait, datetime):
            wanted = wait
        elif isinstance(wait, timedelta):
            wanted = instant + wait
        else:
            wanted = _office_hour(self._workdays_from(legal_date(instant), wait), 9, 16, random)
        return min(max(wanted, instant), self._end)

    def _workdays_from(self, day: date, n: int) -> date:
        towards = timedelta(days=1 if n > 0 else -1)
        left = abs(n)
        while left:
            day += towards
            left -= self._calendar.day(day).working
        return day


def _office_hour(day: date, first: int, last: int, random: Random) -> datetime:
    minute = random.randrange(first * 60, last * 60)
    return datetime.combine(day, time(minute // 60, minute % 60), ZONE)
