"""A demo city under `nuoxin up`, for proofs that kill its parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # comes with the embedded server
import psycopg

from casework.common.timekeeping import legal_date
from casework.deadlines.duty_book import DUTIES
from casework.operations.embedded import embedded_database
from demo.paper import pdf
from rulebook.tree import ROOT

SETTLING = 1800.0  # seconds for the city to be laid out, on a busy machine
MATERIALS = ("application_form", "identity", "plans", "test_report", "management_rules")
PDF = pdf(["材料"])
# By what the command line of each part of `up` is known.
_MARKS = {
    "web": " api ", "flows": " flows ", "prefect": " server ", "guard": "orphan_guard",
}  # fmt: skip
_ROOTS = ("up", "postmaster")
# The flows whose runs live through the days that were turned over.
_DAILY = [duty.name for duty in DUTIES.values() if duty.daily]


class House:
    """A running `nuoxin up --demo`, as somebody sees it who has only the machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.console = folder / "console.log"
        self.up: subprocess.Popen[bytes]
        self.address = f"http://127.0.0.1:{port}"
        self._web = httpx.Client(
            base_url=self.address, trust_env=False, timeout=10, follow_redirects=False
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
        """`up`, and the parts that it has started, by name; those that live."""
        found = {}
        with suppress(psutil.Error):
            found["up"] = psutil.Process(self.up.pid)
            for child in found["up"].children():
                with suppress(psutil.Error):
                    said = " ".join(child.cmdline())
                    for name, mark in _MARKS.items():
                        if mark in f"{said} ":
                            found[name] = child
        with suppress(FileNotFoundError, IndexError, psutil.Error):
            pid = (self.folder / "database" / "postmaster.pid").read_text().splitlines()[0]
            found["postmaster"] = psutil.Process(int(pid))
        return found

    def strangers(self) -> list[psutil.Process]:
        """What belongs to this data folder, but neither to the `up` that runs nor to its
        database."""
        roots = [process for name, process in self.processes().items() if name in _ROOTS]
        own = {process for one in roots for process in _with_offspring(one)}
        return [process for process in self.of_this_house() if process not in own]

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
            token = self._tokens.get(who) or self._log_in(who)
            headers = {**request.get("headers", {}), "Authorization": f"Bearer {token}"}
            reply = self._web.request(method, f"/api/v1{path}", **{**request, "headers": headers})
            if reply.status_code != 401 or attempt:
                return reply
            self._tokens.pop(who, None)
        raise AssertionError("unreachable")

    def _log_in(self, who: str) -> str:
        account = {"username": who, "password": "demo"}
        reply = self._web.post("/api/v1/session", json=account).raise_for_status()
        token: str = reply.json()["token"]
        self._tokens[who] = token
        return token

    def health(self) -> dict[str, Any] | None:
        """What the house says of itself; None if it says nothing."""
        with suppress(httpx.HTTPError, ValueError):
            reply = self._web.get("/healthz")
            if reply.is_success:
                health: dict[str, Any] = reply.json()
                return health
        return None

    @property
    def url(self) -> str:
        """Where its database is."""
        return (self.folder / "database_url").read_text(encoding="utf-8").strip()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """The database, as its administrator."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def all_answer(self) -> bool:
        """Whether each part answers, and what falls due is done in time."""
        health = self.health()
        return health is not None and health["prefect"] and not health["sweep"]["overdue"]

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

    def strike(self, part: str) -> None:
        """SIGKILL of a part: the flows with the runs that they have begun, or alone, or one run; of
        the sessions one that works; of the host all at the same moment."""
        if part == "host":
            self._strike_all()
        elif part == "backend":
            with self.database() as connection:
                row = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                    " AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC,"
                    " xact_start IS NOT NULL DESC, state_change DESC LIMIT 1"
                ).fetchone()
            if row:
                os.kill(row[0], signal.SIGKILL)
        elif part == "flows":
            os.killpg(self.processes()[part].pid, signal.SIGKILL)
        elif part == "run":
            (self.at_work() or [self.processes()["flows"]])[0].kill()
        else:
            self.processes()[part.removesuffix(" alone")].kill()

    def at_work(self) -> list[psutil.Process]:
        """The runs that the flows have begun."""
        with suppress(KeyError, psutil.Error):
            runs: list[psutil.Process] = self.processes()["flows"].children()
            return runs
        return []

    def _strike_all(self) -> None:
        everybody = {process for one in self.of_this_house() for process in _with_offspring(one)}
        for how in (signal.SIGSTOP, signal.SIGKILL):
            for process in everybody:
                with suppress(psutil.Error):
                    process.send_signal(how)

    def end(self) -> None:
        """End whatever is left of it."""
        for process in self.of_this_house():
            with suppress(psutil.Error):
                process.kill()

    def said(self) -> list[str]:
        """All that it has said on its console."""
        return self.console.read_text(encoding="utf-8", errors="replace").splitlines()


def application(place_name: str, address: str, representative: str) -> dict[str, Any]:
    """An application for a hotel in the first district."""
    return {
        "place_name": place_name,
        "place_kind": "hotel",
        "region": "320613",
        "address": address,
        "area_m2": 120,
        "representative": representative,
        "contact_name": "李敏",
        "contact_phone": "13800000001",
    }


def left_behind(house: House) -> list[str]:
    """Ctrl-C ends all of it."""
    house.up.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        house.up.wait(60)
    left = house.of_this_house()
    say(f"after Ctrl-C: status {house.up.poll()}, {len(left)} processes left")
    return [f"left behind: {process}" for process in left]


def unproved(house: House) -> list[str]:
    """What `nuoxin verify` finds, on a database that nobody is at any more."""
    with embedded_database(house.folder / "database") as url:
        return refuted(house, url)


def refuted(house: House, url: str) -> list[str]:
    """What `nuoxin verify` finds in the database of a house."""
    result = subprocess.run(
        [sys.executable, str(ROOT / "nuoxin.py"), "verify", "--data", str(house.folder)],
        cwd=ROOT,
        env={**os.environ, "NUOXIN_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    say(f"nuoxin verify: {result.stdout.strip()}")
    return [] if result.returncode == 0 else [f"verify: {result.stderr.strip()}"]


def until(found: Callable[[], bool], patience: float, tick: float = 0.5) -> bool:
    """Wait until it is found, as long as patience lasts; says whether it was."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(tick)
    return False


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def _with_offspring(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []
