"""Kills under load: whatever is killed, while many are at work, the books are balanced afterwards.

A demo city runs with `nuoxin up`. Several firms, and the officers at the desks that their cases
come to, take case after case through the API, from its filing to the look at the place, all at the
same time; whatever is not answered they ask again under the same key until it is. Meanwhile parts
are killed with SIGKILL, one after the other, in an order and at moments that the seed decides, up
to the whole host at once. Nothing is touched then, save that an `up` that was killed is started
again.

Once everybody is answered again the books are read as of one instant: what was acknowledged is in
the log exactly once and its answer is kept; what was not is done wholly or not at all; what changed
proves itself; no number and no key is given twice, and no process is left that belongs to nobody.
`nuoxin verify` proves all of it now and then, and at the end.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import JSON, Text, select, text
from sqlalchemy.orm import Session

from casework.acts.journal import COUNTED
from casework.audit.numbers_proof import faults_of_numbers
from casework.audit.proof import verify_case
from casework.common.database import Database
from casework.models import Case
from casework.rules.versions import VersionCache
from demo.citizens import Firm, read_city
from proofs.house import (
    MATERIALS,
    PDF,
    SETTLING,
    House,
    application,
    left_behind,
    refuted,
    say,
    unproved,
    until,
)
from tests.support.town import ACCEPTED, INSPECTORS, answers, look, promise
from workflows.process_manager import free_port

PARTS = (
    "web", "flows", "flows alone", "run", "prefect", "postmaster", "backend", "guard", "up", "host",
)  # fmt: skip
KILLS = 200
_FIRMS = ("firm01", "firm02", "firm04", "firm05", "firm06", "firm12")
# What is begun for a new day is at work when these are killed.
_AT_A_RUN = ("run", "flows alone")
_LATEST = 3.0  # seconds of work before a kill
_THINKING = (0.1, 0.5)
_LEFT_LYING = 6  # of so many cases one stays with the window
_AGAIN = 0.2  # seconds, then it is asked again
_PATIENCE = 180.0
_VERIFY_EVERY = 50


@dataclass
class Act:
    """Something that was asked, under a key of its own or as the same file, and its answer."""

    who: str
    case: str  # its number; of an opening, the name of the place
    step: str  # of an opening none
    path: str
    request: dict[str, Any]
    key: str = ""
    material: str = ""
    reply: dict[str, Any] | None = None


@dataclass
class Kill:
    """One kill, and what came of it."""

    part: str
    delay: float
    back: float | None = None
    faults: list[str] = field(default_factory=list)


class GivenUp(Exception):
    """Something was refused, or never answered: this case is not gone on with."""


class Client(threading.Thread):
    """A firm with one case after the other, and the officers whom it meets on the way."""

    _serial = count(1)

    def __init__(self, house: House, firm: Firm, over: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self._house, self._firm, self._over = house, firm, over
        self._chance = random.Random(f"{seed}/{firm.account}")
        self.acts: list[Act] = []
        self.faults: list[str] = []
        self.asked_again = 0
        self.answered = 0.0  # when it asked what was answered last
        self._versions: dict[str, int] = {}

    def run(self) -> None:
        """Take cases until it is over."""
        while not self._over.is_set():
            with suppress(GivenUp):
                self._take_a_case()

    def _take_a_case(self) -> None:
        firm, n = self._firm, next(self._serial)
        place = f"{firm.name}第{n}分店"
        data = application(place, f"南通市崇川区人民中路{2000 + n}号", firm.representative)
        body = {"process": "instant_licence", "data": data}
        number = self._act(Act(firm.account, place, "", "/cases", {"json": body}))["number"]
        self._versions[number] = 0
        for material in MATERIALS:
            self._hand_in(number, material)
        self._take(firm.account, number, "submit")
        if self._chance.randrange(_LEFT_LYING) == 0:
            return  # until the calendar decides
        self._take("window", number, "accept", ACCEPTED)
        self._take("window", number, "inform")
        self._take(firm.account, number, "study", answers())
        self._take(firm.account, number, "commit", promise(firm.representative))
        self._take("window", number, "grant")
        check = self._look_up(number)
        self._take("window", number, "deliver", {"recipient": firm.representative})
        self._versions[check] = 0
        self._take("supervisor", check, "assign", INSPECTORS)
        self._take("inspector1", check, "inspect", look(met=True))
        self._take("inspector2", check, "inspect", sign=True)

    def _take(
        self, who: str, number: str, step: str, given: Any = None, *, sign: bool = False
    ) -> None:
        path = f"/cases/{number}/steps/{step}"
        body: dict[str, Any] = {"version": self._versions[number]}
        if sign:
            path += "/signatures"
        else:
            body["input"] = given or {}
        reply = self._act(Act(who, number, step, path, {"json": body}))
        self._versions[number] = reply["version"]

    def _hand_in(self, number: str, material: str) -> None:
        file = (f"{material}.pdf", PDF + f"{number}/{material}".encode())
        request = {"data": {"material": material}, "files": {"file": file}}
        path = f"/cases/{number}/attachments"
        self._act(Act(self._firm.account, number, "", path, request, material=material))

    def _look_up(self, number: str) -> str:
        """Take the letters of a case away; gives the number of its check."""
        case = self._read(f"/cases/{number}").json()
        for paper in case["documents"]:
            found = self._read(f"/cases/{number}/documents/{paper['id']}").content
            if len(found) != paper["size"]:
                self.faults.append(f"{number}: {paper['title']} came with {len(found)} bytes")
        related = case["related"]
        [check] = [one["number"] for one in related if one["process"] == "commitment_check"]
        return str(check)

    def _act(self, act: Act) -> dict[str, Any]:
        """Ask until it is answered, and once more if it was not answered at once."""
        if not act.material:
            act.key = f"proof-{os.getpid()}-{self._firm.account}-{len(self.acts)}"
            act.request["headers"] = {"Idempotency-Key": act.key}
        self.acts.append(act)
        answer, tries = self._ask(act.who, "POST", act.path, act.request)
        reply: dict[str, Any] = answer.json()
        act.reply = reply
        if tries > 1:
            self.asked_again += 1
            again, _ = self._ask(act.who, "POST", act.path, act.request)
            if again.json() != reply:
                self.faults.append(f"{act.path}: {reply}, asked again: {again.json()}")
        return reply

    def _read(self, path: str) -> httpx.Response:
        return self._ask("window", "GET", path, {})[0]

    def _ask(
        self, who: str, method: str, path: str, request: dict[str, Any]
    ) -> tuple[httpx.Response, int]:
        """The answer, and how often it took to get it."""
        time.sleep(self._chance.uniform(*_THINKING))
        since = time.monotonic()
        for tries in count(1):
            begun = time.monotonic()
            with suppress(httpx.HTTPError):
                reply = self._house.ask(who, method, path, **request)
                if reply.is_success:
                    self.answered = begun
                    return reply, tries
                if reply.status_code < 500:
                    self.faults.append(f"{who} {path}: {reply.status_code} {reply.text}")
                    raise GivenUp
            if begun > since + _PATIENCE:
                break
            time.sleep(_AGAIN)
        self.faults.append(f"{who} {path}: not answered for {_PATIENCE:.0f} s")
        raise GivenUp


class Books:
    """What the house has written down, compared with what it said."""

    def __init__(self, house: House, clients: list[Client]) -> None:
        self._house, self._clients = house, clients
        self._versions = VersionCache()
        self._heads: dict[int, str] = {}
        self._balanced = dict.fromkeys(clients, 0)  # how many acts of each were found in order
        self.done, self.undone = 0, 0  # of what was not answered

    def faults(self, *, whole: bool = False) -> list[str]:
        """What is out of balance of all that happened since they were read last, or ever."""
        if whole:
            self._balanced = dict.fromkeys(self._clients, 0)
        # Before the instant as of which the books are read.
        asked = {client: [(act, act.reply) for act in client.acts] for client in self._clients}
        with closing(Database(self._house.url)) as database, database.session() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            found = [fault for acts in asked.items() for fault in self._of(session, *acts)]
            found += self._unproved(session)
            found += map(str, faults_of_numbers(session))
            for table in ("notice", "message"):
                twice = session.scalars(
                    text(f"SELECT key FROM {table} GROUP BY key HAVING count(*) > 1")  # noqa: S608
                )
                found += [f"{table} {key}: twice" for key in twice]
        return found

    def _of(
        self, session: Session, client: Client, acts: list[tuple[Act, dict[str, Any] | None]]
    ) -> Iterator[str]:
        """What is wrong with the cases of a client that it was at since the last time."""
        first = self._balanced[client]
        self._balanced[client] = max(len(acts) - 1, 0)  # the last one may not be answered yet
        cases = {act.case for act, _ in acts[first:]}
        mine = [(act, reply) for act, reply in acts if act.case in cases]
        kept = dict(
            session.execute(
                text("SELECT key, reply FROM idempotent_reply WHERE key = ANY(:keys)").columns(
                    key=Text, reply=JSON
                ),
                {"keys": [act.key for act, _ in mine if act.key]},
            )
            .tuples()
            .all()
        )
        taken, files = _taken(session, cases), _files(session, cases)
        opened = _opened(session, cases)
        expected: dict[str, list[str]] = defaultdict(list)
        for act, reply in mine:
            there = kept.get(act.key)
            if reply is None and act.key:
                self.done, self.undone = self.done + bool(there), self.undone + (not there)
            if act.material:
                copies = files[act.case, act.material]
                if copies > 1 or (reply is not None and copies != 1):
                    yield f"{act.case}: {act.material} is there {copies} times"
                continue
            if reply is not None and (there is None or not reply.items() <= there.items()):
                yield f"{act.path}: answered {reply}, kept {there}"
            if not act.step:
                numbers = [there["number"]] if there else []
                if opened[act.case] != numbers:
                    yield f"{act.case}: opened as {opened[act.case]}, answered {numbers}"
            elif there and not there["awaits_signature"]:
                expected[act.case].append(act.step)
        for case, steps in expected.items():
            if taken[case] != steps:
                yield f"{case}: taken {taken[case]}, asked for {steps}"
        for case in taken.keys() - expected.keys():
            yield f"{case}: taken {taken[case]}, asked for nothing"

    def _unproved(self, session: Session) -> Iterator[str]:
        """What is wrong with the cases that have changed since the last time."""
        heads = dict(session.execute(select(Case.id, Case.head_hash)).tuples().all())
        before, self._heads = self._heads, heads
        if not before:
            return
        changed = [key for key, head in heads.items() if before.get(key) != head]
        for case in session.scalars(select(Case).where(Case.id.in_(changed))).all():
            yield from map(str, verify_case(session, case, self._versions))
        yield from (f"case {key} is gone" for key in before.keys() - heads.keys())


def _taken(session: Session, cases: set[str]) -> dict[str, list[str]]:
    """By case the steps that somebody took, in order."""
    found = defaultdict(list)
    for number, step in session.execute(
        text(
            "SELECT c.number, l.header ->> 'name' FROM case_log l JOIN case_file c"
            " ON c.id = l.case_id WHERE c.number = ANY(:cases)"
            " AND l.header ->> 'kind' = ANY(:kinds)"
            " AND l.header ->> 'account' IS NOT NULL ORDER BY c.number, l.seq"
        ),
        {"cases": list(cases), "kinds": list(COUNTED)},
    ):
        found[number].append(step)
    return found


def _files(session: Session, cases: set[str]) -> Counter[tuple[str, str]]:
    """How often each paper of each case is there."""
    rows = session.execute(
        text(
            "SELECT c.number, a.material FROM attachment a JOIN case_file c ON c.id = a.case_id"
            " WHERE c.number = ANY(:cases)"
        ),
        {"cases": list(cases)},
    )
    return Counter((number, material) for number, material in rows)


def _opened(session: Session, places: set[str]) -> dict[str, list[str]]:
    """By the name of a place, its applications."""
    found = defaultdict(list)
    for place, number in session.execute(
        text(
            "SELECT data #>> '{application,place_name}', number FROM case_file"
            " WHERE process = 'instant_licence'"
            " AND data #>> '{application,place_name}' = ANY(:places)"
        ),
        {"places": list(places)},
    ):
        found[place].append(number)
    return found


def prove(seed: int, data: Path | None = None, kills: int = KILLS) -> bool:
    """Kill, read the books, and print the table; says whether all of it held."""
    with tempfile.TemporaryDirectory(prefix="nuoxin-load-", ignore_cleanup_errors=True) as made:
        house = House((data or Path(made) / "data").resolve(), free_port())
        house.folder.mkdir(parents=True, exist_ok=True)
        house.start()
        try:
            return _prove(house, seed, drawn(seed, kills))
        finally:
            house.end()


def drawn(seed: int, kills: int) -> list[Kill]:
    """Each part as often as the others, in an order and at moments that the seed decides."""
    chance = random.Random(seed)
    parts = [part for _ in range(kills // len(PARTS)) for part in PARTS]
    parts += chance.sample(PARTS, kills - len(parts))
    chance.shuffle(parts)
    return [Kill(part, chance.uniform(0, _LATEST)) for part in parts]


def _prove(house: House, seed: int, kills: list[Kill]) -> bool:
    say(f"seed {seed}; laying out the city in {house.folder}")
    if not until(lambda: house.sweep() is not None and house.all_answer(), SETTLING):
        say("the house did not come up:\n" + "\n".join(house.said()[-20:]))
        return False
    over = threading.Event()
    firms = [firm for firm in read_city().firms if firm.account in _FIRMS]
    clients = [Client(house, firm, over, seed) for firm in firms]
    books = Books(house, clients)
    faults = books.faults()
    for client in clients:
        client.start()
    begun = time.monotonic()
    for n, kill in enumerate(kills, 1):
        _one(house, clients, books, kill)
        say(f"{n:3} {kill.part} +{kill.delay:.1f} s: {_result(kill)}")
        faults += [f"kill {n} ({kill.part}): {fault}" for fault in kill.faults]
        if kill.back is None:
            say("\n".join(house.said()[-20:]))
            break
        if n % _VERIFY_EVERY == 0:
            faults += refuted(house, house.url)
    took = time.monotonic() - begun
    over.set()
    for client in clients:
        client.join(_PATIENCE + _THINKING[1])
        faults += client.faults
    faults += [*books.faults(whole=True), *_unswept(house), *left_behind(house), *unproved(house)]
    _table(kills, clients, books, took)
    for fault in faults:
        say(f"FAULT: {fault}")
    say("the promise held" if not faults else "the promise did not hold")
    return not faults


def _one(house: House, clients: list[Client], books: Books, kill: Kill) -> None:
    """One kill, once what is to be killed is there, and what the books say when all go on."""
    victim = kill.part.removesuffix(" alone")
    named = victim if victim in ("web", "flows", "prefect", "postmaster", "guard") else "up"
    if not until(lambda: named in house.processes(), _PATIENCE):
        kill.faults.append(f"{named} did not come back")
    if kill.part in _AT_A_RUN:
        with suppress(httpx.HTTPError):
            house.ask("supervisor", "POST", "/demo/clock", json={"advance_days": 1})
        until(lambda: bool(house.at_work()), _PATIENCE / 6, tick=0.05)
    time.sleep(kill.delay)
    house.strike(kill.part)
    at = time.monotonic()  # to find all of a host takes a moment, in which it goes on
    if kill.part in ("up", "host"):
        house.up.wait()
        house.start()
    if until(lambda: all(one.answered > at for one in clients), _PATIENCE, tick=0.1):
        kill.back = time.monotonic() - at
    elif house.up.poll() is not None:
        kill.faults.append(f"up has ended with {house.up.returncode}")
    if kill.back is None:
        return
    if not until(lambda: not house.strangers(), _PATIENCE / 3):
        kill.faults += [f"left behind: {process}" for process in house.strangers()]
    kill.faults += _unhealthy(house)
    kill.faults += books.faults()


def _unhealthy(house: House) -> list[str]:
    """What the house does not tell of itself, or should not have to."""
    until(lambda: house.health() is not None, _PATIENCE / 6)
    health = house.health()
    if health is None:
        return ["it does not say how it is"]
    told = health["sweep"]["age_seconds"] is not None and health["daily"].keys() >= {"last_success"}
    told = told and all(one["waiting"] >= 0 for one in health["backlog"].values())
    return [] if told and health["writable"] else [f"it says {health}"]


def _unswept(house: House) -> list[str]:
    """What is not done by itself once nobody is killed any more."""
    at = datetime.now(UTC)

    def done() -> bool:
        swept = house.sweep()
        return swept is not None and swept[0] > at and house.all_answer()

    return [] if until(done, 4 * _PATIENCE) else ["due clocks were not done after the last kill"]


def _result(kill: Kill) -> str:
    back = "NOT ANSWERED" if kill.back is None else f"all answered after {kill.back:.1f} s"
    return "; ".join([back, *kill.faults])


def _table(kills: list[Kill], clients: list[Client], books: Books, took: float) -> None:
    done = [kill for kill in kills if kill.back is not None]
    acts = [act for client in clients for act in client.acts if act.reply is not None]
    say(f"\n{len(done)} kills in {took / 60:.0f} min, load {os.getloadavg()[2]:.1f}")
    say(f"{len(acts):,} acts of {len(clients)} clients acknowledged, as many in the books")
    say(
        f"{sum(client.asked_again for client in clients):,} of them had to be asked again; of those"
        f" that lay unanswered when the books were read {books.done} were done, {books.undone} not"
    )
    say("\n| killed | times | all answered again, median | longest |\n|-|-:|-:|-:|")
    for part in PARTS:
        times = sorted(kill.back for kill in done if kill.part == part and kill.back is not None)
        if times:
            say(f"| {part} | {len(times)} | {times[len(times) // 2]:.1f} s | {times[-1]:.1f} s |")
