"""Running other programs beside this one (子进程), and leaving none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from casework.operations import orphan_guard

_GRACE = 8.0  # seconds to end in peace


class Children:
    """Programs that run until this context ends, each in a process group of its own.

    A Ctrl-C in the terminal reaches only the parent, which then ends every group in order. If the
    parent is killed, a guard beside them ends them, and holds the lock behind the file descriptor
    `locked` until they are gone.
    """

    def __init__(self, folder: Path, logs: Path, *, locked: int | None = None) -> None:
        self._folder, self._logs, self._locked = folder, logs, locked
        self._running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
        self._servers: set[int] = set()
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start_guard()
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
        if self._guard is not None:
            self._guard.kill()  # nothing is left for it to end
            self._guard.wait()

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
        self._tell_guard(f"{orphan_guard.GROUP} {program.pid}")

    def watch_server(self, pid: int) -> None:
        """A database server that runs apart from these programs, to be shut down with them if the
        parent is killed; any that was named before is gone."""
        for gone in self._servers:
            self._tell_guard(f"{orphan_guard.FORGET} {gone}")
        self._servers = {pid}
        self._tell_guard(f"{orphan_guard.SERVER} {pid}")

    def lives(self, name: str) -> bool:
        """Whether the program still runs."""
        return name in self._running and self._running[name][0].poll() is None

    def ended(self) -> dict[str, int]:
        """Programs that ended by themselves since the last call, with their exit status."""
        if self._guard is not None and self._guard.poll() is not None:
            self._start_guard()
        gone = {
            name: status
            for name, (program, _) in self._running.items()
            if (status := program.poll()) is not None
        }
        for name in gone:
            self._signal(name, signal.SIGKILL)  # whatever it started may still run
            program, log = self._running.pop(name)
            log.close()
            self._tell_guard(f"{orphan_guard.FORGET} {program.pid}")
        return gone

    def _signal(self, name: str, which: signal.Signals) -> None:
        # The group outlives its leader as long as anything in it runs.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running[name][0].pid, which)

    def _start_guard(self) -> None:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", orphan_guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=() if self._locked is None else (self._locked,),
        )
        for program, _ in self._running.values():
            self._tell_guard(f"{orphan_guard.GROUP} {program.pid}")
        for pid in self._servers:
            self._tell_guard(f"{orphan_guard.SERVER} {pid}")

    def _tell_guard(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        with suppress(BrokenPipeError):  # it was killed; the next one is told everything
            self._guard.stdin.write(f"{line}\n".encode())
            self._guard.stdin.flush()
