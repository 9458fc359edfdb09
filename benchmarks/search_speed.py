"""How long each list and search takes among a million cases.

What is measured is the reading function that the page and the API call, from the start of its
session to the end, and for some of them the whole answer over HTTP. A goal stands beside each.
"""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import psycopg
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api import create_app
from benchmarks import city
from casework import reading
from casework.acts.actors import Actor
from casework.common.database import AT_DESK, Database
from casework.common.timekeeping import legal_date
from casework.credit.repair import batch
from casework.credit.talk import planning as talks
from casework.duties.one_by_one import EVERYTHING
from casework.duties.reminders import _due_reminders, _slots
from casework.grading.place_grading.reading import published_grades
from casework.kernel.office import Office
from casework.licensing.licence_renewal import chain
from casework.models import Account, Case, Party, Person
from casework.people import accounts, parties
from casework.publicity import publications
from casework.reading import Days, Wanted

_SAMPLES = 40
_MONTH = Days(date(2026, 8, 1), date(2026, 8, 31))
_GOAL, _GOAL_OF_REMINDERS = 50, 100
_URL = "http://127.0.0.1:8000"
_NAME = "bench_search"

Deed = Callable[[Session], Any]


@dataclass(frozen=True)
class _City:
    """The city that is measured, and keys of some of its cases at the first authority."""

    office: Office
    people: dict[str, Actor]
    numbers: list[str]
    names: list[str]
    codes: list[str]
    places: list[str]
    addresses: list[str]
    licences: list[str]


def search_speed(server: str, *, copies: int, keep: bool) -> None:
    """Lay out a city (or take the one that was kept) and print the time of each list and search."""
    with psycopg.connect(server, autocommit=True) as owner:
        known = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_NAME,)).fetchone()
    url = server.replace("/postgres?", f"/{_NAME}?")
    if not (keep and known):
        started = time.perf_counter()
        city.lay_out(server, _NAME, copies)
        print(f"laid out in {time.perf_counter() - started:.0f} s")
    measure(url)


def measure(url: str) -> None:
    """Print what is in the city, and p50, p95 and the longest of each in milliseconds."""
    with psycopg.connect(url) as owner:
        for table in ("case_file", "case_clock", "party", "notice", "publication"):
            [(count,)] = owner.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608
            print(f"{count:>10,}  {table}")
    with _opened(url) as town:
        used = _Processor(town.office.database)
        gc.collect()
        gc.freeze()  # as the web does when it starts
        print(f"{'':42}{'p50':>8}{'p95':>8}{'most':>8}{'CPU':>8}  ms")
        for label, deeds, goal in _questions(town):
            samples = _warm(town, deeds)
            used.begin()
            found = [_timed(town.office.database, deed) for deed in samples]
            _print(label, goal, found, used.each(len(found)))
        for label, paths in _pages(town):
            with _visiting(town) as visit:
                visit(paths[0])
                used.begin()
                found = [visit(paths[n % len(paths)]) for n in range(_SAMPLES)]
                _print(label, _GOAL, found, used.each(len(found)))


@contextmanager
def _opened(url: str) -> Iterator[_City]:
    drawn = random.Random(2026)
    database = Database(url, AT_DESK)
    office = Office(database, city._Stopped(), public_url=_URL)
    with Database(url).session() as session:
        people = {
            account.username: Actor(account.id, account.person_id, account.username)
            for account in session.scalars(select(Account))
        }
        agent = session.scalars(select(Person.id).where(Person.name == "代办")).one()
        people["agent"] = Actor(0, agent, "代办")
        last = session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()
        cases: list[tuple[Case, Party]] = []
        while len(cases) < _SAMPLES:
            row = session.execute(
                select(Case, Party)
                .join(Party, Party.id == Case.party_id)
                .where(Case.id >= drawn.randint(1, last), Case.process == "licence")
                .order_by(Case.id)
                .limit(1)
            ).first()
            if row:
                cases.append((row[0], row[1]))
    said = [case.data["application"] for case, _ in cases]
    try:
        yield _City(
            office,
            people,
            [case.number for case, _ in cases],
            [party.name for _, party in cases],
            [party.code for _, party in cases],
            [one["place_name"] for one in said],
            [one["address"] for one in said],
            [one["number"] for one in said],
        )
    finally:
        database.close()


