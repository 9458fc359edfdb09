"""A town with a case in every state of every process: laid out once, kept, and copied.

To take every case to its state costs far more than to bring back the rows that came of it. They are
kept from one run to the next, under a digest of everything that they could come of.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from shutil import rmtree

import psycopg

from casework.acts.actors import Actor
from casework.common.database import Database
from casework.kernel.office import Office
from rulebook.tree import ROOT
from tests.support import tried
from tests.support.journeys import Numbers, everywhere
from tests.support.rows import Rows
from tests.support.town import SETTLED, StoppedTime, Town, fresh_copy

_STANDING = "standing"  # the database that has them all
_BUILD = ROOT / "build" / "tests"
# Nothing of these can make another town.
_ASIDE = {"build", "docs", "tests"}
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
    """Take a case to every state, or bring back the rows of those that were taken there before, on
    a copy of the settled town that stays until the end."""
    with fresh_copy(server, SETTLED, _STANDING) as url:
        with _alone():
            kept = kept_in()
            if kept.is_dir():
                numbers, people = bring_back(kept, url)
            else:
                with _town(url, people) as town, tried.apart() as lines:
                    numbers = everywhere(town)
                _keep(kept, url, numbers, people, lines)
        yield Standing(server, people, numbers)


@contextmanager
def _town(url: str, people: dict[str, Actor]) -> Iterator[Town]:
    time = StoppedTime()
    with closing(Database(url)) as database:
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        yield Town(url, database, time, office, dict(people))


@contextmanager
def _alone() -> Iterator[None]:
    """Whoever comes meanwhile waits, and then finds what was kept."""
    _BUILD.mkdir(parents=True, exist_ok=True)
    with (_BUILD / f"{_STANDING}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept_in() -> Path:
    """The folder for the rows of the city as it is laid out now."""
    return _BUILD / f"{_STANDING}-{_digest()}"


def _digest() -> str:
    """Of every file outside the tests, and of what helps them."""
    folders = [ROOT / "tests" / "support"]
    for found in ROOT.iterdir():
        if found.name not in _ASIDE and not found.name.startswith("."):
            folders.append(found)
    files = {file for folder in folders for file in (folder, *folder.rglob("*")) if file.is_file()}
    digest = sha256()
    for file in sorted(files):
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\0".encode())
            digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _keep(
    kept: Path, url: str, numbers: Numbers, people: dict[str, Actor], lines: set[tried.Line]
) -> None:
    """Keep the rows, in place of those of any former town."""
    for former in _BUILD.glob(f"{_STANDING}-*"):
        rmtree(former)
    making = _BUILD / f"making-{_STANDING}"
    rmtree(making, ignore_errors=True)
    making.mkdir()
    with psycopg.connect(url) as owner:
        rows = Rows.read(owner)
    for table, copied in rows.tables.items():
        (making / f"{table}.rows").write_bytes(copied)
    tried.write(making / "tried.csv", lines)
    said = {
        "counters": rows.counters,
        "numbers": [[*at, number] for at, number in numbers.items()],
        "people": {name: astuple(actor) for name, actor in people.items()},
    }
    (making / "town.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    making.rename(kept)


def bring_back(kept: Path, url: str) -> tuple[Numbers, dict[str, Actor]]:
    """Put back the rows that were kept; gives where its cases stand, and its people."""
    said = json.loads((kept / "town.json").read_text("utf-8"))
    rows = Rows({file.stem: file.read_bytes() for file in kept.glob("*.rows")}, said["counters"])
    with psycopg.connect(url) as owner:
        rows.put_back(owner)
        rows.count_on(owner)
    tried.found |= tried.read(kept / "tried.csv")
    numbers = {(process, state): number for process, state, number in said["numbers"]}
    return numbers, {name: Actor(*of) for name, of in said["people"].items()}
