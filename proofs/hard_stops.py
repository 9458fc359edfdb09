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
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # comes with the embedded server
import psycopg

from casework.common.timekeeping import legal_date
from casework.deadlines.duty_book import DUTIES
from casework.operations.embedded import embedded_database
from rulebook.tree import ROOT
from workflows.process_manager import free_port

PARTS = ("flows", "prefect", "postmaster", "backend", "web", "up")
PHASES = ("pending", "running", "committing")
KILLS = 20
PATIENCE = 120.0  # seconds: the promise
_GIVING_UP = 600.0
_SETTLING = 1800.0  # for the city to be laid out, on a busy machine
_PHASE_PATIENCE = 120.0
_CASES_A_ROUND = 6
_DAYS_A_ROUND = 9  # five working days and a weekend, wherever the round begins
# The flows whose runs live through the days that were turned over.
_DAILY = [duty.name for duty in DUTIES.values() if duty.daily]
_MATERIALS = ("application_form", "identity", "plans", "test_report", "management_rules")
_PDF = b"%PDF-1.4\n%%EOF\n"
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


class House:
    """A running `nuoxin up --demo`, as somebody sees it who has only the machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.console = folder / "console.log"
        self.up: subprocess.Popen[bytes]
        self._web = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10, follow_redirects=False
        )
        self._tokens: dict[str, str] = {}

    def start(self) -> None:
        """Start it as a person would; what it says goes to `console`."""
        own = ("NUOXIN", "PREFECT")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(own)
        }
        where = ["--port", str(self.port), "--data", str(self.folder)]
        with self.console.open("ab") as console:
            self.up = subprocess.Popen(
                [sys.executable, "-u", str(ROOT / "nuoxin.py"), "up", "--demo", *where],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def processes(self) -> dict[str, psutil.Process]:
        """`up`, and the parts that it has started, by name."""
        found = {"up": psutil.Process(self.up.pid)}
        for child in found["up"].children():
            with suppress(psutil.Error):
                said = " ".join(child.cmdline())
                for name, mark in (("web", " api "), ("flows", " flows"), ("prefect", " server ")):
                    if mark in f"{said} ":
                        found[name] = child
        with suppress(FileNotFoundError, IndexError, psutil.Error):
            pid = (self.folder / "database" / "postmaster.pid").read_text().splitlines()[0]
            found["postmaster"] = psutil.Process(int(pid))
        return found

    def of_this_house(self) -> list[psutil.Process]:
        """Every process that belongs to this data folder, whoever started it."""
        mark, own = str(self.folder), os.getpid()
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("NUOXIN_DATA") == mark or (
                    {mark, f"{mark}/database"} & set(process.cmdline()) and process.pid != own
                ):
                    found.append(process)
        return found

    def ask(self, who: str, method: str, path: str, **request: Any) -> httpx.Response:
        """One request, by somebody who logs in when that is asked for."""
        for attempt in range(2):
            if who not in self._tokens:
                account = {"username": who, "password": "demo"}
                reply = self._web.post("/api/v1/session", json=account).raise_for_status()
                self._tokens[who] = reply.json()["token"]
            headers = {**request.get("headers", {}), "Authorization": f"Bearer {self._tokens[who]}"}
            reply = self._web.request(method, f"/api/v1{path}", **{**request, "headers": headers})
            if reply.status_code != 401 or attempt:
                return reply
            del self._tokens[who]
        raise AssertionError("unreachable")

    def health(self) -> dict[str, Any] | None:
        """What the house says of itself; None if it says nothing."""
        with suppress(httpx.HTTPError, ValueError):
            reply = self._web.get("/healthz")
            if reply.is_success:
                health: dict[str, Any] = reply.json()
                return health
        return None

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """The database, as its administrator."""
        url = (self.folder / "database_url").read_text(encoding="utf-8").strip()
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def sweep(self) -> tuple[datetime, datetime] | None:
        """Since when what fell due has been done for every authority, and up to which day of the
        calendar; None if it has not."""
        with suppress(psycopg.Error, FileNotFoundError), self.database() as connection:
            row = connection.execute(
                "SELECT min(succeeded_at), min(done_to) FROM duty_run WHERE duty = 'due-clocks'"
                " AND authority <> '' HAVING count(*) = count(succeeded_at)"
            ).fetchone()
            return (row[0], row[1]) if row and row[0] else None
        return None

    def today(self) -> date:
        """The day of its calendar."""
        reply = self.ask("supervisor", "GET", "/demo/clock").raise_for_status()
        return legal_date(datetime.fromisoformat(reply.json()["now"]))

    def told_of_a_gap(self, since: datetime) -> bool:
        """Whether the supervisors' page tells that a duty was broken off and since done again."""
        told = self.ask("supervisor", "GET", "/duties").raise_for_status().json()
        ends = [duty["gap_to"] for duty in told["lines"] if duty["gap_to"]]
        return any(datetime.fromisoformat(end) > since for end in ends)

    def runs(self) -> set[str]:
        """The states of runs that may live through days, if Prefect knows them to be at work."""
        with suppress(KeyError, StopIteration, psutil.Error, httpx.HTTPError):
            server = self.processes()["prefect"].cmdline()
            port = server[server.index("--port") + 1]
            reply = httpx.post(
                f"http://127.0.0.1:{port}/api/flow_runs/filter",
                json={
                    "flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}},
                    "flows": {"name": {"any_": _DAILY}},
                },
                trust_env=False,
                timeout=5,
            )
            return {run["state"]["type"] for run in reply.raise_for_status().json()}
        return set()

    def said(self) -> list[str]:
        """All that it has said on its console."""
        return self.console.read_text(encoding="utf-8", errors="replace").splitlines()


