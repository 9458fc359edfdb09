"""Serving the deployments of prefect.yaml from this machine, without a work pool."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import yaml  # type: ignore[import-untyped]  # comes with Prefect, which reads this file with it
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import TerminationSignal
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from casework.deadlines import duty_book as duties
from casework.deadlines.duty_book import DUTIES
from casework.duties.alarms import keep_watch
from casework.kernel.office import Office
from rulebook.tree import ROOT
from workflows.on_demand import keep_asking
from workflows.prefect_api import PrefectApi, pauses

# The same for every worker, or each that comes would move the schedule.
_ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
# A worker that lives takes up a run within seconds of its time, and has begun it in another few.
_MARGIN = timedelta(minutes=1)
# Each run is a process that takes seconds to begin. The rest wait for their turn, so that a machine
# that is too slow for the interval is not made slower; what counts them is gone with this process.
# What is done every few minutes has a lane of its own, as wide: it never waits behind what has a
# day, nor a one-time code behind a long round of clocks.
_AT_ONCE = 2
# Served for this long, it was no fault at the start: the next attempt comes soon.
_STEADY = 300.0
_LONGEST_PAUSE = 30.0  # seconds

logger = logging.getLogger(__name__)


def serve_deployments(office: Office) -> None:
    """Serve until told to stop, with PREFECT_API_URL naming the server.

    NUOXIN_SWEEP_SECONDS makes intervals other than prefect.yaml has them. NUOXIN_FLOWS_ALONE says
    that nobody else runs flows on that server, so that whatever is at work there is not any more.
    """
    os.chdir(ROOT)  # each run is a process of its own and finds the flows from here
    seconds = os.environ.get("NUOXIN_SWEEP_SECONDS")
    interval = timedelta(seconds=float(seconds)) if seconds else None
    read_deployments(interval)  # what is wrong with them is said before anything is begun
    api = PrefectApi(os.environ["PREFECT_API_URL"])
    alone = os.environ.get("NUOXIN_FLOWS_ALONE") == "1"
    keep_serving(lambda: _serve(api, office, interval, alone=alone))


def keep_serving(
    serve: Callable[[], None],
    *,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Serve, and again whenever that fails, ever more slowly, until it returns by itself."""
    waits = pauses(_LONGEST_PAUSE)
    while True:
        begun = clock()
        try:
            return serve()
        except Exception:  # whatever came to an end, deadlines are still to be kept
            if clock() - begun > _STEADY:
                waits = pauses(_LONGEST_PAUSE)
            wait = next(waits)
            logger.exception("流程服务中断，%g 秒后重新开始", wait)
            pause(wait)


def _serve(api: PrefectApi, office: Office, interval: timedelta | None, *, alone: bool) -> None:
    api.wait_until_ready()
    # Pausing on the way out would stop the schedules for other workers too.
    # A run that is fetched long before its time would only wait.
    lanes = {
        often: Runner(pause_on_shutdown=False, limit=_AT_ONCE, query_seconds=5, prefetch_seconds=1)
        for often in (True, False)
    }
    ids = {
        deployment.name: str(lanes[DUTIES[deployment.name].often].add_deployment(deployment))
        for deployment in read_deployments(interval)
    }
    take_over(api, office, ids, now=datetime.now(UTC), alone=alone)
    stop = Event()
    asking = Thread(target=keep_asking, args=(office, ids, api.ask_for_run, stop), daemon=True)
    asking.start()
    Thread(target=keep_watch, args=(office, stop), daemon=True).start()
    try:
        asyncio.run(start_lanes(lanes.values()))
    except (KeyboardInterrupt, TerminationSignal):
        return
    finally:
        stop.set()
        # The handler is a runner's, which cannot be stopped any more.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


async def start_lanes(runners: Iterable[Runner]) -> None:
    """Let all of these runners serve. Raises RuntimeError once one of them ends by itself: what is
    left would leave half of the duties undone, and nobody would say so."""

    async def start(runner: Runner) -> None:
        await runner.start()
        raise RuntimeError("Prefect 的流程服务自行结束")

    await asyncio.gather(*(start(runner) for runner in runners))


def take_over(
    api: PrefectApi, office: Office, ids: Mapping[str, str], *, now: datetime, alone: bool
) -> None:
    """Tidy up what was left by whoever ran the flows before, and ask for what that left undone.

    Runs that were due meanwhile would all begin at once, for nothing: one stands for them all, and
    for what is overdue. With other workers about, only what nobody can be at any more is ended. It
    is ended once another was asked for: whoever is killed in between leaves it to be found again.
    """
    for name, deployment_id in ids.items():
        duty = DUTIES[name]
        abandoned = api.at_work(deployment_id, now if alone else now - duty.longest - _MARGIN)
        with office.database.session() as session:
            overdue = duties.state_of(office, session, duty).overdue
        if abandoned or overdue:
            # Whoever else begins to serve finds the same and asks for the same run; who begins
            # again, since that one was broken off too, for another.
            found = max(abandoned, default=f"{now:%Y-%m-%dT%H:%M}")
            api.ask_for_run(deployment_id, f"begun/{name}/{found}")
        if abandoned:
            api.end(abandoned)
            logger.warning("%s：结束了 %d 次没有程序在执行的运行", duty.label, len(abandoned))
        api.drop_late(deployment_id, now - _MARGIN)


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
