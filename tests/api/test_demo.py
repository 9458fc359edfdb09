"""The demo's calendar over HTTP, and asking Prefect for a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from api.html.site import SESSION_COOKIE
from api.web.prefect_client import Prefect
from casework.common.demo_time import DemoTime
from casework.common.timekeeping import ZONE
from casework.kernel.office import Office
from tests.support.front import Front, refused
from tests.support.town import START, StoppedTime, Town

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(town: Town) -> Iterator[Front]:
    """The front door of a demo, whose calendar can be turned."""
    time = DemoTime(town.database, machine=StoppedTime())
    town.office = Office(town.database, time, public_url="http://127.0.0.1:8000")
    yield Front(town, demo=True)
    time.close()


def _prefect(answer: Any) -> Prefect:
    return Prefect("http://prefect.invalid/api", httpx.MockTransport(answer), pause=lambda _: None)


def test_without_a_demo_there_is_no_calendar_to_turn(front: Front) -> None:
    refused(front.get("supervisor", "/demo/clock"), 404, "not-found")
    refused(front.post("supervisor", "/demo/clock", {"advance_days": 1}), 404, "not-found")


def test_whoever_is_logged_in_sees_what_would_have_been_sent(demo: Front) -> None:
    token = demo.identity("window")["Authorization"].removeprefix("Bearer ")
    answer = demo.client.get("/demo/mailbox", headers={"Cookie": f"{SESSION_COOKIE}={token}"})
    assert answer.status_code == 200
    assert "演示信箱" in answer.text


def test_a_supervisor_turns_the_calendar_and_stays_logged_in(demo: Front) -> None:
    refused(demo.get(None, "/demo/clock"), 401, "not-logged-in")
    assert demo.get("applicant", "/demo/clock").json()["today"] == "2026-09-01"
    refused(demo.post(None, "/demo/clock", {"advance_days": 1}), 401, "not-logged-in")
    refused(demo.post("window", "/demo/clock", {"advance_days": 1}), 403, "not-allowed")
    turned = demo.post("supervisor", "/demo/clock", {"advance_days": 90})
    assert turned.status_code == 200
    assert turned.json()["today"] == "2026-11-30"
    assert turned.json()["swept"] is False
    assert "Prefect 未在线" in turned.json()["text"]
    assert demo.get("applicant", "/demo/clock").json()["today"] == "2026-11-30"
    turned = demo.post("supervisor", "/demo/clock", {"to": "2027-01-05"})
    assert datetime.fromisoformat(turned.json()["now"]).astimezone(ZONE) == datetime(
        2027, 1, 5, tzinfo=ZONE
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "bad-input"),
        ({"advance_days": 1, "to": "2027-01-05"}, "bad-input"),
        ({"advance_days": 0}, "bad-input"),
        ({"advance_days": -5}, "bad-input"),
        ({"advance_days": 10**9}, "bad-input"),
        ({"to": "yesterday"}, "bad-input"),
        ({"to": "2026-08-31"}, "bad-date"),
        ({"to": "2027-01-05T09:00:00"}, "bad-date"),
        ({"to": "2099-01-05"}, "bad-date"),
    ],
)
def test_it_turns_forward_only_and_not_too_far(demo: Front, body: Any, kind: str) -> None:
    refused(demo.post("supervisor", "/demo/clock", body), 422, kind)
    assert demo.get("supervisor", "/demo/clock").json()["today"] == "2026-09-01"


def _fails(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.mark.parametrize(
    "prefect",
    [
        Prefect(None),
        _prefect(_fails),
        _prefect(lambda request: httpx.Response(503)),
        _prefect(lambda request: httpx.Response(200, json=[])),
    ],
)
def test_without_prefect_the_calendar_turns_all_the_same(demo: Front, prefect: Prefect) -> None:
    demo.app.state.prefect = prefect
    answer = demo.post("supervisor", "/demo/clock", {"advance_days": 1}).json()
    assert (answer["asked"], answer["swept"]) == ([], False)
    assert "Prefect 未在线，或者流程程序尚未启动" in answer["text"]
    told = demo.get("supervisor", "/demo/clock").json()["duties"]
    assert {one["state"] for one in told} == {"not_asked"}
    assert datetime.fromisoformat(answer["now"]) == START + timedelta(days=1)


@pytest.mark.parametrize(
    ("prefect", "there"),
    [
        (Prefect(None), False),
        (_prefect(_fails), False),
        (_prefect(lambda request: httpx.Response(500)), False),
        (_prefect(lambda request: httpx.Response(200, json=True)), True),
    ],
)
def test_health_says_whether_prefect_answers(front: Front, prefect: Prefect, there: bool) -> None:
    front.app.state.prefect = prefect
    health = front.client.get("/healthz").json()
    assert (health["database"], health["prefect"]) == (True, there)
