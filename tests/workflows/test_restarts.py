"""What ends by itself is started again, ever later if it dies young, and the console says so."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from errno import ENOMEM
from pathlib import Path

import pytest

from casework.operations.installation import CannotStart
from workflows.restarts import Backoff, DatabaseRestarts, Restarts


class Seconds:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class FakePrograms:
    """Programs that end when a test says so."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.gone: dict[str, int] = {}
        self.full = False

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        if self.full:
            raise OSError(ENOMEM, os.strerror(ENOMEM))
        self.started.append(name)

    def ended(self) -> dict[str, int]:
        gone, self.gone = self.gone, {}
        return gone


def test_what_ends_by_itself_is_started_again_after_a_while() -> None:
    programs, clock, said = FakePrograms(), Seconds(), list[str]()
    restarts = Restarts(programs, Path("/data/logs"), say=said.append, clock=clock)
    restarts.keep("web", ["web"], {})
    restarts.keep("flows", ["flows"], {})
    assert restarts.look_after() == []
    clock.at = 100.0
    programs.gone = {"flows": -9}
    assert restarts.look_after() == []  # not at once
    assert said == ["“flows”意外退出（被信号 9 终止），1 秒后重新启动；日志：/data/logs/flows.log"]
    clock.at = 100.9
    assert restarts.look_after() == []
    clock.at = 101.0
    assert restarts.look_after() == ["flows"]
    assert restarts.look_after() == []
    assert programs.started == ["web", "flows", "flows"]
    assert said[1:] == ["“flows”重新启动"]


def test_what_dies_at_once_each_time_does_not_spin() -> None:
    programs, clock, said = FakePrograms(), Seconds(), list[str]()
    restarts = Restarts(programs, Path("logs"), say=said.append, clock=clock)
    restarts.keep("prefect", ["prefect"], {}, meanwhile="；请手工巡查")
    for _ in range(600):
        clock.at += 1.0
        if programs.started:
            programs.started.clear()
            programs.gone = {"prefect": 1}
        restarts.look_after()
    ends = [line for line in said if "意外退出" in line]
    assert len(ends) < 18  # 1, 2, 4 … 60, 60 … seconds
    assert "状态 1" in ends[0]
    assert "60 秒后" in ends[-1]
    [often] = [line for line in said if "已连续" in line]
    assert "请查看日志" in often
    assert often.endswith("；请手工巡查")


def test_a_machine_that_cannot_start_anything_is_asked_again() -> None:
    programs, clock, said = FakePrograms(), Seconds(), list[str]()
    restarts = Restarts(programs, Path("logs"), say=said.append, clock=clock)
    restarts.keep("web", ["web"], {})
    programs.full, programs.gone = True, {"web": 1}
    restarts.look_after()
    clock.at = 1.0
    restarts.look_after()
    assert said[-1] == "“web”启动不了（Cannot allocate memory），2 秒后再试"
    programs.full, clock.at = False, 3.0
    assert restarts.look_after() == ["web"]
    assert said[-1] == "“web”重新启动"


def test_whatever_lived_for_long_is_started_again_soon() -> None:
    backoff = Backoff()
    assert [backoff.next_wait(0.5) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.next_wait(3600.0) == 1
    assert backoff.next_wait(0.5) == 2


class FakeServer:
    """A database server that dies, and starts only when a test lets it."""

    def __init__(self) -> None:
        self.pid, self.alive, self.willing = 1, True, True

    def lives(self) -> bool:
        return self.alive

    def start(self, patience: float) -> None:
        if not self.willing:
            raise CannotStart("数据库没有启动，原因见日志 /data/database/log")
        self.pid, self.alive = self.pid + 1, True


def test_a_database_that_stopped_is_started_again_and_watched() -> None:
    server, clock, said, watched = FakeServer(), Seconds(), list[str](), list[int]()
    restarts = DatabaseRestarts(server, watched.append, say=said.append, clock=clock)
    restarts.look_after()
    assert said == []
    server.alive = False
    restarts.look_after()
    assert server.alive
    assert watched == [2]
    assert "数据库意外停止" in said[0]
    assert said[-1] == "数据库已恢复"


def test_a_database_that_does_not_start_says_where_to_look_and_is_tried_again() -> None:
    server, clock, said = FakeServer(), Seconds(), list[str]()
    restarts = DatabaseRestarts(server, lambda _: None, say=said.append, clock=clock)
    server.alive = server.willing = False
    for _ in range(20):
        restarts.look_after()
    assert len(said) == 2  # that it stopped, and that it did not start: not twenty times
    assert "/data/database/log" in said[1]
    assert "秒后再试" in said[1]
    clock.at = 1.0
    server.willing = True
    restarts.look_after()
    assert said[-1] == "数据库已恢复"


@pytest.mark.parametrize("lived", [0.0, 59.9])
def test_the_first_start_again_is_soon(lived: float) -> None:
    assert Backoff().next_wait(lived) == 1
