"""Laying out the demo city (布置演示城市): every story is walked through in order of time.

The clock walks with the acts, so each happens at its own time, and on the way clocks fall due as
punctually as if sweeps had run every second. What a counter does not need at once comes last, and
takes as long as the rest: the ledger of small offences, penalties, things in custody, the ways back
to a good name. People may be at their desks meanwhile, but no sweep may run, since the present
would overtake cases whose past is still being told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from random import Random

from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.channels import Inbox
from casework.counting import WorkCalendar
from casework.database import Database, engine_for
from casework.demo import exemptions
from casework.demo.credit import CREDIT_STORIES
from casework.demo.custody import CUSTODY_STORIES
from casework.demo.licences import LICENCE_STORIES
from casework.demo.penalties import PENALTY_STORIES
from casework.demo.people import City, read_city, settle
from casework.demo.place import Place
from casework.demo.radiation import RADIATION_STORIES
from casework.demo.stories import STORIES, Story, Wait
from casework.demo.talks import TALK_STORIES
from casework.installation import settle_mode
from casework.models import Account, Case, Person, Setting
from casework.office import Office
from casework.sweeps import deliver_notices, fire_due_clocks, send_reminders
from casework.timekeeping import ZONE, legal_date

_STORIES = {**STORIES, **LICENCE_STORIES, **RADIATION_STORIES}
# Told while people are at their desks already, with the ledger.
_LATER = {**CUSTODY_STORIES, **CREDIT_STORIES, **TALK_STORIES, **PENALTY_STORIES}
_STATE = "demo_city"
_BEGUN, _LEDGER, _COMPLETE = "begun", "ledger", "complete"
_SHORT = 10
_SUFFIXES = {"320613": "", "320612": "_b"}


class SeedingFailed(Exception):
    """A clock could not be let fall due; the message says why."""


def is_half_done(url: str) -> bool:
    """Whether a seeding of this migrated database began and never ended."""
    database = Database(url)
    try:
        with database.session() as session:
            setting = session.get(Setting, _STATE)
            return setting is not None and setting.value != _COMPLETE
    finally:
        database.close()


def is_under_way(session: Session) -> bool:
    """Whether the ledger of a demo is still being laid out."""
    setting = session.get(Setting, _STATE)
    return setting is not None and setting.value == _LEDGER


def clear(owner_url: str) -> None:
    """Empty a database whose seeding broke off, down to its tables; migrate it again afterwards.

    Raises ValueError for any other database: this is the only one that may be emptied.
    """
    if not is_half_done(owner_url):
        raise ValueError("only a half-seeded demo may be cleared")
    engine = engine_for(owner_url, role=None)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def seed(url: str, now: datetime, *, public_url: str, city: City | None = None) -> bool:
    """Lay out the demo city, but for what comes later, in an empty, migrated database; once.

    Gives False if it stands already. Raises CannotStart for a database that is no demo.
    """
    database = Database(_without_waiting(url))
    try:
        with database.session() as session:
            settle_mode(session, demo=True)
            if session.get(Setting, _STATE) is not None:
                return False
            session.add(Setting(key=_STATE, value=_BEGUN))
        city = city or read_city()
        with database.session() as session:
            people = settle(session, city, legal_date(now))
        clock = _WalkingTime(now)
        office = Office(database, clock, public_url=public_url)
        with database.session() as session:
            calendar = office.rules.current(session).calendar
        told = _told(_STORIES, office, people, city, now)
        _Walk(office, clock, calendar, told, now).to_the_end()
        with database.session() as session:
            session.get_one(Setting, _STATE).value = _LEDGER
    finally:
        database.close()
    return True


def seed_ledger(
    url: str,
    now: datetime,
    *,
    public_url: str,
    city: City | None = None,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Lay out what comes later of a city that `seed` laid out as of `now`, its ledger of small
    offences above all, as long as it is `wanted`; does nothing where it stands already."""
    database = Database(_without_waiting(url))
    try:
        with database.session() as session:
            if not is_under_way(session):
                return
            people = _people(session)
        clock = _WalkingTime(now)
        office = Office(database, clock, public_url=public_url)
        with database.session() as session:
            calendar = office.rules.current(session).calendar
        told = [
            *_told(_LATER, office, people, city or read_city(), now),
            *exemptions.stories(office, people, now),
        ]
        walk = _Walk(office, clock, calendar, told, now, reminds=False)
        if not walk.to_the_end(wanted):
            return
        with database.session() as session:
            session.get_one(Setting, _STATE).value = _COMPLETE
    finally:
        database.close()


