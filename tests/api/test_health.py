"""What /healthz says of the duties that the house does by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, DUTIES, on_duty
from casework.duties import roots_out
from casework.duties.daily_proof import seal_day
from tests.support.front import Front
from tests.support.town import START, StoppedTime, Town

_ALARM = {"due-clocks": 10, "notices": 10, "imports": 120, "reminders": 120, "exchange": 120}


@pytest.fixture
def machine(town: Town) -> StoppedTime:
    """The machine's clock."""
    clock = town.office.machine = StoppedTime()
    return clock


def test_a_house_whose_flows_never_ran_says_so_and_serves(
    front: Front, machine: StoppedTime
) -> None:
    answer = front.client.get("/healthz")
    assert answer.status_code == 200
    never = {"last_success": None, "age_seconds": None, "overdue": True}
    found = answer.json()
    assert found.pop("duties") == {
        name: {**never, "alarm_after_minutes": _ALARM.get(name, 1560)} for name in DUTIES
    }
    assert found == {
        "database": True,
        "writable": True,
        "prefect": False,
        "sweep": {**never, "alarm_after_minutes": 10},
        "daily": {**never, "alarm_after_minutes": 1560},
        "backlog": {name: {"waiting": 0, "oldest": None} for name in ("due-clocks", "notices")},
        "roots": {"last_sealed": None, "last_handed_out": None, "places": 0, "failing": 0},
    }


def test_health_tells_the_age_of_the_last_success_and_when_it_is_too_old(
    front: Front, town: Town, machine: StoppedTime
) -> None:
    for duty in (DUE_CLOCKS, DAILY_PROOF):
        with on_duty(town.office, duty):
            pass
    machine.pass_(seconds=600)
    health = front.client.get("/healthz").json()
    assert health["sweep"] == {
        "last_success": START.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "age_seconds": 600,
        "alarm_after_minutes": 10,
        "overdue": False,
    }
    machine.pass_(seconds=1)
    answer = front.client.get("/healthz")
    # A load balancer that took the web away would take away what still keeps the deadlines.
    assert answer.status_code == 200
    assert answer.json()["sweep"]["overdue"] is True
    assert answer.json()["daily"]["overdue"] is False
    machine.pass_(hours=26)
    assert front.client.get("/healthz").json()["daily"]["overdue"] is True


def test_health_tells_a_stranger_nothing_of_a_failure(
    front: Front, town: Town, machine: StoppedTime
) -> None:
    with on_duty(town.office, DUE_CLOCKS) as shift:
        assert shift is not None
        shift.error = "secret 张三"
    machine.pass_(minutes=20)
    assert "张三" not in front.client.get("/healthz").text


def test_the_overview_over_http_tells_it_too(
    front: Front, town: Town, machine: StoppedTime
) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    machine.pass_(minutes=11)
    found = front.get("supervisor", "/overview").json()["duties"]
    duties = {duty["duty"]: duty for duty in found}
    assert list(duties) == list(DUTIES)
    assert duties["due-clocks"]["overdue"] is True
    assert "已有 11 分钟没有成功完成" in duties["due-clocks"]["alarm"]
    assert duties["daily-proof"]["last_success"] is None


def test_health_tells_when_the_day_was_sealed_and_when_its_root_left_the_machine(
    front: Front, town: Town, machine: StoppedTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots_out, "_PAUSES", ())
    share, data = tmp_path / "share", tmp_path / "data"
    share.mkdir()
    seal_day(town.office, data)
    moment = START.astimezone(UTC).isoformat().replace("+00:00", "Z")
    for places, handed_out, count, failing in (
        (f"{share}", moment, 1, 0),
        (f"{share} {share}-gone", None, 2, 1),
    ):
        roots_out.hand_out(town.office, data, {roots_out.PLACES: places})
        assert front.client.get("/healthz").json()["roots"] == {
            "last_sealed": moment,
            "last_handed_out": handed_out,
            "places": count,
            "failing": failing,
        }
    assert "share" not in front.client.get("/healthz").text
    told = front.get("supervisor", "/duties").json()["roots"]["places"]
    assert [place["name"] for place in told] == [f"{share}", f"{share}-gone"]


def test_health_tells_what_waits_and_since_when(front: Front, town: Town) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    notices = front.client.get("/healthz").json()["backlog"]["notices"]
    assert notices["waiting"] == 2  # to the party and to the window
    assert datetime.fromisoformat(notices["oldest"]) == START
    town.time.pass_(days=14)  # past the time within which it is to be accepted
    case = town.case(number)
    clocks = front.client.get("/healthz").json()["backlog"]["due-clocks"]
    assert clocks["waiting"] == 1
    assert datetime.fromisoformat(clocks["oldest"]) == case.next_due
    assert town.office.catch_up(case.id)
    assert front.client.get("/healthz").json()["backlog"]["due-clocks"]["waiting"] == 0


def test_a_database_that_takes_nothing_says_so_and_is_read(front: Front, town: Town) -> None:
    number = town.apply()
    front.identity("applicant")
    with psycopg.connect(town.url, autocommit=True) as owner:
        setting = f'ALTER DATABASE "{owner.info.dbname}" {{}} default_transaction_read_only'
        owner.execute(f"{setting.format('SET')} = on")
        town.database.engine.dispose()  # for those who connect from now on
        answer = front.client.get("/healthz")
        assert answer.status_code == 200
        assert answer.json()["writable"] is False
        assert front.get("applicant", f"/cases/{number}").status_code == 200
        owner.execute(setting.format("RESET"))
        town.database.engine.dispose()
    assert front.client.get("/healthz").json()["writable"] is True
