"""Beginning to serve flows: a 503 is asked again, and what nobody runs any more is ended."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from prefect.runner import Runner

from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, DUTIES, on_duty
from casework.kernel.office import Office
from tests.support.town import START, StoppedTime, Town
from workflows.prefect_api import PrefectApi, pauses
from workflows.serving import keep_serving, read_deployments, start_lanes, take_over

IDS = {"due-clocks": "id-of-clocks", "daily-proof": "id-of-proof"}


class FakePrefect:
    """A server with runs: (id, deployment, state, since, due), which also says 503 when told to."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.asked_for: list[str] = []
        self.troubles: list[int | Exception] = []
        self.waited: list[float] = []
        self._keys: set[str] = set()

    def api(self) -> PrefectApi:
        return PrefectApi(
            "http://prefect.invalid/api",
            transport=httpx.MockTransport(self.answer),
            pause=self.waited.append,
        )

    def add(self, run: str, deployment: str, state: str, minutes: float) -> None:
        """A run that has been in its state, or is due, since so many minutes."""
        since = (START - timedelta(minutes=minutes)).isoformat()
        name = "Late" if state == "SCHEDULED" else state.capitalize()
        self.runs.append(
            {
                "id": run,
                "deployment_id": IDS[deployment],
                "state": {"type": state, "name": name, "timestamp": since},
                "due": since,
            }
        )

    def stands(self) -> dict[str, str]:
        return {run["id"]: run["state"]["type"] for run in self.runs}

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return httpx.Response(trouble)
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content or b"null")
        if path == "/health":
            return httpx.Response(200, json=True)
        if path == "/flow_runs/filter":
            wanted = body["flow_runs"]
            found = [run for run in self.runs if self._fits(run, wanted)]
            if body.get("sort") == "NEXT_SCHEDULED_START_TIME_ASC":
                found.sort(key=lambda run: str(run["due"]))
            return httpx.Response(200, json=found[body["offset"] :][: body["limit"]])
        if path == "/flow_runs/bulk_delete":
            gone = [run for run in self.runs if self._fits(run, body["flow_runs"])]
            self.runs = [run for run in self.runs if run not in gone]
            return httpx.Response(200, json={"deleted": [run["id"] for run in gone]})
        if path.endswith("/set_state"):
            [run] = [run for run in self.runs if run["id"] == path.split("/")[2]]
            assert body["force"] is True
            run["state"] = body["state"]
            return httpx.Response(200, json={"status": "ACCEPT"})
        if path.endswith("/create_flow_run"):
            # Prefect gives the run of an earlier request with the same key, whatever became of it.
            if body["idempotency_key"] not in self._keys:
                self._keys.add(body["idempotency_key"])
                self.asked_for.append(path.split("/")[2])
            return httpx.Response(201, json={"id": "new"})
        raise AssertionError(path)

    @staticmethod
    def _fits(run: dict[str, Any], wanted: dict[str, Any]) -> bool:
        state, due = wanted.get("state"), wanted.get("next_scheduled_start_time")
        if "id" in wanted:
            return run["id"] in wanted["id"]["any_"]
        return (
            run["deployment_id"] in wanted["deployment_id"]["any_"]
            and run["state"]["type"] in state.get("type", {}).get("any_", [run["state"]["type"]])
            and run["state"]["name"] in state.get("name", {}).get("any_", [run["state"]["name"]])
            and (
                due is None
                or datetime.fromisoformat(run["due"]) < datetime.fromisoformat(due["before_"])
            )
        )


def done(office: Office, *, machine: datetime = START) -> Office:
    """The office after all of its duties were done."""
    office.machine = StoppedTime(machine)
    for duty in (DUE_CLOCKS, DAILY_PROOF):
        with on_duty(office, duty):
            pass
    return office


@pytest.mark.parametrize(
    "trouble", [503, 500, 502, 429, httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]
)
def test_a_passing_trouble_is_asked_again_at_every_call(
    town: Town, trouble: int | Exception
) -> None:
    office = done(town.office)
    prefect = FakePrefect()
    prefect.add("old", "due-clocks", "RUNNING", 0.1)
    api = prefect.api()
    for call in (
        api.wait_until_ready,
        lambda: api.ask_for_run("x", "once"),
        lambda: take_over(api, office, IDS, now=START, alone=True),
    ):
        prefect.troubles = [trouble, trouble]
        call()
    assert prefect.stands() == {"old": "CRASHED"}
    assert prefect.waited == [1, 2, 1, 2, 1, 2]


def test_a_refusal_for_good_is_not_asked_again() -> None:
    prefect = FakePrefect()
    prefect.troubles = [404]
    with pytest.raises(httpx.HTTPStatusError):
        prefect.api().ask_for_run("x", "once")
    assert prefect.waited == []


