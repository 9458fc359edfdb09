"""Hard stops: whatever is killed at whatever moment, deadlines are kept again within two minutes.

A demo city runs with `nuoxin up`. Each round hands in applications whose acceptance falls due,
turns the calendar past that, waits for a phase of the sweep that follows, and kills a part with
SIGKILL a drawn moment later, while somebody goes on filing. Then nothing is touched any more, save
that an `up` that was killed is started again, until a sweep that covers the new day has succeeded
and every part answers. At the end no acknowledged case may be missing, each day that was turned
over must have its root and its digests, supervisors must be told that runs were broken off, the log
must prove itself, and Ctrl-C must leave no process behind.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from proofs.house import (
    MATERIALS,
    PDF,
    SETTLING,
    House,
    application,
    left_behind,
    say,
    unproved,
    until,
)
from workflows.process_manager import free_port

PARTS = ("flows", "prefect", "postmaster", "backend", "web", "up")
PHASES = ("pending", "running", "committing")
KILLS = 20
PATIENCE = 120.0  # seconds: the promise
_GIVING_UP = 600.0
_PHASE_PATIENCE = 120.0
_CASES_A_ROUND = 6
_DAYS_A_ROUND = 9  # five working days and a weekend, wherever the round begins
# The latest moment after a phase has begun.
_JITTER = {"pending": 1.0, "running": 1.0, "committing": 0.05}


@dataclass
class Kill:
    """One kill, and what came of it."""

    part: str
    phase: str
    delay: float
    reached: bool = True
    recovered: float | None = None
    told: bool = False


class Filer:
    """Somebody who files applications, and remembers what was acknowledged."""

    def __init__(self, house: House) -> None:
        self._house, self._made = house, 0
        self.acknowledged: dict[str, int] = {}

    def file(self) -> str | None:
        """One application; gives its number, or None if it was not acknowledged."""
        self._made += 1
        data = application(
            f"南通江海旅馆{self._made}", f"南通市崇川区人民中路{1000 + self._made}号", "陈志远"
        )
        reply = self._sent(
            "POST",
            "/cases",
            json={"process": "instant_licence", "data": data},
            headers={"Idempotency-Key": f"proof-{os.getpid()}-{self._made}"},
        )
        return str(reply["number"]) if reply else None

    def hand_in(self, number: str) -> None:
        """Its materials, and the step from which the office's time runs."""
        for material in MATERIALS:
            self._sent(
                "POST",
                f"/cases/{number}/attachments",
                data={"material": material},
                files={"file": (f"{material}.pdf", PDF + number.encode())},
            )
        body = {"version": self.acknowledged[number], "input": {}}
        self._sent("POST", f"/cases/{number}/steps/submit", json=body)

    def _sent(self, method: str, path: str, **request: Any) -> dict[str, Any] | None:
        try:
            reply = self._house.ask("applicant", method, path, **request)
        except httpx.HTTPError:
            return None
        if not reply.is_success:
            return None
        said: dict[str, Any] = reply.json()
        if "version" in said:
            self.acknowledged[said["number"]] = said["version"]
        return said


def prove(seed: int, data: Path | None = None) -> bool:
    """Kill, see it recover, and print the table; says whether all of it held."""
    with tempfile.TemporaryDirectory(prefix="nuoxin-proof-", ignore_cleanup_errors=True) as made:
        return _prove(House((data or Path(made) / "data").resolve(), free_port()), seed)


def _prove(house: House, seed: int) -> bool:
    house.folder.mkdir(parents=True, exist_ok=True)
    house.start()
    try:
        say(f"seed {seed}; laying out the city in {house.folder}")
        if not until(lambda: house.sweep() is not None and house.all_answer(), SETTLING):
            say("the house did not come up:\n" + "\n".join(house.said()[-20:]))
            return False
        filer = Filer(house)
        kills = drawn(seed)
        first = house.today()
        for n, kill in enumerate(kills, 1):
            _one(house, filer, kill)
            say(f"{n:2} {kill.part} while {kill.phase}: {_result(kill)}")
            if _failed(kill):
                say("\n".join(house.said()[-20:]))
            if kill.recovered is None:
                break
        _table(kills)
        faults = [
            *(
                f"{kill.part} while {kill.phase}: {_result(kill)}"
                for kill in kills
                if _failed(kill)
            ),
            *_untold(kills),
            *_undone(house),
            *_missing_days(house, first),
            *_lost(house, filer),
            *left_behind(house),
            *unproved(house),
        ]
        for fault in faults:
            say(f"FAULT: {fault}")
        say("the promise held" if not faults else "the promise did not hold")
        return not faults
    finally:
        house.end()


def drawn(seed: int) -> list[Kill]:
    """Every part in every phase, and as many again as are missing from the number, in an order and
    at moments that the seed decides."""
    chance = random.Random(seed)
    pairs = [(part, phase) for part in PARTS for phase in PHASES]
    pairs += [(chance.choice(PARTS), chance.choice(PHASES)) for _ in range(KILLS - len(pairs))]
    chance.shuffle(pairs)
    return [Kill(part, phase, chance.uniform(0, _JITTER[phase])) for part, phase in pairs]


