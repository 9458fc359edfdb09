"""Who sees how the duties of the house stand, and who may let one rest, go on or run."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from api.web.prefect_client import Prefect
from casework.common.database import engine_for
from casework.deadlines.duty_book import DUE_CLOCKS, DUTIES, LICENCE_EXPIRY, on_duty
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.reminders import send_reminders
from casework.models import AdminEntry, Authority, DutyRun, SweepFailure
from tests.support.front import Front
from tests.support.town import StoppedTime, Town


def ours(town: Town) -> str:
    """The code of the authority at which the supervisor is."""
    case = town.case(town.apply())
    with town.session() as session:
        return session.get_one(Authority, case.authority_id).code


def lines(front: Front, who: str = "supervisor") -> dict[str, dict[str, Any]]:
    answer = front.get(who, "/duties")
    assert answer.status_code == 200, answer.text
    return {one["duty"]: one for one in answer.json()["lines"]}


def test_a_supervisor_sees_every_duty_of_the_authority(front: Front, town: Town) -> None:
    code = ours(town)
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.time.pass_(days=30)
    with on_duty(town.office, DUE_CLOCKS, code) as shift:
        assert shift is not None
        shift.done, shift.failed, shift.error = 3, 1, "没有模板"
    found = lines(front)
    assert list(found) == list(DUTIES)
    due = found["due-clocks"]
    assert (due["authority"], due["done"], due["failed"]) == (code, 3, 1)
    assert (due["error"], due["last_success"], due["backlog"]) == ("没有模板", None, 1)
    assert due["oldest"].startswith("2026-09-0")
    assert found["daily-proof"]["authority"] == ""
    assert found["notices"]["backlog"] >= 1


def test_a_gap_is_told(front: Front, town: Town) -> None:
    code, clock = ours(town), StoppedTime()
    town.office.machine = clock
    with on_duty(town.office, DUE_CLOCKS, code):
        pass
    assert lines(front)["due-clocks"]["gap_from"] is None
    since = clock.instant
    clock.pass_(hours=3)
    with on_duty(town.office, DUE_CLOCKS, code):
        pass
    due = lines(front)["due-clocks"]
    told = [datetime.fromisoformat(due[name]) for name in ("gap_from", "gap_to")]
    assert told == [since, clock.instant]


@pytest.mark.parametrize("who", ["applicant", "window", "approver"])
def test_nobody_else_does(front: Front, town: Town, who: str) -> None:
    code = ours(town)
    rest = {"because": "核对放假安排"}
    assert front.get(who, "/duties").status_code == 403
    assert front.post(who, "/duties/due-clocks/runs").status_code == 403
    path = f"/duties/due-clocks/rests/{code}"
    assert front.ask(who, "PUT", path, json=rest).status_code == 403
    assert front.ask(who, "DELETE", path).status_code == 403


def test_a_duty_rests_with_a_reason_which_is_logged_and_goes_on(front: Front, town: Town) -> None:
    code = ours(town)
    path = f"/duties/due-clocks/rests/{code}"
    for nothing in ({}, {"because": ""}, {"because": "  "}):
        assert front.ask("supervisor", "PUT", path, json=nothing).status_code == 422
    rest = {"because": "核对放假安排"}
    assert front.ask("supervisor", "PUT", path, json=rest).status_code == 204
    due = lines(front)["due-clocks"]
    assert due["paused_because"] == "核对放假安排"
    assert due["paused_by"] == town.people["supervisor"].name
    assert front.ask("supervisor", "DELETE", path).status_code == 204
    assert lines(front)["due-clocks"]["paused_at"] is None
    with town.session() as session:
        said = [row.said for row in session.scalars(select(AdminEntry).order_by(AdminEntry.id))]
    assert [(one["kind"], one["ground"]) for one in said[-2:]] == [
        ("duty_paused", "时限届满：核对放假安排"),
        ("duty_resumed", "时限届满"),
    ]


def test_no_other_authority_s_duty_and_none_of_the_whole_house_rests(
    front: Front, town: Town
) -> None:
    code = ours(town)
    with town.session() as session:
        other = session.scalars(select(Authority.code).where(Authority.code != code)).first()
    rest = {"because": "核对放假安排"}
    for path, status in (
        (f"/duties/due-clocks/rests/{other}", 404),
        ("/duties/due-clocks/rests/nowhere", 404),
        (f"/duties/no-such-duty/rests/{code}", 404),
        (f"/duties/daily-proof/rests/{code}", 403),
    ):
        assert front.ask("supervisor", "PUT", path, json=rest).status_code == status, path
    with town.session() as session:
        assert session.scalars(select(DutyRun)).all() == []


def test_a_run_is_asked_of_prefect(front: Front, town: Town) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content or b"null")
        asked.append((request.url.path, body))
        if request.url.path == "/api/deployments/filter":
            return httpx.Response(200, json=[{"id": "d1", "name": "due-clocks"}])
        if request.url.path == "/api/flow_runs/filter" and "limit" not in body:
            return httpx.Response(200, json=[])  # nothing that was due waits
        if request.url.path == "/api/flow_runs/filter":
            run = {"deployment_id": "d1", "expected_start_time": "2026-09-01T01:03:00Z"}
            return httpx.Response(200, json=[run])
        return httpx.Response(201, json={"id": "r1"})

    assert front.post("supervisor", "/duties/due-clocks/runs").json() == {
        "duty": "due-clocks",
        "accepted": False,
    }
    front.app.state.prefect = Prefect("http://prefect.invalid/api", httpx.MockTransport(answer))
    assert front.post("supervisor", "/duties/due-clocks/runs").json()["accepted"] is True
    assert [path for path, _ in asked] == [
        "/api/deployments/filter",
        "/api/flow_runs/filter",
        "/api/deployments/d1/create_flow_run",
    ]
    assert front.post("supervisor", "/duties/nothing/runs").status_code == 404
    answer_now = front.get("supervisor", "/duties").json()
    assert answer_now["next_runs"] == {"due-clocks": "2026-09-01T01:03:00Z"}


def test_what_stands_aside_is_tried_again_when_the_supervisor_says_so(
    front: Front, town: Town
) -> None:
    number = town.apply()
    now = town.time.now()
    with town.session() as session:
        session.add(
            SweepFailure(
                case_id=town.case(number).id,
                sweep="due-clocks",
                error="没有模板",
                attempts=12,
                failed_at=now,
                next_try_at=now.replace(year=2027),
            )
        )
    assert front.post("window", f"/duties/failures/{number}/retries").status_code == 403
    assert front.post("supervisor", "/duties/failures/none/retries").status_code == 404
    assert front.post("supervisor", f"/duties/failures/{number}/retries").status_code == 204
    with town.session() as session:
        assert session.scalars(select(SweepFailure.next_try_at)).all() == [now]
    [failure] = front.get("supervisor", "/overview").json()["failures"]
    assert failure["sweep_label"] == "时限届满"


def test_the_register_tells_which_licences_were_reminded_of(front: Front, town: Town) -> None:
    licence = town.relative(town.granted(), "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    for days in (90, 60):
        town.time.go_to(until - timedelta(days=days))
        fire_due_clocks(town.office)
        send_reminders(town.office, duty=LICENCE_EXPIRY)
    assert front.get("window", "/duties/licence-reminders.csv").status_code == 403
    answer = front.get("supervisor", "/duties/licence-reminders.csv")
    assert answer.status_code == 200
    head, *rows = answer.text.lstrip("\ufeff").splitlines()
    assert head.startswith("许可证号,单位名称")
    number = licence.data["application"]["number"]
    assert [row.split(",")[4] for row in rows if number in row] == ["90", "60"]
    assert f",{until.isoformat()}," in rows[0]


def test_whoever_has_applied_for_a_renewal_is_not_reminded(front: Front, town: Town) -> None:
    licence = town.relative(town.granted(), "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    town.time.go_to(until - timedelta(days=61))
    fire_due_clocks(town.office)
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(
            text("UPDATE case_file SET state = 'renewal_pending' WHERE number = :number"),
            {"number": licence.number},
        )
    town.time.go_to(until - timedelta(days=60))
    assert send_reminders(town.office, duty=LICENCE_EXPIRY).done == []
