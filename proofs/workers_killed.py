"""Workers and database killed: what is due happens once, and each notice goes out under one key.

Three workers of Prefect serve one PostgreSQL with a hundred thousand open cases, of which five
thousand are due, at two authorities. Meanwhile one of them, or the database, is killed with SIGKILL
again and again, from the first clock to the last message, and started again, as a supervisor of
processes would. At the end each due clock must have fired exactly once, no other one; each message
must have reached the gateway under its own key; and the chain of every log that grew must be whole.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.open_cases import fill
from benchmarks.step_speed import opened, plain
from casework.acts.journal import FIRST, payload_digest, row_hash
from casework.notifying.addressing import QUIET
from casework.notifying.local_targets import LOCAL_OUTLETS
from casework.notifying.outlets import open_outlet
from casework.operations.embedded import EmbeddedServer, embedded_server
from rulebook.tree import ROOT
from tests.support.far_ends import FarEnd, gateway
from tests.support.rules import set_key
from tests.support.town import fresh_copy, lay_out
from workflows.process_manager import free_port
from workflows.server import api_url, server_command, server_environment

_OPEN, _DUE = 100_000, 5_000
_KILLS = 40
_WORKERS = 3
# Between two kills; a run takes some seconds to begin.
_PAUSE = (3.0, 12.0)
# A kill waits for its share of the work, so that the last come when little is left, but no longer.
_LONGEST = 90.0
_DATABASE_OF_TEN = 3
_PATIENCE = 3600.0
# By the administrator of the authority that uses it.
# The gateway of the proof is on this machine.
_HERE = "127.0.0.1:*"
_SECRETS = {"admin": "NUOXIN_SECRET_CC_SMS", "admin_b": "NUOXIN_SECRET_TZ_SMS"}
_TEMPLATE = "killed_settled"


def prove(seed: int, data: Path | None = None) -> bool:
    """Kill, wait until all is done, and print what came of it; says whether all of it held."""
    os.environ[LOCAL_OUTLETS] = _HERE
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="nuoxin-killed-"))
        folder = (data or Path(made)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(embedded_server(folder / "pg"))
        end = stack.enter_context(gateway())
        people = lay_out(server.url, _TEMPLATE)
        url = stack.enter_context(fresh_copy(server.url, _TEMPLATE, "killed"))
        town = opened(url, people)
        town.time.instant = datetime.now(UTC) - timedelta(days=30)
        with psycopg.connect(plain(url), autocommit=True) as owner:
            owner.execute("UPDATE party SET phone = '13800000001'")
        with town.session() as session:
            set_key(session, QUIET, value=["00:00", "00:00"])
        for admin, secret in _SECRETS.items():
            open_outlet(
                town.office, people[admin], medium="sms", label="短信平台", ground="实测",
                address=f"http://127.0.0.1:{end.port}/send", per_minute=6000,
                secret_name=secret,
            )  # fmt: skip
        fill(town, _OPEN, due=_DUE)
        town.database.close()
        with psycopg.connect(plain(url), autocommit=True) as owner:
            # Two authorities, so that two workers can be at it.
            owner.execute(
                "UPDATE case_file SET authority_id = (SELECT id FROM authority WHERE code = 'TZ')"
                " WHERE id % 2 = 1"
            )
        _say(f"seed {seed}; {_OPEN:,} open cases, {_DUE:,} of them due")
        began = time.monotonic()
        with _household(folder, url) as house:
            _kill(house, server, url, random.Random(seed))
            _say(f"{_KILLS} kills in {time.monotonic() - began:.0f} s: {house.killed}")
            with suppress(psycopg.Error):
                _say("then due {}, to be lined up {}, to be sent {}".format(*_left(url)))
            done = _wait(url, server, house)
        _say(f"all done after {time.monotonic() - began:.0f} s")
        faults = [*([] if done else ["not done in time"]), *_faults(url, end)]
    for fault in faults:
        _say(f"FAULT: {fault}")
    _say("the promise held" if not faults else "the promise did not hold")
    return not faults


class _House:
    """Prefect's server and the workers, each in a process group of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.killed: dict[str, int] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._api = api_url(port := free_port())
        self._server = server_command(port)
        self._environment = {
            **{name: said for name, said in os.environ.items() if not name.startswith("NUOXIN")},
            **server_environment(folder),
            **dict.fromkeys(_SECRETS.values(), "proof"),
            "PREFECT_API_URL": self._api,
            "NUOXIN_DATABASE_URL": url,
            "NUOXIN_DATA": str(folder),
            "NO_PROXY": "127.0.0.1",
            LOCAL_OUTLETS: _HERE,
        }

    def begin(self) -> None:
        """Start the server, and then the workers."""
        self._start("prefect", self._server)
        until = time.monotonic() + 240
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self._api}/health", trust_env=False).is_success:
                    break
            time.sleep(1)
        for n in range(1, _WORKERS + 1):
            self.work(f"flows-{n}")

    def work(self, name: str) -> None:
        """Start a worker."""
        self._start(name, [sys.executable, str(ROOT / "nuoxin.py"), "flows"])

    def kill(self, name: str) -> None:
        """Kill a worker with the runs that it has begun, and start it again."""
        with suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, signal.SIGKILL)
        self._running[name].wait()
        self.killed[name] = self.killed.get(name, 0) + 1
        self.work(name)

    def mend(self) -> None:
        """Start again the workers that have ended, as they do if there is no database."""
        for name, one in list(self._running.items()):
            if name != "prefect" and one.poll() is not None:
                self.work(name)

    def end(self) -> None:
        """Kill all of it."""
        for one in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()

    def _start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip


