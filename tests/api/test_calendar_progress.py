"""Turning the demo's calendar asks for the work, and says what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.web.prefect_client import Prefect
from casework.common.demo_time import DemoTime
from casework.deadlines.duty_book import DUE_CLOCKS, DUTIES, LIVING_THROUGH, on_duty
from casework.kernel.office import Office
from casework.models import Setting
from tests.support.front import Front
from tests.support.town import StoppedTime, Town


@pytest.fixture
def demo(town: Town) -> Iterator[Front]:
    """The front door of a demo, whose calendar can be turned."""
    time = DemoTime(town.database, machine=StoppedTime())
    town.office = Office(town.database, time, public_url="http://127.0.0.1:8000")
    yield Front(town, demo=True)
    time.close()


IDS = {"due-clocks": "a1", "daily-proof": "b2"}


class RunningPrefect:
    """A server with the deployments of this release, whose runs a test lets happen or fail."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.states: dict[str, tuple[str, str]] = {}
        self.waiting: list[str] = []  # deployments with a run that was due and has not begun
        self.troubles: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.troubles and (trouble := self.troubles.pop(0)):
            return httpx.Response(trouble)
        path, body = request.url.path, json.loads(request.content or b"null")
        self.asked.append((path, body))
        if path == "/api/deployments/filter":
            found = [{"id": key, "name": name} for name, key in IDS.items()]
            return httpx.Response(200, json=found)
        if path == "/api/flow_runs/filter" and "id" not in body["flow_runs"]:
            late = [{"id": f"late of {key}", "deployment_id": key} for key in self.waiting]
            return httpx.Response(200, json=late)
        if path == "/api/flow_runs/filter":
            runs = [
                {"id": run, "state": {"type": kind, "name": kind.title(), "message": message}}
                for run, (kind, message) in self.states.items()
                if run in body["flow_runs"]["id"]["any_"]
            ]
            return httpx.Response(200, json=runs)
        return httpx.Response(201, json={"id": f"run of {path.split('/')[3]}"})


def _told(demo: Front) -> dict[str, tuple[str, str]]:
    answer = demo.get("supervisor", "/demo/clock").json()
    return {one["duty"]: (one["state"], one["text"]) for one in answer["duties"]}


def _waits_for_nothing(demo: Front, prefect: RunningPrefect) -> None:
    demo.app.state.prefect = Prefect(
        "http://prefect.invalid/api", httpx.MockTransport(prefect), pause=lambda _: None
    )


def test_turning_it_asks_prefect_for_a_run_of_every_duty(demo: Front) -> None:
    """The daily one too: a demo never sees its real time, ten to midnight."""
    prefect = RunningPrefect()
    _waits_for_nothing(demo, prefect)
    turned = demo.post("supervisor", "/demo/clock", {"advance_days": 1}).json()
    assert turned["asked"] == ["due-clocks", "daily-proof"]
    assert "已请 Prefect 立即运行：时限届满、每日存证和核验；没有请到的：" in turned["text"]
    assert turned["swept"] is False  # asked for, and not done
    assert [path for path, _ in prefect.asked] == [
        "/api/deployments/filter",
        "/api/flow_runs/filter",
        "/api/deployments/a1/create_flow_run",
        "/api/deployments/b2/create_flow_run",
    ]
    assert prefect.asked[0][1] == {"deployments": {"tags": {"all_": ["nuoxin"]}}}


def test_a_run_that_has_not_begun_yet_is_no_reason_for_another(demo: Front) -> None:
    """Or whoever turns the calendar day by day would leave a slow machine with ever more runs."""
    prefect = RunningPrefect()
    prefect.waiting = ["a1"]
    _waits_for_nothing(demo, prefect)
    turned = demo.post("supervisor", "/demo/clock", {"advance_days": 1}).json()
    assert turned["asked"] == ["due-clocks", "daily-proof"]
    asked = dict(prefect.asked)
    assert "/api/deployments/a1/create_flow_run" not in asked
    assert "/api/deployments/b2/create_flow_run" in asked
    due = asked["/api/flow_runs/filter"]["flow_runs"]["next_scheduled_start_time"]
    assert datetime.fromisoformat(due["before_"]) <= datetime.now(UTC)
    prefect.states = {"late of a1": ("RUNNING", "")}
    assert _told(demo)["due-clocks"][0] == "running"


def test_a_busy_server_is_asked_again_and_runs_once(demo: Front) -> None:
    prefect = RunningPrefect()
    prefect.troubles = [503, 0, 0, 503, 503, 0, 0]
    _waits_for_nothing(demo, prefect)
    turned = demo.post("supervisor", "/demo/clock", {"advance_days": 1}).json()
    assert turned["asked"] == ["due-clocks", "daily-proof"]
    keys = [body["idempotency_key"] for path, body in prefect.asked if "create" in path]
    assert len(set(keys)) == 2


