"""The demo's calendar (演示日历): the machine's time plus a span that can only grow.

Whoever turns it also asks for the work that falls due by that; what was asked for is kept, so that
a page can say what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.database import Database
from casework.common.problems import BadDate
from casework.common.timekeeping import SystemTime, Timekeeper
from casework.models import Setting

# Which of the two an installation is: a setting of its database.
MODE, DEMO, PRODUCTION = "mode", "demo", "production"
DEMO_CLOCK = "demo_clock"
_TURNING = "demo_turning"
# As far as limits can be counted: two years beyond the last decreed calendar.
FARTHEST = timedelta(days=730)


@dataclass(frozen=True)
class Turning:
    """The latest turn of the calendar: `to` is its new time, `at` the machine's time then, and
    `runs` the flow runs that were asked for, by the name of their duty."""

    to: datetime
    at: datetime
    runs: Mapping[str, str]


def mode_of(session: Session) -> str | None:
    """`demo` or `production`; None while nobody has decided."""
    setting = session.get(Setting, MODE)
    return str(setting.value) if setting else None


def is_demo(session: Session) -> bool:
    """Whether this is a demo, which nothing leaves but by an outlet that was opened in it."""
    return mode_of(session) == DEMO


def keep_turning(session: Session, turning: Turning) -> None:
    """Keep what was asked for when the calendar was turned."""
    value = {
        "to": turning.to.isoformat(),
        "at": turning.at.isoformat(),
        "runs": dict(turning.runs),
    }
    statement = insert(Setting).values(key=_TURNING, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def latest_turning(session: Session) -> Turning | None:
    """The latest turn of the calendar; None if it has never been turned."""
    if (setting := session.get(Setting, _TURNING)) is None:
        return None
    kept = setting.value
    return Turning(
        datetime.fromisoformat(kept["to"]), datetime.fromisoformat(kept["at"]), kept["runs"]
    )


class DemoTime:
    """Time for every process of a demo: the span is kept in the database and read at each call.

    It is read over connections of its own, since a step asks for the time while it holds one.
    """

    def __init__(self, database: Database, machine: Timekeeper | None = None) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self._database = Database(url, database.patience)
        self._machine = machine or SystemTime()
        self._lock = Lock()
        self._latest: datetime | None = None

    def now(self) -> datetime:
        """The demo's present instant; never earlier than one given before."""
        with self._database.session() as session:
            setting = session.get(Setting, DEMO_CLOCK)
        now = self._machine.now() + _span(setting)
        with self._lock:
            self._latest = max(now, self._latest or now)
            return self._latest

    def advance(self, days: int) -> datetime:
        """Turn the calendar forward by whole days; gives the new instant. Raises BadDate."""
        if days < 1:
            raise BadDate("演示日历只能向前拨，天数应为正整数")
        return self.turn_to(self.now() + timedelta(days=min(days, FARTHEST.days + 1)))

    def turn_to(self, instant: datetime) -> datetime:
        """Turn the calendar forward to an instant; gives the new instant.

        Raises BadDate for an instant that has passed, or lies more than two years ahead of today.
        """
        if instant.tzinfo is None:
            raise BadDate("时间须带时区，例如 2027-01-05T09:30:00+08:00")
        with self._database.session() as session:
            _lay_down(session)
            setting = session.get_one(Setting, DEMO_CLOCK, with_for_update=True)
            machine = self._machine.now()
            if instant < machine + _span(setting):
                raise BadDate("演示日历只能向前拨，不能倒退")
            if instant > machine + FARTHEST:
                raise BadDate(f"演示日历最远可拨至 {machine + FARTHEST:%Y-%m-%d}")
            setting.value = {"seconds": (instant - machine).total_seconds()}
        return self.now()

    def close(self) -> None:
        """Give its connections back."""
        self._database.close()


def _lay_down(session: Session) -> None:
    statement = insert(Setting).values(key=DEMO_CLOCK, value={"seconds": 0.0})
    session.execute(statement.on_conflict_do_nothing())


def _span(setting: Setting | None) -> timedelta:
    return timedelta(seconds=setting.value["seconds"]) if setting else timedelta()
