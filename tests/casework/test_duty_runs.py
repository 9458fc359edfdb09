"""When a duty of the house was last done, and that two runs of it do not do the same twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select, text

from casework import reading
from casework.common.database import Database, engine_for
from casework.common.demo_time import DemoTime
from casework.deadlines import duty_book as duties
from casework.deadlines.duty_book import (
    DAILY_PROOF,
    DUE_CLOCKS,
    LIVING_THROUGH,
    DutyState,
    on_duty,
)
from casework.kernel.office import Office
from casework.models import DutyRun
from tests.support.town import START, StoppedTime, Town


@pytest.fixture
def machine(town: Town) -> StoppedTime:
    """The machine's clock, which is not the office's."""
    clock = StoppedTime(START + timedelta(days=400))
    town.office.machine = clock
    return clock


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for here."""
    monkeypatch.setattr(duties, "_PATIENCE", "50ms")


def stand(town: Town, duty: duties.Duty = DUE_CLOCKS) -> DutyState:
    with town.session() as session:
        return duties.state_of(town.office, session, duty)


def test_a_duty_that_was_never_done_is_overdue(town: Town, machine: StoppedTime) -> None:
    state = stand(town)
    assert (state.last_success, state.age_seconds, state.overdue) == (None, None, True)
    assert state.alarm.startswith("时限届满还没有成功完成过：到期事项不会自动处理")
    assert "nuoxin sweep" in state.alarm


def test_its_age_is_the_machines_and_how_far_it_came_the_offices(
    town: Town, machine: StoppedTime
) -> None:
    with on_duty(town.office, DUE_CLOCKS) as shift:
        assert shift is not None
        machine.pass_(seconds=30)
    machine.pass_(minutes=10)
    state = stand(town)
    assert state.last_success == START + timedelta(days=400, seconds=30)
    assert (state.age_seconds, state.overdue, state.alarm) == (600, False, "")
    assert state.done_to == START
    machine.pass_(seconds=1)
    late = stand(town)
    assert late.overdue
    assert "时限届满已有 10 分钟没有成功完成（超过 10 分钟即报警）" in late.alarm
    assert "法定日期不受影响" in late.alarm
    assert not stand(town, DAILY_PROOF).last_success


def test_a_clock_that_is_set_back_makes_nothing_punctual(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS) as shift:
        assert shift is not None
    machine.pass_(seconds=-60)  # as clocks differ
    assert not stand(town).overdue
    machine.pass_(days=-1)
    state = stand(town)
    assert (state.overdue, state.age_seconds) == (True, 0)
    assert "时钟被调回过" in state.alarm
    with on_duty(town.office, DUE_CLOCKS) as shift:
        assert shift is not None
    assert not stand(town).overdue


def test_the_daily_duty_has_an_alarm_of_its_own(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DAILY_PROOF):
        pass
    machine.pass_(hours=26)
    assert not stand(town, DAILY_PROOF).overdue
    machine.pass_(seconds=1)
    assert "每日存证和核验已有 26 小时没有成功完成" in stand(town, DAILY_PROOF).alarm


def test_the_alarm_follows_its_key(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    machine.pass_(minutes=5)
    assert not stand(town).overdue
    owner = Database(town.url)
    with engine_for(town.url, role=None).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO edition (kind, key, valid_from, content, law, mark, source, digest,"
                " loaded_at) SELECT kind, key, '2026-01-01',"
                " replace(content::text, '10', '4')::json, law, mark, 'test', 'four', loaded_at"
                " FROM edition WHERE key = 'duties.sweep_alarm_minutes'"
            )
        )
    owner.close()
    assert stand(town).overdue


