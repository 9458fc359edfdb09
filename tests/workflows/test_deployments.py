"""The deployments of prefect.yaml are whole, and the same whoever serves them."""

from __future__ import annotations

from datetime import timedelta

from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

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
    for deployment in (sweep, daily):
        assert deployment.concurrency_limit == 1
        assert deployment.concurrency_options is not None
        strategy = deployment.concurrency_options.collision_strategy
        assert strategy is ConcurrencyLimitStrategy.CANCEL_NEW


def test_the_web_finds_the_sweep_by_its_tag() -> None:
    from api.prefect_client import SWEEP_TAG

    assert [d.name for d in read_deployments() if SWEEP_TAG in (d.tags or [])] == ["sweep"]


def test_two_workers_declare_the_same_schedule() -> None:
    """Otherwise the second one would move the schedule of the first."""
    ten = timedelta(seconds=10)
    assert read_deployments(ten)[0].schedules == read_deployments(ten)[0].schedules
    assert read_deployments(ten)[1].schedules == read_deployments()[1].schedules