class Filer:
    """Somebody who files applications, and remembers what was acknowledged."""

    def __init__(self, house: House) -> None:
        self._house, self._made = house, 0
        self.acknowledged: dict[str, int] = {}

    def file(self) -> str | None:
        """One application; gives its number, or None if it was not acknowledged."""
        self._made += 1
        data = {
            "place_name": f"南通江海旅馆{self._made}",
            "place_kind": "hotel",
            "region": "320613",
            "address": f"南通市崇川区人民中路{1000 + self._made}号",
            "area_m2": 120,
            "representative": "陈志远",
            "contact_name": "李敏",
            "contact_phone": "13800000001",
        }
        reply = self._sent(
            "POST",
            "/cases",
            json={"process": "instant_licence", "data": data},
            headers={"Idempotency-Key": f"proof-{os.getpid()}-{self._made}"},
        )
        return str(reply["number"]) if reply else None

    def hand_in(self, number: str) -> None:
        """Its materials, and the step from which the office's time runs."""
        for material in _MATERIALS:
            self._sent(
                "POST",
                f"/cases/{number}/attachments",
                data={"material": material},
                files={"file": (f"{material}.pdf", _PDF + number.encode())},
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
        _say(f"seed {seed}; laying out the city in {house.folder}")
        if not _until(lambda: house.sweep() is not None and _all_answer(house), _SETTLING):
            _say("the house did not come up:\n" + "\n".join(house.said()[-20:]))
            return False
        filer = Filer(house)
        kills = drawn(seed)
        first = house.today()
        for n, kill in enumerate(kills, 1):
            _one(house, filer, kill)
            _say(f"{n:2} {kill.part} while {kill.phase}: {_result(kill)}")
            if _failed(kill):
                _say("\n".join(house.said()[-20:]))
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
            *_left_behind(house),
            *_unproved(house),
        ]
        for fault in faults:
            _say(f"FAULT: {fault}")
        _say("the promise held" if not faults else "the promise did not hold")
        return not faults
    finally:
        for process in house.of_this_house():
            with suppress(psutil.Error):
                process.kill()


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
        kill.reached = _until(lambda: _is_in(house, kill.phase, rows), _PHASE_PATIENCE, tick=0.02)
        time.sleep(kill.delay)
        at, begun = datetime.now(UTC), time.monotonic()
        _strike(house, kill.part)
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
        return swept is not None and swept[0] > at and swept[1] >= turned and _all_answer(house)

    # Beyond the promise as well, to go on from a house that is whole.
    if _until(recovered, _GIVING_UP):
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


