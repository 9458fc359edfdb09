"""The deployments of prefect.yaml are whole, and the same whoever serves them."""

from __future__ import annotations

from datetime import timedelta

import yaml
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from casework.deadlines.duty_book import DUTIES
from rulebook.tree import ROOT
from workflows.serving import read_deployments


def test_every_deployment_can_be_served() -> None:
    sweep, daily = read_deployments()
    assert (sweep.flow_name, sweep.entrypoint) == (
        "keep-deadlines",
        "workflows.flows.keep_deadlines",
    )
    assert (daily.flow_name, daily.entrypoint) == ("seal-day", "workflows.flows.seal")
    [every], [at_night] = sweep.schedules or [], daily.schedules or []
    assert isinstance(every.schedule, IntervalSchedule)
    assert every.schedule.interval == timedelta(seconds=60)
    assert isinstance(at_night.schedule, CronSchedule)
    assert at_night.schedule.timezone == "Asia/Shanghai"


def test_no_slot_of_prefects_can_be_left_taken() -> None:
    """A slot that a hard stop leaves taken cancels every later run; runs agree in our database."""
    for deployment in read_deployments():
        assert deployment.concurrency_limit is None
        assert deployment.concurrency_options is None
    # A work pool reads the same file by itself.
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    assert not any("concurrency_limit" in entry for entry in declared["deployments"])


def test_the_web_finds_every_duty_by_its_tag() -> None:
    from api.web.prefect_client import TAG

    assert [d.name for d in read_deployments() if TAG in (d.tags or [])] == list(DUTIES)


def test_two_workers_declare_the_same_schedule() -> None:
    """Otherwise the second one would move the schedule of the first."""
    ten = timedelta(seconds=10)
    assert read_deployments(ten)[0].schedules == read_deployments(ten)[0].schedules
    assert read_deployments(ten)[1].schedules == read_deployments()[1].schedules
