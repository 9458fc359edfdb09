"""The deployments of prefect.yaml are whole, and the same whoever serves them."""

from __future__ import annotations

from datetime import timedelta

import yaml
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from casework.deadlines.duty_book import DUTIES
from casework.duties.roster import WORK
from rulebook.tree import ROOT
from workflows.serving import read_deployments

_INTERVALS = {
    "due-clocks": 180,
    "notices": 180,
    "imports": 1800,
    "reminders": 1800,
    "exchange": 1800,
}


def test_every_deployment_can_be_served() -> None:
    for deployment in read_deployments():
        assert deployment.flow_name == deployment.name
        function = deployment.name.replace("-", "_")
        assert deployment.entrypoint == f"workflows.flows.{function}"
        [one] = deployment.schedules or []
        if seconds := _INTERVALS.get(deployment.name):
            assert isinstance(one.schedule, IntervalSchedule)
            assert one.schedule.interval == timedelta(seconds=seconds)
        else:
            assert isinstance(one.schedule, CronSchedule)
            assert one.schedule.timezone == "Asia/Shanghai"


def test_every_duty_has_its_work() -> None:
    assert list(WORK) == list(DUTIES.values())


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
    assert [one.schedules for one in read_deployments(ten)] == [
        one.schedules for one in read_deployments(ten)
    ]
    assert [one.schedules for one in read_deployments()] == [
        one.schedules for one in read_deployments()
    ]