def _questions(town: _City) -> Iterator[tuple[str, list[Deed], int]]:
    office, people = town.office, town.people

    def cases(who: str, **wanted: Any) -> Deed:
        wish = Wanted(**wanted)
        return lambda session: reading.worklist(office, session, people[who], wish, limit=20)

    def searched(words: Sequence[str], who: str = "window", **more: Any) -> list[Deed]:
        return [cases(who, q=word, **more) for word in words]

    def asked(what: Callable[..., Any], *given: Any, **named: Any) -> list[Deed]:
        return [lambda session: what(office, session, *given, **named)]

    unknown = [f"{one}查无此人" for one in city._CHARACTERS[:_SAMPLES]]
    for label, deeds in (
        ("search: number", searched(town.numbers)),
        ("search: last digits of the number", searched([number[-8:] for number in town.numbers])),
        ("search: licence number", searched(town.licences)),
        ("search: party's code", searched(town.codes)),
        ("search: party, rare", searched(town.names)),
        ("search: party, common", searched(["宾馆", "有限公司", "美容", "南通滨江", "李"])),
        ("search: place", searched(town.places)),
        ("search: address", searched(town.addresses)),
        ("search: street", searched(list(city._STREETS))),
        ("search: two words", searched([f"{place[:2]} 人民中路" for place in town.places])),
        ("search: one character", searched([*"王滨𠮷喆卓"])),
        ("search: nothing found", searched([*unknown, *"驫龘"])),
        ("search: at another authority", searched(["宾馆", *town.names[:9]], "window_b")),
        ("search: in the queue", searched([*town.places, "宾馆"], queue="mine_to_do")),
        ("search: applicant, own", searched(["宾馆", "有限公司", *unknown[:9]], "applicant")),
        ("search: applicant, another's", searched(town.numbers, "applicant")),
        ("search: agent of 300 parties", searched(["宾馆", "人民中路", *unknown[:9]], "agent")),
        ("parties: rare", [_party(town, word) for word in town.names]),
        ("parties: common", [_party(town, word) for word in ("宾馆", "有限公司", "南通", "王")]),
        ("parties: code, nothing", [_party(town, word) for word in (*town.codes, *unknown)]),
        *(
            (f"queue: {who}", [cases(who, queue="mine_to_do")])
            for who in (
                "window", "handler1", "approver", "supervisor", "inspector1", "legal", "eco",
                "credit", "applicant", "agent",
            )
        ),
        ("queue: window, one process", [cases("window", queue="mine_to_do", process="one_matter")]),
        ("open cases", [cases("window", queue="open"), cases("eco", queue="open")]),
        ("open cases, further on", [_further(town, queue="open")]),
        ("all cases", [cases("window"), cases("eco"), cases("window_b")]),
        ("all cases, further on", [_further(town)]),
        ("one process, one state", [
            cases("window", process="penalty"), cases("window", state="revoked"),
            cases("window", process="licence", state="revoked"),
        ]),
        ("a state that no guest case is in", [cases("eco", state="granted")]),
        ("late cases", [cases("supervisor", due="late"), cases("supervisor", due="late_more")]),
        ("cases of a handler", [
            cases("handler1", mine=True), cases("handler1", mine=True, queue="open"),
            cases("supervisor", officer="inspector1", due="late"),
        ]),
        ("cases of a matter", [
            cases("window", matter="radiation_joint"), cases("window", matter="food_standard"),
        ]),
        ("filed in a month", [cases("window", opened=_MONTH), cases("supervisor", ended=_MONTH)]),
        ("open cases, by party", [cases("supervisor", queue="open", sort="party")]),
        ("own cases: applicant", [cases("applicant")]),
        ("own cases: agent of 300 parties", [cases("agent")]),
        ("supervisor's overview", asked(reading.supervisor_overview, people["supervisor"])),
        ("notices: window", asked(reading.notices_of, people["window"])),
        ("notices: agent", asked(reading.notices_of, people["agent"])),
        ("licences: applicant", asked(chain.licences_of, people["applicant"])),
        ("ledger of publication", asked(publications.ledger, people["credit"])),
        ("public grades", asked(published_grades)),
        ("public grades: common", asked(published_grades, "宾馆")),
        ("public grades: nothing", asked(published_grades, "查无")),
        ("talks due", asked(talks.talks_due, people["credit"])),
        ("repairs in hand", asked(batch.progress, people["credit"])),
    ):  # fmt: skip
        yield label, deeds, _GOAL
    yield "due reminders", [_reminders(town)], _GOAL_OF_REMINDERS
    yield "due clocks", [_clocks(town)], _GOAL_OF_REMINDERS


