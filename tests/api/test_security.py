"""What every answer carries, and what happens when something breaks."""

from __future__ import annotations

import logging
import re

import pytest
from fastapi.routing import APIRoute
from limits.storage import memory
from sqlalchemy.exc import OperationalError

from api.html.site import SESSION_COOKIE
from casework import reading
from state_machines.language.topics import modules_named
from tests.support.front import V1, Front, refused
from tests.support.town import Town


@pytest.mark.parametrize("path", ["/healthz", f"{V1}/me", f"{V1}/processes", f"{V1}/nowhere"])
def test_every_answer_carries_the_security_headers(quiet: Front, path: str) -> None:
    headers = quiet.client.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    if path.startswith(V1):
        assert headers["Cache-Control"] == "no-store"


def test_an_unknown_path_and_a_wrong_method_are_problems_in_chinese(quiet: Front) -> None:
    refused(quiet.get("window", "/nowhere"), 404, "not-found")
    refused(quiet.ask("window", "DELETE", "/cases"), 405, "method-not-allowed")


def test_an_unforeseen_error_tells_nothing_but_a_reference_that_the_log_bears(
    quiet: Front,
    module_town: Town,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(reading, "case_view", broken)
    with caplog.at_level(logging.ERROR):
        answer = quiet.get("applicant", f"/cases/{module_town.apply()}")
    problem = refused(answer, 500, "internal-error")
    assert "secret" not in answer.text
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
    reference = problem["detail"].split("编号 ")[1].split(" ")[0]
    assert any(reference in record.getMessage() for record in caplog.records)


def test_a_database_that_is_away_is_said_to_be_away(
    front: Front, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.get("window", "/me")

    def away(*_given: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(town.database, "session", away)
    refused(front.get("window", "/me"), 503, "database-unavailable")
    assert front.client.get("/healthz").status_code == 503


@pytest.fixture(scope="module")
def addresses(module_front: Front) -> list[tuple[str, str]]:
    """Each address there is, and a method that it takes."""
    described = module_front.client.get(f"{V1}/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in described.items() for method in methods}
    for topic in modules_named("pages", "api"):
        for route in topic.router.routes:
            if isinstance(route, APIRoute) and not getattr(topic, "DEMO_ONLY", False):
                found |= {(method, route.path) for method in route.methods}
    assert {("POST", "/login"), ("POST", f"{V1}/session")} <= found
    return sorted(found)


@pytest.mark.parametrize("control", ["%0A", "%00", "%0D%0A", "%0B", "%7F", "%C2%85"])
def test_an_address_with_a_control_in_it_is_none(
    quiet: Front, addresses: list[tuple[str, str]], control: str
) -> None:
    for method, path in addresses:
        for asked in (
            re.sub(r"{.*?}", "1", path) + control,
            re.sub(r"{.*?}", f"1{control}1", path),
        ):
            if control in asked:
                assert quiet.client.request(method, asked).status_code == 404, (method, asked)
    refused(quiet.ask(None, "POST", f"/session{control}"), 404, "not-found")


def test_controls_in_what_is_asked_are_no_fault_of_ours(
    quiet: Front, addresses: list[tuple[str, str]]
) -> None:
    for method, path in addresses:
        names = re.findall(r"{(\w+)", path)
        asked = re.sub(r"{.*?}", "1", path)
        if method == "GET" and not names:
            for name in ("q", "code", "cursor", "said", "month", "from", "state"):
                for who in (None, "window", "supervisor"):
                    headers = quiet.identity(who)
                    if who and not asked.startswith(V1):
                        token = headers["Authorization"].removeprefix("Bearer ")
                        headers = {"Cookie": f"{SESSION_COOKIE}={token}"}
                    answer = quiet.client.get(
                        f"{asked}?{name}=%00%0A", headers=headers, follow_redirects=False
                    )
                    assert answer.status_code < 500, (asked, name)


def test_a_clock_that_is_set_back_locks_nobody_out(
    quiet: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried() -> int:
        body = {"username": "nobody", "password": "x"}
        return quiet.post(None, "/session", body).status_code

    now = memory.time.time()
    with monkeypatch.context() as patch:
        patch.setattr(memory.time, "time", lambda: now)
        assert [tried() for _ in range(21)] == [401] * 20 + [429]
        patch.setattr(memory.time, "time", lambda: now - 86400)
        # It is counted from here on, by the clock as it is.
        assert [tried() for _ in range(21)] == [401] * 20 + [429]