def _strike(house: House, part: str) -> None:
    """SIGKILL. The flows with the run that they have begun; of the sessions, one that works."""
    if part == "backend":
        with house.database() as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC,"
                " xact_start IS NOT NULL DESC, state_change DESC LIMIT 1"
            ).fetchone()
        if row:
            os.kill(row[0], signal.SIGKILL)
        return
    victim = house.processes()[part]
    if part == "flows":
        os.killpg(victim.pid, signal.SIGKILL)
    else:
        victim.kill()


def _all_answer(house: House) -> bool:
    health = house.health()
    return health is not None and health["prefect"] and not health["sweep"]["overdue"]


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

    return [] if _until(done, PATIENCE) else [f"not done for the new day: {', '.join(left)}"]


def _untold(kills: list[Kill]) -> list[str]:
    """Not each kill meets a duty at work, but over all of them some do."""
    told = [kill for kill in kills if kill.told]
    _say(f"{len(told)} of {len(kills)} kills broke a duty off, and the page told of the gap")
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
    _say(f"{len(days)} days were turned over, {whole} of them have all roots and digests")
    return bare


def _lost(house: House, filer: Filer) -> list[str]:
    """What was acknowledged and is not there."""
    with house.database() as connection:
        rows = connection.execute(
            "SELECT number, version FROM case_file WHERE number = ANY(%s)",
            [list(filer.acknowledged)],
        ).fetchall()
    kept = dict(rows)
    _say(f"{len(filer.acknowledged)} acknowledged applications, {len(kept)} of them there")
    return [
        f"case {number}: acknowledged at version {version}, now {kept.get(number)}"
        for number, version in filer.acknowledged.items()
        if kept.get(number, -1) < version
    ]


def _unproved(house: House) -> list[str]:
    """What `nuoxin verify` finds, on a database that nobody is at any more."""
    with embedded_database(house.folder / "database") as url:
        result = subprocess.run(
            [sys.executable, str(ROOT / "nuoxin.py"), "verify", "--data", str(house.folder)],
            cwd=ROOT,
            env={**os.environ, "NUOXIN_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    _say(f"nuoxin verify: {result.stdout.strip()}")
    return [] if result.returncode == 0 else [f"verify: {result.stderr.strip()}"]


def _left_behind(house: House) -> list[str]:
    """Ctrl-C ends all of it."""
    house.up.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        house.up.wait(60)
    left = house.of_this_house()
    _say(f"after Ctrl-C: status {house.up.poll()}, {len(left)} processes left")
    return [f"left behind: {process}" for process in left]


def _table(kills: list[Kill]) -> None:
    _say(f"\nload of the machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    _say("\n| | killed | phase of the run | moment | swept again, all parts up | gap |")
    _say("|-:|-|-|-:|-:|-|")
    for n, kill in enumerate(kills, 1):
        phase = kill.phase if kill.reached else f"{kill.phase} (not met in time)"
        _say(
            f"| {n} | {kill.part} | {phase} | +{kill.delay:.2f} s | {_result(kill)} |"
            f" {'told' if kill.told else ''} |"
        )
    times = sorted(kill.recovered for kill in kills if kill.recovered is not None)
    if times:
        _say(
            f"\nmedian {times[len(times) // 2]:.0f} s, longest {times[-1]:.0f} s of {PATIENCE:.0f}"
        )


def _until(found: Callable[[], bool], patience: float, tick: float = 0.5) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(tick)
    return False


def _say(text: str) -> None:
    print(text, flush=True)
