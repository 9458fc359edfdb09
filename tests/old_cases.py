"""Old cases: databases of commit 0ed1663, with cases in every state, are upgraded and walked on.

That commit lays out its own town (every state of every process, `tests/support/journeys.py` there)
and its own demo city. This release upgrades both, proves them (`nuoxin verify`), takes every open
case on to an end under the version it was opened with, and proves them again. What it found is
written to docs/proofs/old_cases.md. It needs the repository itself, since it takes that commit out
of it, and an environment in which both commits run: their requirements.lock is the same.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text

from casework.acts.actors import Actor
from casework.audit.proof import Report, verify_database
from casework.common.database import Database, engine_for
from casework.common.timekeeping import ZONE
from casework.kernel.office import Office
from casework.models import Account, Case, Person
from casework.operations.embedded import embedded_database
from casework.operations.migration import migrate
from casework.rules.versions import VersionCache
from rulebook.tree import ROOT
from state_machines.enforcement.correction_order.process import CORRECTION_ORDER
from state_machines.licences import LICENCES
from state_machines.processes import PROCESSES
from tests.adversary.branch import Branch
from tests.support.onward import Onward, Walked
from tests.support.town import StoppedTime, Town

COMMIT = "0ed1663"
PAGE = ROOT / "docs" / "proofs" / "old_cases.md"
# The day after which the cases are taken on, as the layout leaves it.
_DAYS = {
    "town": datetime(2026, 9, 1, 9, 0, tzinfo=ZONE),
    "city": datetime(2026, 11, 23, 9, 0, tzinfo=ZONE),
}
# A repair waits for the fine that is still owed, and the law sets that no time.
_WAITS = ("credit_repair", "obligation_outstanding")
_PUBLIC_URL = "http://127.0.0.1:8000"
# Run by that commit, in its own tree. There each penalty was for the same act of the same firm,
# which this release lets be fined once; here each is for an act of its own.
_LAYOUT = """
import sys
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from tests.support.passwords import hash_lightly

hash_lightly()

from casework.database import Database, engine_for
from casework.demo import seeding
from casework.embedded import embedded_database
from casework.migration import migrate
from casework.office import Office
from casework.timekeeping import ZONE
from sqlalchemy import text
from tests.support import exemptions, penalties
from tests.support.journeys import everywhere
from tests.support.town import StoppedTime, Town, lay_out

taken, doors = set(), count(88)


def apart(plain):
    def open_lead(town, *args, **changes):
        day = town.time.now().date()
        while day in taken:
            day -= timedelta(days=1)
        taken.add(day)
        on = day.isoformat()
        where = f"南通市崇川区人民中路{next(doors)}号"
        return plain(town, *args, **{"found_on": on, "act_on": on, "address": where, **changes})

    return open_lead


for room in (exemptions, penalties):
    room.open_lead = apart(room.open_lead)

with embedded_database(Path(sys.argv[1])) as server:
    people = lay_out(server, "town")
    url = server.replace("/postgres?", "/town?")
    database, time = Database(url), StoppedTime()
    office = Office(database, time, public_url="http://127.0.0.1:8000")
    everywhere(Town(url, database, time, office, dict(people)))
    database.close()
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('CREATE DATABASE "city"'))
    owner.dispose()
    url, now = server.replace("/postgres?", "/city?"), datetime(2026, 11, 22, 9, 8, tzinfo=ZONE)
    migrate(url, now)
    assert seeding.settle_in(url, now)
    seeding.tell(url, public_url="http://127.0.0.1:8000", at_once=True)
    seeding.tell(url, public_url="http://127.0.0.1:8000")
"""


@dataclass
class Told:
    """What came of one database."""

    name: str
    before: Report
    after: Report
    seconds: float
    begun: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ended: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    short: list[Walked] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether everything agreed, nothing crashed, and every case came to an end but those that
        the law lets wait."""
        faults = (*self.before.faults, *self.after.faults, *self.before.lacking)
        return not faults and not [one for one in self.short if one.crashed or not _waits(one)]


def main() -> int:
    """Lay out, upgrade, walk on, and write the page; the status is 1 unless everything agreed."""
    parser = argparse.ArgumentParser(prog="python -m tests.old_cases")
    parser.add_argument("--data", type=Path, help="a data folder to use and keep")
    data: Path | None = parser.parse_args().data
    with tempfile.TemporaryDirectory(prefix="nuoxin-old-", ignore_cleanup_errors=True) as made:
        tree, folder = Path(made) / "tree", (data or Path(made) / "data").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "database").exists():
            _take_out(tree)
            _say(f"commit {COMMIT} lays out its town and its city")
            _lay_out(tree, folder / "database")
        with embedded_database(folder / "database") as server:
            told = [_upgraded(server, name) for name in _laid_out(server)]
    PAGE.write_text(_page(told), encoding="utf-8")
    return 0 if all(one.held for one in told) else 1


def _laid_out(server: str) -> list[str]:
    owner = engine_for(server, role=None)
    with owner.connect() as connection:
        names = set(connection.scalars(text("SELECT datname FROM pg_database")))
    owner.dispose()
    return [name for name in _DAYS if name in names]


def _take_out(tree: Path) -> None:
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", COMMIT]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tree, filter="data")


