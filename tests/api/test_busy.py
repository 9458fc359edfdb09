"""One locked case is one locked case: whoever wants it is told so, and everybody else goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.errors import DeadlockDetected
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from api.html.site import SESSION_COOKIE
from casework.common.database import Database, Patience
from casework.kernel.office import Office
from tests.support.front import PASSWORD, V1, Front, refused
from tests.support.records import contents
from tests.support.town import Town

MANY = 30
SEATS = 3
LONG = 600.0  # nobody gives up while the test looks on
SOON = 0.1


@contextmanager
def opened(town: Town, patience: Patience) -> Iterator[Front]:
    """The front door of the town, whose sessions wait as long as that and no longer."""
    database = Database(town.url, patience)
    office = Office(database, town.time, public_url="http://127.0.0.1:8000")
    try:
        front = Front(replace(town, database=database, office=office))
        front.set_passwords()
        yield front
    finally:
        database.close()


@contextmanager
def held(town: Town, number: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody works on the case and does not end."""
    with psycopg.connect(town.url) as other:
        other.execute("SELECT 1 FROM case_file WHERE number = %s FOR UPDATE", (number,))
        yield other


def received(town: Town, n: int) -> str:
    """An application that waits for the window."""
    number = town.apply(address=f"南通市崇川区人民中路{n}号")
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def accept(front: Front, number: str, version: int, key: str | None = None) -> httpx.Response:
    """Take its next step as a browser of one's own would."""
    headers = front.identity("window") | ({"Idempotency-Key": key} if key else {})
    with TestClient(front.app, raise_server_exceptions=False) as client:
        return client.post(
            f"{V1}/cases/{number}/steps/accept",
            json={"version": version, "input": {}},
            headers=headers,
        )


def is_busy(answer: httpx.Response, kind: str = "busy") -> str:
    """It says to try again, and when; gives what it says."""
    problem = refused(answer, 503, kind)
    assert int(answer.headers["retry-after"]) > 0
    assert "再试" in problem["detail"]
    return str(problem["detail"])


@pytest.mark.slow
def test_thirty_who_want_a_held_case_leave_the_site_to_the_others(town: Town) -> None:
    mine, other = received(town, 1), received(town, 2)
    version = town.case(mine).version
    patience = Patience(lock=LONG, connection=LONG, waiting=SEATS)
    with opened(town, patience) as front, ThreadPoolExecutor(MANY) as crowd:
        front.identity("window")
        with held(town, mine):
            asked = [crowd.submit(accept, front, mine, version) for _ in range(MANY)]
            for told in islice(as_completed(asked), MANY - SEATS):
                assert mine in is_busy(told.result(), "case-busy")
            # These wait for it all the time, and everybody else is answered.
            waiting = [one for one in asked if not one.done()]
            assert len(waiting) == SEATS
            assert front.step("window", other, "accept").status_code == 200
            body = {"username": "window", "password": PASSWORD}
            assert front.post(None, "/session", body).status_code == 200
            assert front.get("window", f"/cases/{mine}").status_code == 200
            assert front.client.get("/healthz").status_code == 200
            assert not any(one.done() for one in waiting)
        answers = sorted(one.result().status_code for one in waiting)
    assert answers == [200, *[409] * (SEATS - 1)]
    assert town.case(mine).state == "accepted"


@pytest.mark.slow
def test_whoever_waits_for_it_gives_up_and_nothing_is_done(town: Town) -> None:
    number = received(town, 1)
    version = town.case(number).version
    patience = Patience(lock=SOON, connection=LONG, waiting=MANY)
    with opened(town, patience) as front, ThreadPoolExecutor(MANY) as crowd:
        front.identity("window")
        with held(town, number):
            before = contents(town)
            asked = [crowd.submit(accept, front, number, version) for _ in range(MANY)]
            for told in asked:
                is_busy(told.result(), "case-busy")
            is_busy(front.upload("window", number), "case-busy")
            assert contents(town) == before
        assert accept(front, number, version).status_code == 200


@pytest.mark.slow
def test_a_request_sent_twice_waits_for_itself_no_longer_than_for_others(town: Town) -> None:
    number = received(town, 1)
    version = town.case(number).version
    patience = Patience(lock=SOON, connection=LONG, waiting=MANY)
    with opened(town, patience) as front, ThreadPoolExecutor(MANY) as crowd:
        front.identity("window")
        with held(town, number):
            asked = [crowd.submit(accept, front, number, version, "once") for _ in range(MANY)]
            answers = [told.result() for told in asked]
        assert {one.status_code for one in answers} == {503}
        assert {one.json()["type"] for one in answers} <= {"busy", "case-busy"}
        # The key is still good for doing it once.
        done = [accept(front, number, version, "once") for _ in range(2)]
    assert done[0].status_code == 200
    assert done[0].json() == done[1].json()


def test_a_stranger_is_not_told_that_there_is_a_case_to_be_held(town: Town) -> None:
    number = received(town, 1)
    with opened(town, Patience(lock=SOON)) as front, held(town, number):
        body = {"version": 1, "input": {}}
        theirs = front.post("window_b", f"/cases/{number}/steps/accept", body)
        nothing = front.post("window_b", "/cases/CC-GC-2026-999999/steps/accept", body)
        is_busy(front.post("window", f"/cases/{number}/steps/accept", body), "case-busy")
    told = refused(theirs, 404, "not-found")["detail"].replace(number, "")
    assert told == refused(nothing, 404, "not-found")["detail"].replace("CC-GC-2026-999999", "")


