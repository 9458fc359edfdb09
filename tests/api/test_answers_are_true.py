"""What an answer says of what became of a request is true: nothing done, done, or nobody knows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy.engine.default import DefaultDialect

from api.cases.steps import pages as step_pages
from casework import reading
from casework.common.problems import Busy
from tests.support.front import Front, refused
from tests.support.records import heads
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door

_WROTE = "SELECT count(*) FROM case_log WHERE xmin = pg_current_xact_id_if_assigned()::xid"
NOTHING, UNSURE = "没有办理任何事项", "不能确定刚才提交的内容是否已经办理"


@pytest.fixture
def received(town: Town) -> str:
    """An application that waits for the window."""
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _lost_at_commit(town: Town, monkeypatch: pytest.MonkeyPatch, *, heard: bool) -> None:
    """Let the connection break when a step is committed: before the server has heard it, or
    after."""
    dialect: Any = town.database.engine.dialect

    def commit(connection: Any) -> None:
        wrote = connection.execute(_WROTE).fetchone()[0]
        if heard or not wrote:
            DefaultDialect.do_commit(dialect, connection)
        if wrote:
            monkeypatch.undo()
            connection.driver_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(dialect, "do_commit", commit)


@pytest.mark.parametrize("heard", [True, False])
def test_where_the_answer_to_a_commit_is_lost_nobody_claims_to_know(
    front: Front, town: Town, received: str, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    version = town.case(received).version
    front.identity("window")
    path, body = f"/cases/{received}/steps/accept", {"version": version, "input": {}}
    with monkeypatch.context() as patch:
        _lost_at_commit(town, patch, heard=heard)
        said = refused(front.post("window", path, body, key="once"), 503, "database-unavailable")
    assert (UNSURE in said["detail"], NOTHING in said["detail"]) == (True, False)
    assert "Idempotency-Key" in said["detail"]
    assert (town.case(received).state == "accepted") is heard
    # And so it is found out.
    assert front.post("window", path, body, key="once").status_code == 200
    assert (town.case(received).state, town.case(received).version) == ("accepted", version + 1)


def test_a_page_that_fails_after_the_commit_takes_nothing_back(
    town: Town, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(open_door(town))
    visitor.enter("window")
    page = f"/cases/{received}/steps/accept"

    def broken(*_given: object) -> str:
        raise RuntimeError("a template that lacks a name")

    def busy(*_given: object) -> str:
        raise Busy("同时办理的人较多，请稍等片刻再试")

    version = town.case(received).version
    given = {"_version": str(version), "_key": "once", "_confirmed": "yes"}
    for fails, status in ((broken, 500), (busy, 503)):
        monkeypatch.setattr(step_pages, "where_next", fails)
        answer = visitor.submit(page, "/", **given)
        assert answer.status_code == status, answer.text
        assert town.case(received).version == version + 1
        assert UNSURE in answer.text
        assert NOTHING not in answer.text
        assert "没有保存" not in answer.text
        assert "刚才那一次没有办理" not in answer.text


def test_what_fails_before_anything_is_kept_says_so(
    front: Front, town: Town, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.identity("window")
    before = heads(town)

    def broken(*_given: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(reading, "case_view", broken)
    told = refused(front.get("window", f"/cases/{received}"), 500, "internal-error")["detail"]
    assert NOTHING in told
    monkeypatch.setattr("casework.kernel.engine.write", broken)
    told = refused(front.step("window", received, "accept"), 500, "internal-error")["detail"]
    assert NOTHING in told
    assert heads(town) == before
