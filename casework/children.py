"""Running other programs beside this one (子进程), and leaving none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

_GRACE = 8.0  # seconds to end in peace


class Children:
    """Programs that run until this context ends, each in a process group of its own.

    A Ctrl-C in the terminal reaches only the parent, which then ends every group in order.
    """

    def __init__(self, folder: Path, logs: Path) -> None:
        self._folder, self._logs = folder, logs
        self._running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End all, the latest first; what does not go in peace is killed."""
        for name in reversed(list(self._running)):
            self._signal(name, signal.SIGTERM)
        until = time.monotonic() + _GRACE
        for name, (program, log) in reversed(list(self._running.items())):
            with suppress(subprocess.TimeoutExpired):
                program.wait(max(0.0, until - time.monotonic()))
            self._signal(name, signal.SIGKILL)
            program.wait()
            log.close()
        self._running.clear()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program whose output goes to a log file named after it."""
        log = (self._logs / f"{name}.log").open("ab")
        program = subprocess.Popen(
            command,
            cwd=self._folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running[name] = (program, log)

    def lives(self, name: str) -> bool:
        """Whether the program still runs."""
        return name in self._running and self._running[name][0].poll() is None

    def ended(self) -> dict[str, int]:
        """Programs that ended by themselves since the last call, with their exit status."""
        gone = {
            name: status
            for name, (program, _) in self._running.items()
            if (status := program.poll()) is not None
        }
        for name in gone:
            self._signal(name, signal.SIGKILL)  # whatever it started may still run
            self._running.pop(name)[1].close()
        return gone

    def _signal(self, name: str, which: signal.Signals) -> None:
        # The group outlives its leader as long as anything in it runs.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running[name][0].pid, which)
