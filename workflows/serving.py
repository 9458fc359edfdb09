"""Serving the deployments of prefect.yaml from this machine, without a work pool."""

from __future__ import annotations

import importlib
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]  # comes with Prefect, which reads this file with it
from prefect import Flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

ROOT = Path(__file__).resolve().parent.parent
_TAG = "nuoxin"
_PATIENCE = 180.0
# The same for every worker, or each that comes would move the schedule.
_ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)


class ServerAbsent(Exception):
    """The Prefect server did not answer in time."""


def serve_deployments() -> None:
    """Serve until told to stop, with PREFECT_API_URL naming the server.

    NUOXIN_SWEEP_SECONDS makes intervals shorter than prefect.yaml has them. Raises ServerAbsent.
    """
    os.chdir(ROOT)  # each run is a process of its own and finds the flows from here
    api = os.environ["PREFECT_API_URL"]
    _wait_for_server(api)
    _drop_late_runs(api)
    seconds = os.environ.get("NUOXIN_SWEEP_SECONDS")
    deployments = read_deployments(timedelta(seconds=float(seconds)) if seconds else None)
    # Pausing on the way out would stop the schedules for other workers too.
    # A run that is fetched long before its time would hold the one place there is for running.
    serve(
        *deployments,
        pause_on_shutdown=False,
        print_starting_message=False,
        query_seconds=2,
        prefetch_seconds=1,
    )


def read_deployments(interval: timedelta | None = None) -> list[RunnerDeployment]:
    """What prefect.yaml declares; `interval` replaces the intervals in it."""
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    return [_deployment(entry, interval) for entry in declared["deployments"]]


def _deployment(entry: dict[str, Any], interval: timedelta | None) -> RunnerDeployment:
    file, name = entry["entrypoint"].split(":")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    flow: Flow[Any, Any] = getattr(module, name)
    return RunnerDeployment.from_flow(
        flow,
        entry["name"],
        schedules=[_schedule(said, interval) for said in entry["schedules"]],
        concurrency_limit=ConcurrencyLimitConfig(**entry["concurrency_limit"]),
        description=entry["description"],
        tags=entry["tags"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _schedule(said: dict[str, Any], interval: timedelta | None) -> CronSchedule | IntervalSchedule:
    if "cron" in said:
        return CronSchedule(cron=said["cron"], timezone=said["timezone"])
    return IntervalSchedule(
        interval=interval or timedelta(seconds=said["interval"]), anchor_date=_ANCHOR
    )


def _wait_for_server(api: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(f"{api}/health", timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise ServerAbsent(f"Prefect 服务器没有响应：{api}")


def _drop_late_runs(api: str) -> None:
    """Runs that were due while nobody served would all start at once now, for nothing."""
    late = {
        "tags": {"all_": [_TAG]},
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
    }
    dropped = True
    while dropped:
        reply = httpx.post(
            f"{api}/flow_runs/bulk_delete", json={"flow_runs": late}, trust_env=False
        )
        dropped = bool(reply.raise_for_status().json()["deleted"])
