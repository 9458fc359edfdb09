"""What every answer carries, and what happens when something breaks."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy.exc import OperationalError

from casework import reading
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
