"""A Prefect server of our own, for demo and trial: how to start it, and how its clients find it."""

from __future__ import annotations

import sys
from pathlib import Path


def server_command(port: int) -> list[str]:
    """The command that runs the server in the foreground."""
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "prefect", "server", "start", *address]


def api_url(port: int) -> str:
    """Where the server answers."""
    return f"http://127.0.0.1:{port}/api"


def server_environment(folder: Path) -> dict[str, str]:
    """Settings of server and clients that keep their state under the data folder.

    The scheduler plans minutes ahead, not an hour, so that little is late after a night; runs older
    than two days are forgotten, since many of them slow it down. Its other services look once a
    minute, and those of work pools, which a server of our own has not, not at all.
    """
    return {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Its own small database has one writer at a time: better to wait than to answer 503.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT4M",
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "60",
        # Runs wait for their turn, and a page of ours tells what is late: to mark many at once is
        # more than its writer can do.
        "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1M",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "172800",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P1D",
    }
