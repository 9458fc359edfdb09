"""A town with a case in every state of every process: laid out once in a test process, then copied.

To take every case to its state costs far more than to copy what came of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count

from casework.acts.actors import Actor
from casework.common.database import Database
from casework.kernel.office import Office
from tests.support.journeys import Numbers, everywhere
from tests.support.town import SETTLED, StoppedTime, Town, fresh_copy

_STANDING = "standing"  # the database that has them all
_serial = count(1)


@dataclass(frozen=True)
class Standing:
    """A database to be copied, the people of its town, and its cases by process and state."""

    server: str
    people: dict[str, Actor]
    numbers: Numbers

    @contextmanager
    def copied(self) -> Iterator[tuple[Town, Numbers]]:
        """The town on a database of its own, and where its cases stand."""
        with (
            fresh_copy(self.server, _STANDING, f"{_STANDING}_{next(_serial)}") as url,
            _town(url, self.people) as town,
        ):
            yield town, dict(self.numbers)


@contextmanager
def laid_out(server: str, people: dict[str, Actor]) -> Iterator[Standing]:
    """Take a case to every state, on a copy of the settled town that stays until the end."""
    with fresh_copy(server, SETTLED, _STANDING) as url:
        with _town(url, people) as town:
            numbers = everywhere(town)
        yield Standing(server, people, numbers)


@contextmanager
def _town(url: str, people: dict[str, Actor]) -> Iterator[Town]:
    time = StoppedTime()
    with closing(Database(url)) as database:
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        yield Town(url, database, time, office, dict(people))
