"""Asking a Prefect server before flows are served, with patience: a 503 is asked again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

_FIRST_PAUSE = 1.0  # seconds
# To ask costs nothing, and whoever waits for a server that is just starting is to go on soon.
_LONGEST_PAUSE = 5.0
_PAGE = 200
# States of a run that some process is at.
_AT_WORK = ["PENDING", "RUNNING", "CANCELLING"]

logger = logging.getLogger(__name__)


def pauses(longest: float) -> Iterator[float]:
    """Seconds to wait before each further attempt: 1, 2, 4 … up to the longest, without end."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, longest)


class PrefectApi:
    """The server behind an API address (`http://host:4200/api`).

    Each call is made again, ever more slowly, for as long as the server does not answer, or answers
    that it cannot now. An answer that will not change by waiting raises httpx.HTTPStatusError.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._transport, self._pause = url.rstrip("/"), transport, pause

    def wait_until_ready(self) -> None:
        """Return once the server is healthy."""
        self._ask("GET", "/health")

    def at_work(self, deployment_id: str, begun_before: datetime) -> list[str]:
        """The runs that have been at work since before an instant."""
        wanted = {
            "deployment_id": {"any_": [deployment_id]},
            "state": {"type": {"any_": _AT_WORK}},
        }
        runs: list[str] = []
        for offset in range(0, 50 * _PAGE, _PAGE):
            body = {"flow_runs": wanted, "limit": _PAGE, "offset": offset, "sort": "ID_DESC"}
            found = self._ask("POST", "/flow_runs/filter", body)
            for run in found:
                if datetime.fromisoformat(run["state"]["timestamp"]) < begun_before:
                    runs.append(run["id"])
            if len(found) < _PAGE:
                break
        return runs

    def end(self, runs: Iterable[str]) -> None:
        """Put an end to runs that nobody is at."""
        state = {"type": "CRASHED", "name": "Crashed", "message": "没有程序在执行这次运行"}
        for run_id in runs:
            self._ask("POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})

    def drop_late(self, deployment_id: str, due_before: datetime) -> None:
        """Delete the runs that were due before an instant and that nobody has begun, but the last
        one, which stands for them all."""
        body = {
            "flow_runs": _not_begun(deployment_id, due_before),
            "limit": _PAGE,
            "offset": 0,
            "sort": "NEXT_SCHEDULED_START_TIME_ASC",
        }
        while len(found := self._ask("POST", "/flow_runs/filter", body)) > 1:
            others = {"id": {"any_": [run["id"] for run in found[:-1]]}}
            if not self._ask("POST", "/flow_runs/bulk_delete", {"flow_runs": others})["deleted"]:
                break  # somebody else was faster

    def ask_for_run(self, deployment_id: str, key: str) -> None:
        """Ask for one run of a deployment now; asked for twice under one `key`, it is one run. One
        that was due and has not begun yet does the same: then none is added, or a machine that is
        slow would have ever more of them to do."""
        waiting = _not_begun(deployment_id, datetime.now(UTC))
        if self._ask("POST", "/flow_runs/filter", {"flow_runs": waiting, "limit": 1, "offset": 0}):
            return
        path = f"/deployments/{deployment_id}/create_flow_run"
        self._ask("POST", path, {"idempotency_key": key})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, as JSON, asked for until there is one. Raises httpx.HTTPStatusError for what
        waiting does not mend."""
        for pause in pauses(_LONGEST_PAUSE):
            try:
                with httpx.Client(
                    # Its address is on this network: a proxy of the environment has no part in it.
                    transport=self._transport,
                    timeout=10,
                    trust_env=False,
                ) as client:
                    reply = client.request(method, self._url + path, json=body)
                reply.raise_for_status()
                return reply.json()
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}"
            except httpx.HTTPStatusError as error:
                if not is_passing(error.response.status_code):
                    raise
                reason = str(error.response.status_code)
            logger.warning(
                "Prefect 暂时没有答复（%s %s：%s），%g 秒后再试", method, path, reason, pause
            )
            self._pause(pause)
        raise AssertionError("unreachable")


def _not_begun(deployment_id: str, due_before: datetime) -> dict[str, Any]:
    """The filter for runs of a deployment that were due before an instant and nobody has begun."""
    return {
        "deployment_id": {"any_": [deployment_id]},
        # Not those that wait for their next attempt: a living process does so.
        "state": {"name": {"any_": ["Scheduled", "Late"]}},
        "next_scheduled_start_time": {"before_": due_before.isoformat()},
    }


def is_passing(status: int) -> bool:
    """Whether an answer with this status is worth asking again."""
    return status >= 500 or status in (408, 429)