@contextmanager
def _household(folder: Path, url: str) -> Iterator[_House]:
    house = _House(folder, url)
    try:
        house.begin()
        yield house
    finally:
        house.end()


def _kill(house: _House, server: EmbeddedServer, url: str, chance: random.Random) -> None:
    for nth in range(_KILLS):
        time.sleep(chance.uniform(*_PAUSE))
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until and not _has_come(url, nth / _KILLS):
            time.sleep(0.5)
        house.mend()
        if chance.randrange(10) < _DATABASE_OF_TEN:
            os.kill(server.pid, signal.SIGKILL)
            while server.lives():  # on a busy machine it dies a moment after its signal
                time.sleep(0.05)
            house.killed["postmaster"] = house.killed.get("postmaster", 0) + 1
            server.start(120)
        else:
            house.kill(f"flows-{1 + nth % _WORKERS}")


def _has_come(url: str, share: float) -> bool:
    """Whether that share of what there is to do is done: each clock fires, and is told of."""
    with suppress(psycopg.Error):
        due, notices, messages = _left(url)
        return 2 * due + notices + messages <= (1 - share) * 2 * _DUE
    return False


def _left(url: str) -> tuple[int, int, int]:
    """How many cases are due, notices wait to be lined up, and messages to be sent."""
    with psycopg.connect(plain(url)) as owner:
        [(due, notices, messages)] = owner.execute(
            "SELECT (SELECT count(*) FROM case_file WHERE next_due <= now()),"
            " (SELECT count(*) FROM notice WHERE delivered_at IS NULL),"
            " (SELECT count(*) FROM message WHERE state NOT IN ('sent', 'arrived'))"
        ).fetchall()
    return due, notices, messages


def _wait(url: str, server: EmbeddedServer, house: _House) -> bool:
    """Until nothing is due and nothing waits to be sent; says whether that came."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with suppress(psycopg.Error):
            left = _left(url)
            if not any(left):
                return True
            _say("due {}, to be lined up {}, to be sent {}".format(*left))
        if not server.lives():
            server.start(120)
        house.mend()
        time.sleep(10)
    return False


def _faults(url: str, end: FarEnd) -> list[str]:
    with psycopg.connect(plain(url)) as owner:
        fired = owner.execute(
            "SELECT case_id, count(*) FROM case_log WHERE header->>'name' = 'deem_accepted'"
            " GROUP BY case_id"
        ).fetchall()
        keys = {key for (key,) in owner.execute("SELECT key FROM message")}
        untold = owner.execute(
            "SELECT count(*) FROM case_log l WHERE header->>'name' = 'deem_accepted'"
            " AND NOT EXISTS (SELECT FROM notice n JOIN message m ON m.notice_id = n.id"
            " WHERE n.key = 'step/' || l.case_id || '/' || l.seq || '/party')"
        ).fetchall()[0][0]
        faults = [f"case {case}: fired {times} times" for case, times in fired if times != 1]
        if len(fired) != _DUE:
            faults.append(f"{len(fired)} clocks fired, {_DUE} were due")
        if untold:
            faults.append(f"of {untold} that fired no party was told")
        if missing := keys - end.known.keys():
            faults.append(f"{len(missing)} messages never reached the gateway")
        if strange := end.known.keys() - keys:
            faults.append(f"{len(strange)} keys at the gateway that no message has")
        _say(
            f"{len(fired):,} fired; {len(keys):,} messages, {len(end.known):,} keys at the gateway,"
            f" which was asked {len(end.asked):,} times"
        )
        rows: dict[int, list[Any]] = {}
        for row in owner.execute(
            "SELECT case_id, header, payload, salt, payload_digest, previous, hash FROM case_log"
            " WHERE case_id IN (SELECT case_id FROM case_log WHERE header->>'name' ="
            " 'deem_accepted') ORDER BY case_id, seq"
        ):
            rows.setdefault(row[0], []).append(row[1:])
        faults += [
            f"case {case}: its log is not whole" for case, own in rows.items() if not _whole(own)
        ]
        _say(f"{sum(map(len, rows.values())):,} rows of {len(rows):,} logs read again")
    return faults


def _whole(rows: list[Any]) -> bool:
    """Whether each row says what its hash has, and follows the one before it, or is the first."""
    before = FIRST
    for header, payload, salt, digest, previous, kept in rows:
        if previous != before:
            return False
        if payload_digest(salt, payload) != digest or row_hash(header, digest, previous) != kept:
            return False
        before = kept
    return True


def _say(text: str) -> None:
    print(text, flush=True)