def _party(town: _City, word: str) -> Deed:
    return lambda session: parties.search(town.office, session, town.people["window"], word)


def _further(town: _City, **wanted: Any) -> Deed:
    """A page somewhere in the middle of a list."""
    with town.office.database.session() as session:
        page = reading.cases(
            town.office, session, town.people["window"], Wanted(**wanted), limit=100
        )
    cursor = page.next_cursor
    return lambda session: reading.cases(
        town.office, session, town.people["window"], Wanted(**wanted), cursor=cursor, limit=20
    )


def _reminders(town: _City) -> Deed:
    now = city.NOW

    def deed(session: Session) -> Any:
        slots = _slots(town.office, session, legal_date(now))
        session.execute(text("SET LOCAL enable_seqscan = off"))
        return session.execute(_due_reminders(slots, now, EVERYTHING).limit(1000)).all()

    return deed


def _clocks(_town: _City) -> Deed:
    return lambda session: session.execute(
        select(Case.id, Case.number)
        .where(Case.next_due <= city.NOW)
        .order_by(Case.next_due, Case.id)
        .limit(1000)
    ).all()


def _pages(town: _City) -> Iterator[tuple[str, list[str]]]:
    yield "GET /api/v1/cases?q= (party, rare)", [f"/api/v1/cases?q={name}" for name in town.names]
    yield "GET /api/v1/cases?q= (common)", ["/api/v1/cases?q=宾馆", "/api/v1/cases?q=有限公司"]
    yield "GET / (the window's desk)", ["/"]
    yield "GET /cases", ["/cases"]


@contextmanager
def _visiting(town: _City) -> Iterator[Callable[[str], float]]:
    """A clerk's browser that gives how long a page took."""
    app = create_app(town.office, demo=False, prefect_url=None)
    with town.office.database.session() as session:
        token, _ = accounts.open_session(session, town.people["window"].account_id, city.NOW)
    headers = {"Authorization": f"Bearer {token}", "Cookie": f"nuoxin_session={token}"}
    with TestClient(app, headers=headers) as client:

        def visit(path: str) -> float:
            started = time.perf_counter()
            client.get(path).raise_for_status()
            return (time.perf_counter() - started) * 1000

        yield visit


def _warm(town: _City, deeds: list[Deed]) -> list[Deed]:
    """The deeds, each done once before it is measured, and as often as there are samples."""
    for deed in deeds:
        _timed(town.office.database, deed)
    return [deeds[n % len(deeds)] for n in range(max(_SAMPLES, len(deeds)))]


def _timed(database: Database, deed: Deed) -> float:
    started = time.perf_counter()
    with database.session() as session:
        deed(session)
    return (time.perf_counter() - started) * 1000


class _Processor:
    """The time that this process and its session's server process compute, which a machine that
    others share does not lengthen."""

    def __init__(self, database: Database) -> None:
        with database.session() as session:
            self._server = session.scalar(text("SELECT pg_backend_pid()"))
        self._began = 0.0

    def begin(self) -> None:
        """Start to count."""
        self._began = self._now()

    def each(self, times: int) -> float:
        """Milliseconds for each of so many since the beginning."""
        return (self._now() - self._began) * 1000 / times

    def _now(self) -> float:
        told = Path(f"/proc/{self._server}/stat").read_text().rpartition(")")[2].split()
        ticks = int(told[11]) + int(told[12])
        return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def _print(label: str, goal: int, found: list[float], processor: float) -> None:
    ordered = sorted(found)
    p50, p95 = (ordered[ceil(len(ordered) * share) - 1] for share in (0.5, 0.95))
    late = "" if p95 <= goal else f"  over {goal}"
    print(f"{label:42}{p50:8.1f}{p95:8.1f}{ordered[-1]:8.1f}{processor:8.1f}{late}", flush=True)