def _told(
    stories: Mapping[str, Callable[[Place], Story]],
    office: Office,
    people: dict[str, Actor],
    city: City,
    now: datetime,
) -> list[tuple[int, Story]]:
    """Each of these stories that a place of the city tells, with how many days ago it begins."""
    return [
        (
            about["days_ago"],
            stories[about["story"]](
                Place(office, people, firm, about, _SUFFIXES[about["region"]], now)
            ),
        )
        for firm in city.firms
        for about in firm.places
        if about["story"] in stories
    ]


def _without_waiting(url: str) -> str:
    """The URL for commits that do not wait for the disk: after a crash all of it begins anew."""
    swift = make_url(url).update_query_dict({"options": "-c synchronous_commit=off"})
    return swift.render_as_string(hide_password=False)


def _people(session: Session) -> dict[str, Actor]:
    rows = session.execute(
        select(Account.username, Account.id, Person.id, Person.name).join(
            Person, Person.id == Account.person_id
        )
    )
    return {username: Actor(account, person, name) for username, account, person, name in rows}


@dataclass
class _WalkingTime:
    instant: datetime

    def now(self) -> datetime:
        return self.instant


class _Walk:
    """All stories at once, each resumed when its wait is over.

    Where others have been before, nobody is reminded on the way: theirs are cases of days that are
    still to come.
    """

    def __init__(
        self,
        office: Office,
        clock: _WalkingTime,
        calendar: WorkCalendar,
        stories: list[tuple[int, Story]],
        end: datetime,
        *,
        reminds: bool = True,
    ) -> None:
        self._reminds = reminds
        self._office, self._clock, self._calendar, self._end = office, clock, calendar, end
        self._random = Random(2026)  # noqa: S311 -- the same city every time
        self._reminded: date | None = None
        self._waiting: list[tuple[datetime, int, Story]] = [
            (self._beginning(ago), n, story) for n, (ago, story) in enumerate(stories)
        ]
        heapify(self._waiting)

    def to_the_end(self, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Walk until every story is told, and then to the end; False if that is no longer
        wanted."""
        self._clock.instant = self._waiting[0][0]
        while self._waiting:
            if not wanted():
                return False
            instant, n, story = heappop(self._waiting)
            self._pass_to(instant)
            wait = next(story, None)
            if wait is not None:
                heappush(self._waiting, (self._after(instant, wait), n, story))
        self._pass_to(self._end)
        return True

    def _pass_to(self, instant: datetime) -> None:
        while (due := self._next_due()) is not None and due <= instant:
            self._clock.instant = max(self._clock.instant, due)
            report = fire_due_clocks(self._office)
            if report.failed:
                raise SeedingFailed("；".join(report.failed))
        self._clock.instant = max(self._clock.instant, instant)
        if self._reminds and self._reminded != legal_date(instant):
            self._reminded = legal_date(instant)
            send_reminders(self._office)
        deliver_notices(self._office, Inbox())

    def _next_due(self) -> datetime | None:
        with self._office.database.session() as session:
            return session.scalar(select(func.min(Case.next_due)))

    def _beginning(self, ago: int) -> datetime:
        """On the morning of a working day; a short past is counted in working days, so that the
        window can do its part of it even after a long holiday."""
        day = legal_date(self._end)
        if ago <= _SHORT:
            day = self._workdays_from(day, -ago)
        else:
            day -= timedelta(days=ago)
            while not self._calendar.day(day).working:
                day -= timedelta(days=1)
        return self._office_hour(day, 9, 11)

    def _after(self, instant: datetime, wait: Wait) -> datetime:
        if isinstance(wait, datetime):
            wanted = wait
        elif isinstance(wait, timedelta):
            wanted = instant + wait
        else:
            wanted = self._office_hour(self._workdays_from(legal_date(instant), wait), 9, 16)
        return min(max(wanted, instant), self._end)

    def _workdays_from(self, day: date, n: int) -> date:
        towards = timedelta(days=1 if n > 0 else -1)
        left = abs(n)
        while left:
            day += towards
            left -= self._calendar.day(day).working
        return day

    def _office_hour(self, day: date, first: int, last: int) -> datetime:
        minute = self._random.randrange(first * 60, last * 60)
        return datetime.combine(day, time(minute // 60, minute % 60), ZONE)