def test_a_run_that_failed_is_no_success(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    machine.pass_(minutes=11)

    def fail() -> None:
        with on_duty(town.office, DUE_CLOCKS):
            raise ConnectionError("the channel is gone")

    with pytest.raises(ConnectionError):
        fail()
    assert stand(town).age_seconds == 660
    assert "最近一次失败：ConnectionError：the channel is gone。" in stand(town).alarm
    with on_duty(town.office, DUE_CLOCKS) as shift:
        assert shift is not None
        shift.error = "通知没有送出"
    assert "最近一次失败：通知没有送出" in stand(town).alarm
    with on_duty(town.office, DUE_CLOCKS):
        pass
    assert stand(town).alarm == ""


def test_a_run_that_meets_another_leaves(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS) as first, on_duty(town.office, DUE_CLOCKS) as second:
        assert first is not None
        assert second is None
        # Another duty, and whoever sweeps by hand, go on beside it.
        with on_duty(town.office, DAILY_PROOF) as daily:
            assert daily is not None
        with on_duty(town.office, DUE_CLOCKS, alone=False) as by_hand:
            assert by_hand is not None
    with on_duty(town.office, DUE_CLOCKS) as after:
        assert after is not None


def test_a_run_waits_a_while_for_the_end_of_another(
    town: Town, machine: StoppedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a run that was asked for after the calendar was turned does not leave it to one that
    had begun before."""
    monkeypatch.setattr(duties, "_PATIENCE", "30s")
    held, begun, took = Event(), Event(), list[Any]()

    def first() -> None:
        with on_duty(town.office, DUE_CLOCKS):
            begun.set()
            held.wait(30)

    def second() -> None:
        with on_duty(town.office, DUE_CLOCKS) as shift:
            took.append(shift)

    threads = [Thread(target=first), Thread(target=second)]
    threads[0].start()
    assert begun.wait(30)
    threads[1].start()
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with town.database.engine.connect() as connection:
        while not connection.scalar(text(waiting)):
            pass
    held.set()
    for thread in threads:
        thread.join(30)
    assert took
    assert took[0] is not None


def test_whoever_is_killed_holds_nothing(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        with engine_for(town.url, role=None).begin() as owner:
            killed = owner.scalar(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database"
                    " WHERE datname = current_database())"
                )
            )
        assert killed == 1
        with on_duty(town.office, DUE_CLOCKS) as other:
            assert other is not None


def test_nobody_waits_for_a_run_that_hangs(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        machine.pass_(minutes=10)
        with on_duty(town.office, DUE_CLOCKS) as beside:
            assert beside is None
        machine.pass_(seconds=1)
        with on_duty(town.office, DUE_CLOCKS) as beside:
            assert beside is not None


def test_a_turned_calendar_makes_nothing_overdue(town: Town, machine: StoppedTime) -> None:
    time = DemoTime(town.database, machine)
    town.office = Office(town.database, time, public_url="", machine=machine)
    with on_duty(town.office, DUE_CLOCKS):
        pass
    turned = time.advance(90)
    state = stand(town)
    assert not state.overdue
    assert state.done_to is not None
    assert state.done_to < turned
    with on_duty(town.office, DUE_CLOCKS):
        pass
    assert stand(town).done_to == turned
    time.close()


def test_the_application_may_forget_no_run(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    with town.session() as session:
        assert session.scalars(select(DutyRun.duty)).all() == ["due-clocks"]


def test_the_supervisor_is_told(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DAILY_PROOF):
        pass
    with town.session() as session:
        view = reading.supervisor_overview(town.office, session, town.people["supervisor"])
    known = {duty.duty: duty.overdue for duty in view.duties}
    assert known == {name: name != "daily-proof" for name in duties.DUTIES}


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=119), "119 分钟"),
        (timedelta(minutes=120), "2 小时"),
        (timedelta(hours=47), "47 小时"),
        (timedelta(days=3), "3 天"),
    ],
)
def test_spans_are_said_as_people_do(span: timedelta, said: str) -> None:
    assert duties.in_words(span) == said


def gap(town: Town) -> tuple[object, object]:
    with town.session() as session:
        run = session.scalars(select(DutyRun).where(DutyRun.duty == DUE_CLOCKS.name)).one()
        return run.gap_from, run.gap_to


def test_a_gap_is_told_after_it_has_ended(town: Town, machine: StoppedTime) -> None:
    def done() -> None:
        with on_duty(town.office, DUE_CLOCKS):
            pass

    done()
    begun = machine.instant
    machine.pass_(minutes=10)
    done()
    assert gap(town) == (None, None)
    since = machine.instant
    machine.pass_(minutes=11)
    with pytest.raises(ValueError, match="its gateway"), on_duty(town.office, DUE_CLOCKS):
        raise ValueError("its gateway is gone")
    assert gap(town) == (None, None), "it has not ended"
    machine.pass_(minutes=16)
    done()
    assert gap(town) == (since, begun + timedelta(minutes=37))
    machine.pass_(minutes=3)
    done()
    assert gap(town) == (since, begun + timedelta(minutes=37))


def test_what_rested_was_no_gap(town: Town, machine: StoppedTime) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    with town.session() as session:
        person = town.people["supervisor"].person_id
        duties.pause(town.office, session, DUE_CLOCKS, duties.HOUSE, person, "核对放假安排")
    machine.pass_(hours=5)
    with town.session() as session:
        duties.resume(town.office, session, DUE_CLOCKS, duties.HOUSE)
    machine.pass_(minutes=3)
    with on_duty(town.office, DUE_CLOCKS):
        pass
    assert gap(town) == (None, None)
    machine.pass_(minutes=12)
    with on_duty(town.office, DUE_CLOCKS):
        pass
    assert gap(town) != (None, None)


@pytest.mark.parametrize("alone", [True, False])
def test_a_run_that_was_broken_off_is_told_of(
    town: Town, machine: StoppedTime, alone: bool
) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        pass
    killed = machine.instant
    with town.session() as session:
        run = session.scalars(select(DutyRun).where(DutyRun.duty == DUE_CLOCKS.name)).one()
        run.ended_at = None  # it had begun again, and nobody could put down how it ended
    machine.pass_(minutes=1)
    with pytest.raises(ValueError, match="once more"), on_duty(town.office, DUE_CLOCKS):
        raise ValueError("once more")
    assert gap(town) == (killed, None), "it has not been done again"
    with town.session() as session:
        run = session.scalars(select(DutyRun).where(DutyRun.duty == DUE_CLOCKS.name)).one()
        run.ended_at = None  # and once more
    machine.pass_(minutes=1)
    with on_duty(town.office, DUE_CLOCKS, alone=alone):
        pass
    assert gap(town) == (killed, machine.instant)


@pytest.mark.parametrize("alone", [True, False])
def test_who_is_still_at_it_was_not_broken_off(
    town: Town, machine: StoppedTime, alone: bool
) -> None:
    with on_duty(town.office, DUE_CLOCKS):
        machine.pass_(minutes=1)
        with on_duty(town.office, DUE_CLOCKS, alone=alone, patient=False):
            pass
    assert gap(town) == (None, None)


def test_a_run_beside_days_that_are_lived_through_tells_of_no_gap(
    town: Town, machine: StoppedTime
) -> None:
    """Whoever lives through days holds no lock of the duty that it is at."""
    with on_duty(town.office, LIVING_THROUGH), on_duty(town.office, DUE_CLOCKS, alone=False):
        machine.pass_(minutes=1)
        with on_duty(town.office, DUE_CLOCKS):
            pass
    assert gap(town) == (None, None)
