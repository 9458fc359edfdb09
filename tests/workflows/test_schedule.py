"""Prefect's own schedule lets a due clock happen and sends reminders, each exactly once.

A hard stop leaves runs behind, and an earlier release left taken slots: neither may stop it. All of
it is one story, since to start the server and its workers takes longer than what they do.

It guards the versions that are held back: with others the server starts, reports good health, and
no scheduled run ever happens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from casework.common.demo_time import DemoTime
from casework.common.timekeeping import legal_date, start_of
from casework.deadlines.duty_book import (
    DAILY_PROOF,
    DUE_CLOCKS,
    DUTIES,
    NOTICES,
    REMINDERS,
    extent,
    on_duty,
)
from casework.kernel.office import Office
from casework.models import DailyRoot, LogRow, Notice, Setting
from casework.operations.children import Children
from casework.rules.counting import count
from rulebook.tree import ROOT
from tests.support.town import Town
from workflows.process_manager import free_port
from workflows.server import api_url, server_command, server_environment

pytestmark = pytest.mark.schedule
_PATIENCE = 240


def until(what: str, found: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    pause = Event()
    for _ in range(_PATIENCE):
        if found():
            return
        pause.wait(1)
    raise AssertionError(f"waited in vain until {what}")


class Prefect:
    """The real server, asked through its REST interface."""

    def __init__(self, api: str) -> None:
        self.api = api

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.api}/health", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def find(self, what: str, **body: Any) -> list[dict[str, Any]]:
        reply = self._asked("POST", f"{what}/filter", body)
        found: list[dict[str, Any]] = reply.raise_for_status().json()
        return found

    def send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        reply = self._asked(method, path, body)
        sent: dict[str, Any] = reply.raise_for_status().json() if reply.content else {}
        return sent

    def _asked(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """The answer; a busy machine is slow to give one, and the server says 503 while another
        writes to its database, upon which its own clients ask again."""
        url, pause = f"{self.api}/{path}", Event()
        for _ in range(_PATIENCE):
            reply = httpx.request(method, url, json=body, trust_env=False, timeout=60)
            if reply.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            pause.wait(1)
        return reply

    def completed(self, flow: str = "due-clocks") -> list[dict[str, Any]]:
        """Runs that the schedule has begun, and that were completed."""
        runs = self.find(
            "flow_runs",
            flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}},
            flows={"name": {"any_": [flow]}},
        )
        return [run for run in runs if run["auto_scheduled"]]

    def state(self, run: str) -> str:
        [found] = self.find("flow_runs", flow_runs={"id": {"any_": [run]}})
        return str(found["state"]["type"])


@contextmanager
def served(town: Town, folder: Path) -> Iterator[tuple[Prefect, Callable[..., None]]]:
    """A server over the town's database, which is made a demo, and how to start a worker."""
    with town.session() as session:
        session.add(Setting(key="mode", value="demo"))
    # What is not looked at here is no burden to the machine when the flows begin.
    for duty in DUTIES.values():
        if duty not in (DUE_CLOCKS, REMINDERS, NOTICES, DAILY_PROOF):
            with town.session() as session:
                codes = extent(session, duty)
            for code in codes:
                with on_duty(town.office, duty, code):
                    pass
    port = free_port()
    environment = {
        **server_environment(folder),
        "PREFECT_API_URL": api_url(port),
        "NUOXIN_DATABASE_URL": town.url,
        "NUOXIN_DATA": str(folder),
        "NUOXIN_DEMO": "1",
        "NUOXIN_SWEEP_SECONDS": "40",
        "NO_PROXY": ",".join([os.environ.get("NO_PROXY", ""), "127.0.0.1"]),
    }
    with Children(ROOT, folder) as children:
        children.start("prefect", server_command(port), environment)

        def work(name: str, **more: str) -> None:
            command = [sys.executable, str(ROOT / "nuoxin.py"), "flows"]
            children.start(name, command, {**environment, **more})

        yield Prefect(api_url(port)), work
        assert children.ended() == {}


