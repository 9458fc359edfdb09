"""The flows: each gives sweeps of `casework` their retries and an artifact that says what they did.

An empty flow run costs about a second and a task run milliseconds, so the sweeps that run often are
tasks of one flow. Their order matters: what fell due comes before reminders of what is left, and
notices go out last.

A run that meets another one of its duty leaves quietly. That is agreed on in our own database: a
concurrency limit of Prefect's stays taken for ever by a run whose server was stopped hard, since
the server keeps the leases in its memory and the taken slots on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from casework.deadlines.duty_book import DAILY, SWEEP, Duty, on_duty
from casework.kernel.office import Office
from casework.operations.channels import NOTICE_LOG, LogFile
from casework.operations.installation import from_environment
from casework.operations.sweeps import (
    SweepReport,
    deliver_notices,
    fire_due_clocks,
    rate_everybody,
    recount_provisional,
    seal_day,
    send_reminders,
)


@task(retries=2, retry_delay_seconds=3, cache_policy=NO_CACHE, persist_result=False)
def _sweep(work: Callable[[], SweepReport]) -> SweepReport:
    """Run one sweep; a lost connection is tried again, and nothing is done twice by that."""
    return work()


@flow(name="keep-deadlines", timeout_seconds=SWEEP.longest.total_seconds())
def keep_deadlines() -> State[Any] | list[State[Any]]:
    """Let due clocks happen, send reminders, hand over notices (时限巡查)."""
    installation = from_environment()
    office = installation.office()
    log = LogFile(installation.folder / NOTICE_LOG)
    return _carry_out(
        office,
        SWEEP,
        "keep-deadlines",
        {
            "时限届满": lambda: fire_due_clocks(office),
            "到期提醒": lambda: send_reminders(office),
            "通知送出": lambda: deliver_notices(office, log),
        },
    )


@flow(
    name="seal-day",
    timeout_seconds=DAILY.longest.total_seconds(),
    retries=3,
    retry_delay_seconds=60,
)
def seal() -> State[Any] | list[State[Any]]:
    """Count again what a new calendar moves, rate again, then seal the day (每日存证)."""
    installation = from_environment()
    office = installation.office()
    return _carry_out(
        office,
        DAILY,
        "seal-day",
        {
            "时限重算": lambda: recount_provisional(office),
            "信用等级重评": lambda: rate_everybody(office),
            "每日存证": lambda: seal_day(office, installation.folder),
        },
    )


def _carry_out(
    office: Office, duty: Duty, key: str, sweeps: dict[str, Callable[[], SweepReport]]
) -> State[Any] | list[State[Any]]:
    """Do a duty, and put on record whether all of it was done."""
    with on_duty(office, duty) as shift:
        if shift is None:
            return Completed(message="另一次运行正在进行，本次不重复")
        states = _report(key, sweeps)
        if undone := [state for state in states if not state.is_completed()]:
            shift.error = "；".join(str(state.message) for state in undone)
        return states


def _report(key: str, sweeps: dict[str, Callable[[], SweepReport]]) -> list[State[Any]]:
    """Run each sweep as a task, whatever became of the one before; the states decide the flow's.

    A run that found nothing to do leaves no artifact: the latest one tells what was last done.
    """
    states, parts = [], []
    for title, work in sweeps.items():
        state = _sweep.with_options(name=title)(work, return_state=True)
        states.append(state)
        if state.is_completed():
            report = state.result()
            if report != SweepReport():
                parts.append(f"## {title}\n\n{_as_list(report)}")
        else:
            parts.append(f"## {title}\n\n没有完成：{state.message}")
    if parts:
        create_markdown_artifact(key=key, markdown="\n\n".join(parts))
    return states


def _as_list(report: SweepReport) -> str:
    first, *lines = str(report).splitlines()
    return "\n".join([first, "", *(f"- {line}" for line in lines)])