def test_the_pauses_grow_and_never_end() -> None:
    growing = pauses(30)
    assert [next(growing) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_on_a_server_of_our_own_whatever_is_at_work_is_ended(town: Town) -> None:
    """Nobody else runs flows there, so these are left from before a hard stop."""
    prefect = FakePrefect()
    for state in ("PENDING", "RUNNING", "CANCELLING", "COMPLETED", "CANCELLED"):
        prefect.add(state.lower(), "due-clocks", state, 0.2)
    take_over(prefect.api(), done(town.office), IDS, now=START, alone=True)
    assert prefect.stands() == {
        "pending": "CRASHED",
        "running": "CRASHED",
        "cancelling": "CRASHED",
        "completed": "COMPLETED",
        "cancelled": "CANCELLED",
    }
    assert prefect.asked_for == ["id-of-clocks"]  # what they left undone


def test_beside_other_workers_only_what_no_run_can_still_be_at_is_ended(town: Town) -> None:
    prefect = FakePrefect()
    prefect.add("of another worker", "due-clocks", "RUNNING", 9)
    prefect.add("long dead", "due-clocks", "RUNNING", 12)
    prefect.add("also dead", "due-clocks", "PENDING", 600)
    prefect.add("may take hours", "daily-proof", "RUNNING", 200)
    take_over(prefect.api(), done(town.office), IDS, now=START, alone=False)
    assert prefect.stands() == {
        "of another worker": "RUNNING",
        "long dead": "CRASHED",
        "also dead": "CRASHED",
        "may take hours": "RUNNING",
    }


def test_many_that_nobody_runs_are_ended_page_by_page(town: Town) -> None:
    prefect = FakePrefect()
    for n in range(450):
        prefect.add(f"run {n}", "due-clocks", "RUNNING", 60)
    take_over(prefect.api(), done(town.office), IDS, now=START, alone=True)
    assert set(prefect.stands().values()) == {"CRASHED"}


@pytest.mark.parametrize("about_to_begin", [False, True])
def test_one_run_stands_for_all_that_came_due_meanwhile(town: Town, about_to_begin: bool) -> None:
    prefect = FakePrefect()
    for minutes in (1.5, 2.5, 3.5):
        prefect.add(f"late by {minutes}", "due-clocks", "SCHEDULED", minutes)
    if about_to_begin:  # by another worker
        prefect.add("soon", "due-clocks", "SCHEDULED", 0.5)
    prefect.add("last night", "daily-proof", "SCHEDULED", 500)
    take_over(prefect.api(), done(town.office), IDS, now=START, alone=False)
    soon = ["soon"] if about_to_begin else []
    assert list(prefect.stands()) == ["late by 1.5", *soon, "last night"]
    assert prefect.asked_for == []  # these begin by themselves


def test_a_run_that_was_asked_for_and_broken_off_is_asked_for_again(town: Town) -> None:
    """Within the same minute: a key of that minute would give the run that was broken off."""
    prefect, office = FakePrefect(), done(town.office)
    for attempt in ("first", "second"):
        prefect.add(attempt, "due-clocks", "RUNNING", 0.1)
        take_over(prefect.api(), office, IDS, now=START, alone=True)
    assert prefect.asked_for == ["id-of-clocks", "id-of-clocks"]


def test_what_is_abandoned_is_asked_for_before_it_is_ended(town: Town) -> None:
    """Whoever is killed in between would leave nothing that tells of it."""
    prefect = FakePrefect()
    prefect.add("old", "due-clocks", "RUNNING", 0.1)
    api = prefect.api()
    stands_then: list[dict[str, str]] = []
    ask = api.ask_for_run
    api.ask_for_run = lambda *given: (stands_then.append(prefect.stands()), ask(*given))[1]  # type: ignore[method-assign]
    take_over(api, done(town.office), IDS, now=START, alone=True)
    assert stands_then == [{"old": "RUNNING"}]


def test_what_is_overdue_is_asked_for_at_the_start(town: Town) -> None:
    """A day on which nothing ran at 23:50 is made good when the flows come back."""
    prefect = FakePrefect()
    town.office.machine = StoppedTime()
    take_over(prefect.api(), town.office, IDS, now=START, alone=True)
    assert sorted(prefect.asked_for) == ["id-of-clocks", "id-of-proof"]  # neither was ever done
    prefect.asked_for.clear()
    office = done(town.office)
    take_over(prefect.api(), office, IDS, now=START, alone=True)
    assert prefect.asked_for == []
    office.machine = StoppedTime(START + timedelta(hours=27))
    with on_duty(office, DUE_CLOCKS):
        pass
    take_over(prefect.api(), office, IDS, now=office.machine.now(), alone=True)
    assert prefect.asked_for == ["id-of-proof"]


def test_every_deployment_is_a_duty_whose_age_is_watched() -> None:
    assert [deployment.name for deployment in read_deployments()] == list(DUTIES)


def test_serving_that_fails_is_begun_again_ever_more_slowly() -> None:
    at, waited = [0.0], list[float]()
    lives = [1.0, 1.0, 1.0, 4000.0, 1.0]

    def serve() -> None:
        if lives:
            at[0] += lives.pop(0)
            raise RuntimeError("Service exceeded error threshold.")

    keep_serving(serve, pause=waited.append, clock=lambda: at[0])
    assert waited == [1, 2, 4, 1, 2]


def test_being_told_to_stop_is_no_failure() -> None:
    def serve() -> None:
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        keep_serving(serve, pause=lambda _: None)


def test_no_lane_goes_on_alone() -> None:
    """Half of the duties would never be done again, and nothing would say so."""

    class Lane(Runner):
        def __init__(self, seconds: float) -> None:
            self.seconds = seconds

        async def start(self, *_: Any, **__: Any) -> None:
            await asyncio.sleep(self.seconds)

    def serve() -> None:
        asyncio.run(asyncio.wait_for(start_lanes([Lane(60), Lane(0)]), 10))

    # In a thread of its own: where pages were tried before, Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as beside, pytest.raises(RuntimeError, match="自行结束"):
        beside.submit(serve).result()