def _lay_out(tree: Path, folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", _LAYOUT, str(folder)]
    subprocess.run(command, cwd=tree, env=environment, check=True)


def _upgraded(server: str, name: str) -> Told:
    url = server.replace("/postgres?", f"/{name}?")
    for line in migrate(url, _DAYS[name]):
        _say(f"{name}: left for people: {line}")
    before, begun = _proved(url), time.monotonic()
    _say(f"{name}: {before.cases} cases, {before.rows} rows, {len(before.faults)} faults")
    told = Told(name, before, before, 0.0)
    with closing(Kept(url)) as database:
        _walk(told, database, _DAYS[name])
    told.seconds, told.after = time.monotonic() - begun, _proved(url)
    for fault in (*before.faults, *told.after.faults):
        _say(f"FAULT: {fault}")
    return told


class Kept(Branch):
    """A branch of which what was done can be kept."""

    def keep(self) -> None:
        """Everything since the last time."""
        self._outer.commit()
        self._outer = self._connection.begin()


def _walk(told: Told, database: Kept, now: datetime) -> None:
    """Take every open case on, each in a transaction of its own: of its ends to the one that its
    process came to least often so far, if it can."""
    time_ = StoppedTime(now)
    office = Office(database, time_, public_url=_PUBLIC_URL)
    with database.session() as session:
        named = session.execute(
            select(Account, Person.name).join(Person, Person.id == Account.person_id)
        ).all()
        people = {one.username: Actor(one.id, one.person_id, name) for one, name in named}
        cases = list(
            session.execute(
                select(Case.number, Case.process, Case.state)
                .where(Case.ended_at.is_(None))
                .order_by(Case.id)
            )
        )
    # What a penalty waits for comes first, and licences, which other cases move, come last.
    cases.sort(key=lambda one: (one.process != CORRECTION_ORDER.key, one.process in LICENCES))
    walker = Onward(Town("", database, time_, office, people), now)
    for number, process, state in cases:
        case = walker.town.case(number)
        told.begun[process][state] += 1
        if case.ended_at is None:
            walked = _walked(walker, database, case, told.ended[process])
            if walked.crashed or not walked.ended:
                told.short.append(walked)
                _say(f"{told.name}: {number} {process} {state} does not end: {walked.refused}")
        state = walker.town.case(number).state
        if walker.town.case(number).ended_at is not None:
            told.ended[process][state] += 1


def _walked(walker: Onward, database: Kept, case: Case, reached: Counter[str]) -> Walked:
    ends = sorted(walker.ends(case), key=lambda end: reached[end])
    for end in (*ends, ""):
        for met in (True, False):
            walked = walker.walk(case.number, end, met=met)
            if walked.ended and not walked.crashed and end in ("", walked.state):
                database.keep()
                return walked
            database.take_back()
            if walked.crashed or not walked.looked:
                break
        if walked.crashed:
            break
    return walked


def _proved(url: str) -> Report:
    with closing(Database(url)) as database, database.session() as session:
        return verify_database(session, VersionCache())


def _page(told: list[Told]) -> str:
    lines = [
        "# Old cases",
        "",
        f"`python -m proofs old_cases` takes commit {COMMIT} out of the repository and lets it",
        "lay out, with its own code, the town of its tests (a case in every state of each process)",
        "and its demo city. This release upgrades both databases, proves them, takes every open",
        "case on under the version it was opened with, one transaction a case, and proves them",
        "again. Of the ends that its version knows a case goes to the one that its process came to",
        "least often so far, of those to which it can go. A repair whose fine is",
        "still owed (`obligation_outstanding`) waits for it, and the law sets that no time.",
        "",
        f"Measured on {datetime.now(ZONE):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{platform.machine()} with {os.cpu_count()} cores:",
        "",
        "| database | cases | rows of the log | faults after the upgrade | open cases "
        "| came to an end | rows after the walk | faults after the walk | walked in |",
        "|-|-:|-:|-:|-:|-:|-:|-:|-:|",
    ]
    for one in told:
        open_, ended = _total(one.begun), _total(one.ended)
        lines.append(
            f"| {one.name} | {one.before.cases:,} | {one.before.rows:,} | {len(one.before.faults)} "
            f"| {open_} | {ended} | {one.after.rows:,} | {len(one.after.faults)} "
            f"| {one.seconds:.0f} s |"
        )
    for one in told:
        lines += ["", f"## {one.name.capitalize()}", ""]
        lines += ["| process | states | open cases | came to an end | which |", "|-|-:|-:|-:|-|"]
        for process in [key for key in PROCESSES if key in one.begun]:
            states, ends = one.begun[process], one.ended[process]
            which = "、".join(f"{end} {n}" for end, n in sorted(ends.items()))
            lines.append(
                f"| {process} | {len(states)} | {states.total()} | {ends.total()} | {which} |"
            )
        lines.append("")
        for walked in one.short:
            if walked.crashed:
                lines.append(f"- {walked.number} ({walked.process}) broke off: {walked.crashed}")
        waiting = Counter(_refused(walked) for walked in one.short if not walked.crashed)
        for (process, why), n in waiting.items():
            lines.append(f"- {n} of {process} wait, refused by {why}")
    return "\n".join(lines) + "\n"


def _waits(walked: Walked) -> bool:
    process, code = _WAITS
    return walked.process == process and code in _refused(walked)[1]


def _refused(walked: Walked) -> tuple[str, str]:
    """The process, and the codes of what stood against every step that was tried."""
    codes = {why.partition(":")[0] for said in walked.refused.values() for why in said}
    return walked.process, ", ".join(f"`{code}`" for code in sorted(codes))


def _total(counted: dict[str, Counter[str]]) -> int:
    return sum(states.total() for states in counted.values())


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
