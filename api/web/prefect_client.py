"""Asking Prefect through its REST interface; the desk works on when it does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

# Deployments with this tag are ours; each may be run at any time, and any number of times.
TAG = "nuoxin"
_TIMEOUT = httpx.Timeout(2.0)
# Seconds before asking again: a server that is busy answers 503.
_PAUSES = (0.3, 0.9)


@dataclass(frozen=True)
class RunState:
    """How a flow run stands, as Prefect calls it: its `type` (SCHEDULED, RUNNING, COMPLETED, …),
    the name of the state and its message."""

    type: str
    name: str
    message: str


class Prefect:
    """A Prefect server, by the address of its API (`http://host:4200/api`); None: there is none."""

    def __init__(
        self,
        url: str | None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/") if url else None
        self._transport, self._pause = transport, pause

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            with self._client() as client:
                return client.get("/health").is_success
        except (httpx.HTTPError, _Absent):
            return False

    def run_all(self) -> dict[str, str]:
        """Ask for one run of every deployment of ours now; gives the run's id by the deployment's
        name, for those that the server has accepted. Empty if it does not answer, or knows none."""
        return self._run({"tags": {"all_": [TAG]}})

    def run(self, name: str) -> str | None:
        """Ask for one run of the deployment of that name now; gives the run's id, or None if the
        server does not answer or does not know it."""
        return self._run({"tags": {"all_": [TAG]}, "name": {"any_": [name]}}).get(name)

    def _run(self, wanted: Any) -> dict[str, str]:
        """A run that was due and has not begun yet does what another one would: none is added, or a
        machine that is slow would have ever more of them to do."""
        waiting = {
            "deployments": wanted,
            "flow_runs": {
                # Not one that waits for its next attempt: that is another process's.
                "state": {"name": {"any_": ["Scheduled", "Late"]}},
                "next_scheduled_start_time": {"before_": datetime.now(UTC).isoformat()},
            },
        }
        asked: dict[str, str] = {}
        try:
            with self._client() as client:
                found = self._post(client, "/deployments/filter", {"deployments": wanted})
                waits = {
                    run["deployment_id"]: run["id"]
                    for run in self._post(client, "/flow_runs/filter", waiting)
                }
                for one in found:
                    if one["id"] not in waits:
                        # Asked again under the same key it is the same run.
                        once = {"idempotency_key": str(uuid4())}
                        path = f"/deployments/{one['id']}/create_flow_run"
                        waits[one["id"]] = self._post(client, path, once)["id"]
                    asked[one["name"]] = str(waits[one["id"]])
        except (httpx.HTTPError, _Absent):
            return asked
        return asked

    def next_runs(self) -> dict[str, datetime]:
        """When the next run of each deployment of ours begins, by its name; empty if unknown."""
        tags = {"deployments": {"tags": {"all_": [TAG]}}}
        ahead = {
            **tags,
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 200,
        }
        try:
            with self._client() as client:
                names = {
                    one["id"]: one["name"]
                    for one in self._post(client, "/deployments/filter", tags)
                }
                runs = self._post(client, "/flow_runs/filter", ahead)
        except (httpx.HTTPError, _Absent):
            return {}
        found: dict[str, datetime] = {}
        for run in runs:
            if (name := names.get(run["deployment_id"])) and run["expected_start_time"]:
                found.setdefault(name, datetime.fromisoformat(run["expected_start_time"]))
        return found

    def runs(self, ids: Iterable[str]) -> dict[str, RunState] | None:
        """How runs stand, by their id; without those it no longer knows. None: no answer."""
        wanted = {"flow_runs": {"id": {"any_": list(ids)}}}
        try:
            with self._client() as client:
                found = self._post(client, "/flow_runs/filter", wanted)
        except (httpx.HTTPError, _Absent):
            return None
        return {
            run["id"]: RunState(
                run["state"]["type"], run["state"]["name"], run["state"]["message"] or ""
            )
            for run in found
            if run["state"]
        }

    def _post(self, client: httpx.Client, path: str, body: Any) -> Any:
        """The answer, as JSON; asked again while the server has trouble. Raises httpx.HTTPError."""
        for pause in (*_PAUSES, None):
            try:
                reply = client.post(path, json=body)
                if reply.status_code < 500 or pause is None:
                    return reply.raise_for_status().json()
            except httpx.TransportError:
                if pause is None:
                    raise
            self._pause(pause)
        raise AssertionError("unreachable")

    def _client(self) -> httpx.Client:
        """A client of the server's address. Raises _Absent if there is none."""
        if self.url is None:
            raise _Absent
        # Its address is on this network: a proxy of the environment has no part in it.
        return httpx.Client(
            base_url=self.url, timeout=_TIMEOUT, transport=self._transport, trust_env=False
        )


class _Absent(Exception):
    """No server is configured."""
