"""Starting again what ended by itself (重新启动): soon at first, ever later if it dies young."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from casework.operations.installation import CannotStart

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds
# Whatever lived this long did not die of its start.
_OLD = 60.0
# Seconds in which a database that was killed has usually recovered.
_RECOVERY = 15.0
# Deaths in a row after which somebody should look.
_OFTEN = 4

Say = Callable[[str], None]
Clock = Callable[[], float]


@dataclass
class Backoff:
    """How long to wait before the next start of something that keeps dying."""

    failures: int = 0

    def next_wait(self, lived: float) -> float:
        """Seconds to wait, after it lived for so many."""
        self.failures = 1 if lived >= _OLD else self.failures + 1
        return min(_FIRST_WAIT * 2.0 ** min(self.failures - 1, 10), _LONGEST_WAIT)


class Programs(Protocol):
    """Programs that can be started, and that may end by themselves (`Children`)."""

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one."""

    def ended(self) -> dict[str, int]:
        """Those that ended by themselves since the last call, with their exit status."""


@dataclass
class _Part:
    command: Sequence[str]
    environment: Mapping[str, str]
    meanwhile: str
    started_at: float
    due_at: float | None = None  # when it is to be started again
    backoff: Backoff = field(default_factory=Backoff)


class Restarts:
    """Keeps programs running. `clock` gives seconds; what happens is told to `say`, in Chinese."""

    def __init__(self, programs: Programs, logs: Path, *, say: Say, clock: Clock) -> None:
        self._programs, self._logs, self._say, self._clock = programs, logs, say, clock
        self._parts: dict[str, _Part] = {}

    def keep(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        meanwhile: str = "",
    ) -> None:
        """Start a program, and from now on again whenever it ends; `meanwhile` is what people can
        do as long as it does not stay."""
        self._parts[name] = _Part(command, environment, meanwhile, self._clock())
        self._programs.start(name, command, environment)

    def look_after(self) -> list[str]:
        """Notice what ended, and start what is due; gives the names of what was started again."""
        now = self._clock()
        for name, status in self._programs.ended().items():
            part = self._parts[name]
            wait = part.backoff.next_wait(now - part.started_at)
            part.due_at = now + wait
            log = self._logs / f"{name}.log"
            self._say(f"“{name}”意外退出（{_cause(status)}），{wait:g} 秒后重新启动；日志：{log}")
            if part.backoff.failures == _OFTEN:
                self._say(
                    f"“{name}”已连续 {_OFTEN} 次启动后很快退出：请查看日志，排除原因后会自行恢复"
                    f"{part.meanwhile}"
                )
        again = [
            name
            for name, part in self._parts.items()
            if part.due_at is not None and part.due_at <= now
        ]
        for name in again:
            part = self._parts[name]
            part.due_at, part.started_at = None, now
            try:
                self._programs.start(name, part.command, part.environment)
            except OSError as error:  # no memory, or no process left, for the moment
                wait = part.backoff.next_wait(0.0)
                part.due_at = now + wait
                self._say(f"“{name}”启动不了（{error.strerror}），{wait:g} 秒后再试")
            else:
                self._say(f"“{name}”重新启动")
        return again


class Database(Protocol):
    """A database server of our own (`EmbeddedServer`)."""

    @property
    def pid(self) -> int:
        """The process that was started last."""

    def lives(self) -> bool:
        """Whether that process still runs."""

    def start(self, patience: float) -> None:
        """Start it, unless it runs, within so many seconds. Raises CannotStart."""


class DatabaseRestarts:
    """Keeps a database server running; the process of each new start is told to `watch`."""

    def __init__(
        self, server: Database, watch: Callable[[int], None], *, say: Say, clock: Clock
    ) -> None:
        self._server, self._watch, self._say, self._clock = server, watch, say, clock
        self._backoff = Backoff()
        self._started_at, self._due_at = clock(), 0.0
        self._down = False

    def look_after(self) -> None:
        """Start the server if it has ended, and again later if it does not start."""
        now = self._clock()
        if now < self._due_at or self._server.lives():
            return
        if not self._down:
            self._down = True
            self._say("数据库意外停止，正在重新启动；已经办理的都在，没有提交的操作需要重做")
        try:
            self._server.start(_RECOVERY)
        except CannotStart as failed:
            wait = self._backoff.next_wait(now - self._started_at)
            self._started_at, self._due_at = now, now + wait
            self._say(f"{failed}；{wait:g} 秒后再试")
            return
        self._down, self._started_at = False, now
        self._watch(self._server.pid)
        self._say("数据库已恢复")


def _cause(status: int) -> str:
    return f"被信号 {-status} 终止" if status < 0 else f"状态 {status}"