def _one(house: House, filer: Filer, kill: Kill) -> None:
    numbers = [number for _ in range(_CASES_A_ROUND) if (number := filer.file())]
    for number in numbers:
        filer.hand_in(number)
    rows = _rows(house)
    reply = house.ask("supervisor", "POST", "/demo/clock", json={"advance_days": _DAYS_A_ROUND})
    turned = datetime.fromisoformat(reply.raise_for_status().json()["now"])
    over = threading.Event()
    beside = threading.Thread(target=_go_on_filing, args=(filer, over))
    beside.start()
    try:
        kill.reached = until(lambda: _is_in(house, kill.phase, rows), _PHASE_PATIENCE, tick=0.02)
        time.sleep(kill.delay)
        at, begun = datetime.now(UTC), time.monotonic()
        house.strike(kill.part)
        time.sleep(1)
    finally:
        over.set()
        beside.join()
    if kill.part == "up":
        house.up.wait()
        begun = time.monotonic()
        house.start()

    def recovered() -> bool:
        swept = house.sweep()
        return swept is not None and swept[0] > at and swept[1] >= turned and house.all_answer()

    # Beyond the promise as well, to go on from a house that is whole.
    if until(recovered, _GIVING_UP):
        kill.recovered = time.monotonic() - begun
        kill.told = house.told_of_a_gap(at)


def _go_on_filing(filer: Filer, over: threading.Event) -> None:
    while not over.wait(0.5):
        filer.file()


def _is_in(house: House, phase: str, rows: int) -> bool:
    if phase == "committing":
        return _rows(house) > rows
    return phase.upper() in house.runs()


def _rows(house: House) -> int:
    """How many applications have been accepted by silence, which only time does."""
    with suppress(psycopg.Error, FileNotFoundError), house.database() as connection:
        row = connection.execute(
            "SELECT count(*) FROM case_log WHERE header->>'name' = 'deem_accepted'"
        ).fetchone()
        return int(row[0]) if row else 0
    return 0


def _failed(kill: Kill) -> bool:
    return kill.recovered is None or kill.recovered > PATIENCE


def _result(kill: Kill) -> str:
    if kill.recovered is None:
        return "NOT RECOVERED"
    return f"{kill.recovered:.1f} s" + (" TOO LATE" if _failed(kill) else "")


def _undone(house: House) -> list[str]:
    """The duties besides the sweep, which every turn of the calendar asks for too, that were not
    done; empty once all are."""
    left: list[str] = []

    def done() -> bool:
        told = house.ask("supervisor", "GET", "/demo/clock").raise_for_status().json()["duties"]
        left[:] = [f"{duty['duty']} {duty['state']}" for duty in told if duty["state"] != "done"]
        return not left

    return [] if until(done, PATIENCE) else [f"not done for the new day: {', '.join(left)}"]


def _untold(kills: list[Kill]) -> list[str]:
    """Not each kill meets a duty at work, but over all of them some do."""
    told = [kill for kill in kills if kill.told]
    say(f"{len(told)} of {len(kills)} kills broke a duty off, and the page told of the gap")
    return [] if told else ["no gap was told of"]


def _missing_days(house: House, first: date) -> list[str]:
    """The days that were turned over and have no root, or no digest for each authority."""
    today = house.today()
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    with house.database() as connection:
        roots = {row[0] for row in connection.execute("SELECT day FROM daily_root")}
        digests = {row[0] for row in connection.execute("SELECT key FROM notice")}
        watched = connection.execute(
            "SELECT DISTINCT code FROM authority JOIN post ON post.authority_id = authority.id"
            " WHERE role = 'supervisor' ORDER BY code"
        ).fetchall()
    bare = [f"{day}: no root" for day in days if day not in roots]
    bare += [
        f"{day}: no digest for {code}"
        for day in days
        for (code,) in watched
        if f"digest/{code}/supervisor/{day}" not in digests
    ]
    whole = len(days) - len({line[:10] for line in bare})
    say(f"{len(days)} days were turned over, {whole} of them have all roots and digests")
    return bare


def _lost(house: House, filer: Filer) -> list[str]:
    """What was acknowledged and is not there."""
    with house.database() as connection:
        rows = connection.execute(
            "SELECT number, version FROM case_file WHERE number = ANY(%s)",
            [list(filer.acknowledged)],
        ).fetchall()
    kept = dict(rows)
    say(f"{len(filer.acknowledged)} acknowledged applications, {len(kept)} of them there")
    return [
        f"case {number}: acknowledged at version {version}, now {kept.get(number)}"
        for number, version in filer.acknowledged.items()
        if kept.get(number, -1) < version
    ]


def _table(kills: list[Kill]) -> None:
    say(f"\nload of the machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    say("\n| | killed | phase of the run | moment | swept again, all parts up | gap |")
    say("|-:|-|-|-:|-:|-|")
    for n, kill in enumerate(kills, 1):
        phase = kill.phase if kill.reached else f"{kill.phase} (not met in time)"
        say(
            f"| {n} | {kill.part} | {phase} | +{kill.delay:.2f} s | {_result(kill)} |"
            f" {'told' if kill.told else ''} |"
        )
    times = sorted(kill.recovered for kill in kills if kill.recovered is not None)
    if times:
        say(f"\nmedian {times[len(times) // 2]:.0f} s, longest {times[-1]:.0f} s of {PATIENCE:.0f}")