def left_by_a_hard_stop(prefect: Prefect) -> str:
    """A run that nobody runs, and the slot of an earlier release's concurrency limit with it, which
    cancelled every later run for ever; gives the run."""
    flow = prefect.send("POST", "flows/", name="due-clocks")
    deployment = prefect.send(
        "POST",
        "deployments/",
        name="due-clocks",
        flow_id=flow["id"],
        tags=["nuoxin", "时限"],
        concurrency_limit=1,
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
    )
    limit = deployment["global_concurrency_limit"]["id"]
    prefect.send("PATCH", f"v2/concurrency_limits/{limit}", active_slots=1)
    path = f"deployments/{deployment['id']}/create_flow_run"
    left = str(prefect.send("POST", path, state={"type": "RUNNING"})["id"])
    assert prefect.state(left) == "RUNNING"
    return left


def test_after_a_hard_stop_the_schedule_fires_and_reminds_once_with_two_workers(
    town: Town, tmp_path: Path
) -> None:
    with served(town, tmp_path) as (prefect, work):
        until("the server answers", prefect.answers)
        left = left_by_a_hard_stop(prefect)
        # The first knows that nobody else is at work; then another one comes.
        work("flows-1", NUOXIN_FLOWS_ALONE="1")
        until("the run that was left is ended", lambda: prefect.state(left) == "CRASHED")
        work("flows-2")
        _live(town, prefect)
        [now] = prefect.find("deployments", deployments={"name": {"any_": ["due-clocks"]}})
        assert now["global_concurrency_limit"] is None
        assert now["concurrency_options"] is None
        cancelled = {"state": {"type": {"any_": ["CANCELLED"]}}}
        assert prefect.find("flow_runs", flow_runs=cancelled) == []


def _live(town: Town, prefect: Prefect) -> None:
    time = DemoTime(town.database)
    town.office = Office(town.database, time, public_url="http://127.0.0.1:8000")
    number = town.apply()
    town.time.instant = time.now()
    town.attach(number)
    town.take(number, "submit", "applicant")
    until("a scheduled run has completed", lambda: bool(prefect.completed()))
    assert town.case(number).state == "received"

    # Acceptance has long fallen due then, and the decision that it starts is due in two days.
    today = legal_date(time.now())
    with town.session() as session:
        rules = town.office.rules.current(session)
        limit, _ = rules.limit("licensing.decision", today, "320613")
        due = count(limit, today, (), rules.calendar).due
    assert due is not None
    time.turn_to(start_of(due - timedelta(days=2)) + timedelta(hours=9))
    seen = len(prefect.completed())
    until("the case is accepted", lambda: town.case(number).state == "accepted")
    until("reminders are sent", lambda: len(reminders(town)) == 3)
    until("another run has come", lambda: len(prefect.completed()) > seen)

    with town.session() as session:
        headers = session.scalars(
            select(LogRow.header).where(LogRow.case_id == town.case(number).id)
        ).all()
    taken = [h["name"] for h in headers if h["kind"] in ("open", "step")]
    assert taken == ["application", "submit", "deem_accepted"]
    # Each day that was turned over was lived through, so the acceptance was reminded of, too.
    assert {n.to_role for n in reminders(town)} == {"window_clerk", "reviewer", "approver"}
    until("all is handed over", lambda: all(n.delivered_at for n in notices(town)))

    # The daily duty had never been done, so whoever began to serve asked for it.
    until("the day is sealed", lambda: sealed(town))
    artifacts = prefect.find("artifacts")
    assert any(number in artifact["data"] for artifact in artifacts)
    time.close()


def sealed(town: Town) -> bool:
    with town.session() as session:
        return session.scalars(select(DailyRoot)).first() is not None


def notices(town: Town) -> list[Notice]:
    with town.session() as session:
        return list(session.scalars(select(Notice)))


def reminders(town: Town) -> list[Notice]:
    return [notice for notice in notices(town) if notice.kind == "reminder"]