@pytest.mark.slow
def test_a_counter_of_numbers_that_is_held_is_waited_for_no_longer(town: Town) -> None:
    town.granted()
    number = town.committed(address="南通市崇川区濠北路2号")
    with opened(town, Patience(lock=SOON)) as front, psycopg.connect(town.url) as other:
        front.identity("window")
        before = contents(town)
        assert other.execute("SELECT 1 FROM number_counter FOR UPDATE").fetchall()
        is_busy(front.step("window", number, "grant"))
        assert contents(town) == before
        other.rollback()
        assert front.step("window", number, "grant").status_code == 200


@pytest.mark.slow
def test_who_collides_time_and_again_is_told_to_try_again(town: Town) -> None:
    number = received(town, 1)
    with opened(town, Patience()) as front:
        front.identity("window")
        version = town.case(number).version
        tries = []

        def collide(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if "FOR UPDATE" in statement:
                tries.append(statement)
                raise OperationalError("", {}, DeadlockDetected())

        event.listen(front.town.database.engine, "before_cursor_execute", collide)
        is_busy(accept(front, number, version))
        event.remove(front.town.database.engine, "before_cursor_execute", collide)
        assert len(tries) == 5
        assert accept(front, number, version).status_code == 200


@pytest.mark.slow
def test_a_statement_that_takes_too_long_is_stopped(town: Town) -> None:
    town.apply()
    with opened(town, Patience(statement=SOON)) as front, psycopg.connect(town.url) as other:
        front.identity("window")
        other.execute("LOCK TABLE case_file IN ACCESS EXCLUSIVE MODE")
        assert "时间过长" in is_busy(front.get("window", "/cases"))
        page = front.client.get("/cases", headers=cookie(front, "window"))
        assert_asks_to_reload(page, sent=False)


@pytest.mark.slow
def test_without_a_free_connection_everybody_is_told_to_try_again(town: Town) -> None:
    with opened(town, Patience(connection=SOON)) as front, ExitStack() as stack:
        front.identity("window")
        for _ in range(20):
            session = stack.enter_context(front.town.database.session())
            session.execute(text("SELECT 1"))
        is_busy(front.client.get("/healthz"))
        is_busy(front.get("window", "/cases"))
        is_busy(front.get(None, "/track/CC-GC-2026-000001", code="x"))
        assert_asks_to_reload(front.client.get("/", headers=cookie(front, "window")), sent=False)


@pytest.mark.slow
def test_a_form_that_meets_a_held_case_keeps_what_was_typed(town: Town) -> None:
    number = received(town, 1)
    with opened(town, Patience(lock=SOON)) as front:
        path = f"/cases/{number}/steps/request_supplement"
        form = page(front, path)
        asked = {"items.0.material": "plans", "items.0.what": "缺少二层平面图"}
        with held(town, number):
            answer = send(front, path, form, asked)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "正由他人办理" in answer.text
    assert "缺少二层平面图" in answer.text


@pytest.mark.slow
def test_a_page_without_a_form_of_its_own_can_be_sent_again(town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    with opened(town, Patience(lock=SOON)) as front:
        form = page(front, f"/cases/{check}")
        with held(town, check):
            answer = send(front, f"/cases/{check}/steps/assign/signature", form, {"_version": "1"})
    assert_asks_to_reload(answer, sent=True)


def cookie(front: Front, who: str) -> dict[str, str]:
    """The log-in as a browser keeps it."""
    token = front.identity(who)["Authorization"].removeprefix("Bearer ")
    return {"Cookie": f"{SESSION_COOKIE}={token}"}


def page(front: Front, path: str) -> httpx.Response:
    """A page as the window sees it."""
    shown = front.client.get(path, headers=cookie(front, "window"))
    assert shown.status_code == 200
    return shown


def send(front: Front, path: str, form: httpx.Response, data: dict[str, str]) -> httpx.Response:
    """Send the form of a page, with what it carries itself."""
    hidden = dict(re.findall(r'type="hidden" name="(_\w+)" value="([^"]*)"', form.text))
    return front.client.post(
        path, data={**hidden, **data}, headers=cookie(front, "window"), follow_redirects=False
    )


def assert_asks_to_reload(answer: httpx.Response, *, sent: bool) -> None:
    """It is a page in Chinese that says how to try again."""
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"].startswith("text/html")
    assert ("刷新本页" if sent else "再试一次") in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("seats", [1, 2])
def test_seats_are_given_back_whatever_becomes_of_who_sat_there(town: Town, seats: int) -> None:
    """Whether one waits in vain or not at all, or is refused, a later one finds a seat."""
    number = received(town, 1)
    version = town.case(number).version
    with opened(town, Patience(lock=SOON, waiting=seats)) as front:
        for _ in range(seats + 1):
            with held(town, number):
                is_busy(accept(front, number, version), "case-busy")
            assert refused(accept(front, number, version + 1), 409, "stale-version")
        with held(town, number), ThreadPoolExecutor(1) as one:
            waits = one.submit(accept, front, number, version)
            is_busy(waits.result(), "case-busy")
        assert accept(front, number, version).status_code == 200