def test_what_could_not_be_asked_for_is_said(demo: Front) -> None:
    prefect = RunningPrefect()
    prefect.troubles = [0, 0, 0, 503, 503, 503]
    _waits_for_nothing(demo, prefect)
    turned = demo.post("supervisor", "/demo/clock", {"advance_days": 1}).json()
    assert turned["asked"] == ["due-clocks"]
    assert "没有请到的：" in turned["text"]
    assert _told(demo)["daily-proof"][0] == "not_asked"


def test_who_waits_for_days_that_are_lived_through_is_told_how_many(
    demo: Front, town: Town
) -> None:
    machine = town.office.machine = StoppedTime()
    with town.session() as session:
        session.add(Setting(key="mode", value="demo"))
    with on_duty(town.office, DUE_CLOCKS):
        pass
    prefect = RunningPrefect()
    _waits_for_nothing(demo, prefect)
    demo.post("supervisor", "/demo/clock", {"advance_days": 30})
    machine.pass_(minutes=3)
    prefect.states = {"run of a1": ("SCHEDULED", ""), "run of b2": ("COMPLETED", "")}
    with on_duty(town.office, LIVING_THROUGH):
        told = _told(demo)
    text = "已排队 3 分钟，正在等待另一次运行逐日补办（还有 30 天）"
    assert told["due-clocks"] == ("waiting", f"时限届满：{text}")
    text = "正在由另一次运行逐日补办（还有 30 天）"
    assert told["daily-proof"] == ("running", f"每日存证和核验：{text}")
    # Nobody is at them.
    assert "流程程序可能没有运行" in _told(demo)["due-clocks"][1]


@pytest.mark.slow
def test_the_calendar_says_what_became_of_what_was_asked_for(demo: Front, town: Town) -> None:
    assert demo.get("supervisor", "/demo/clock").json()["duties"] == []
    machine = town.office.machine = StoppedTime()
    prefect = RunningPrefect()
    _waits_for_nothing(demo, prefect)
    demo.post("supervisor", "/demo/clock", {"advance_days": 30})
    sweep, daily = "run of a1", "run of b2"
    prefect.states = {sweep: ("SCHEDULED", ""), daily: ("RUNNING", "")}
    told = _told(demo)
    assert told["due-clocks"] == ("waiting", "时限届满：已排队，几秒内开始")
    assert told["daily-proof"] == ("running", "每日存证和核验：正在处理")
    # Of the others this server knows no deployment.
    assert {told[name][0] for name in DUTIES if name not in IDS} == {"not_asked"}
    machine.pass_(minutes=3)
    state, text = _told(demo)["due-clocks"]
    assert (state, text) == (
        "waiting",
        "时限届满：已排队 3 分钟，正在等待另一次运行办理前面的事项",
    )
    prefect.states = {sweep: ("SCHEDULED", ""), daily: ("SCHEDULED", "")}
    state, text = _told(demo)["due-clocks"]
    assert state == "waiting"
    assert "已排队 3 分钟，还没有开始：流程程序可能没有运行" in text

    # Between two runs: one has just ended.
    with on_duty(town.office, DUTIES["ratings"]):
        pass
    assert _told(demo)["due-clocks"][1].endswith("正在等待另一次运行办理前面的事项")
    machine.pass_(minutes=2)

    prefect.states = {sweep: ("CANCELLED", "by hand"), daily: ("CRASHED", "")}
    told = _told(demo)
    assert told["due-clocks"][0] == told["daily-proof"][0] == "failed"
    assert "没有完成（Prefect：Cancelled，by hand）" in told["due-clocks"][1]
    assert "没有完成（Prefect：Crashed）" in told["daily-proof"][1]
    prefect.states = {sweep: ("COMPLETED", "另一次运行正在进行，本次不重复")}
    assert _told(demo)["due-clocks"] == ("running", "时限届满：正在由另一次运行处理")
    assert _told(demo)["daily-proof"][0] == "unknown"
    prefect.troubles = [503] * 3
    assert "Prefect 没有答复，不知道是否已经开始" in _told(demo)["due-clocks"][1]

    # Whatever Prefect says: what was done stands in the database.
    with on_duty(town.office, DUE_CLOCKS):
        pass
    assert _told(demo)["due-clocks"] == ("done", "时限届满：已处理完毕，到 2026-10-01 09:00 为止")
    assert _told(demo)["daily-proof"][0] == "unknown"
    for duty in DUTIES.values():
        with on_duty(town.office, duty):
            pass
    prefect.asked.clear()
    assert {state for state, _ in _told(demo).values()} == {"done"}
    assert prefect.asked == []  # nothing is open
    demo.post("supervisor", "/demo/clock", {"advance_days": 1})
    assert _told(demo)["due-clocks"][0] != "done"


def test_a_sweep_that_took_no_part_in_the_new_day_does_not_count(demo: Front, town: Town) -> None:
    """It had begun before the calendar was turned, so what falls due by that was not seen by it."""
    prefect = RunningPrefect()
    _waits_for_nothing(demo, prefect)
    with on_duty(town.office, DUE_CLOCKS):
        demo.post("supervisor", "/demo/clock", {"advance_days": 1})
    assert _told(demo)["due-clocks"][0] != "done"
