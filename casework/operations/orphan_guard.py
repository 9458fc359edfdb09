"""Ends the programs of a parent that was killed (遗留进程清理); `Children` runs it beside them.

A parent that is killed with SIGKILL can end nothing any more. This program reads from a pipe whose
other end only the parent holds: first what would be left behind, and at the end of the pipe that
the parent is gone. It holds what the parent has locked until all of that has ended, so that the
next start neither fails nor meets it. Only the standard library is imported: it starts at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

GROUP, SERVER, FORGET = "group", "server", "forget"
_GRACE = 5.0  # seconds to end in peace
_SHUTDOWN = 60.0  # seconds for a database to write what it has to
_TICK = 0.1


def main(lines: Iterable[str]) -> None:
    """Read what to end until the parent is gone, then end it: groups first, then servers.

    Lines: `group PGID` and `server PID` to remember, `forget ID` for what has ended by itself.
    """
    groups: set[int] = set()
    servers: set[int] = set()
    for line in lines:
        kind, _, number = line.strip().partition(" ")
        if not number.isdigit():  # the parent was killed in the middle of a line
            continue
        known = {GROUP: groups, SERVER: servers}.get(kind)
        if known is not None:
            known.add(int(number))
        elif kind == FORGET:
            groups.discard(int(number))
            servers.discard(int(number))
    _end({-group for group in groups}, signal.SIGTERM, _GRACE)
    _end({-group for group in groups}, signal.SIGKILL, _GRACE)
    # PostgreSQL ends its sessions and shuts down properly.
    _end(servers, signal.SIGINT, _SHUTDOWN)


def _end(targets: set[int], how: signal.Signals, patience: float) -> None:
    """Send a signal to processes (or, negative, to groups), and wait until none is there."""
    left = {target for target in targets if _send(target, how)}
    until = time.monotonic() + patience
    while left and time.monotonic() < until:
        time.sleep(_TICK)
        left = {target for target in left if _send(target, 0) and not _has_ended(target)}


def _send(target: int, how: int) -> bool:
    """Whether anybody was there to be sent it."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(target, how)
        return True
    return False


def _has_ended(target: int) -> bool:
    """Whether a process has ended and only waits to be noticed by a parent that may never look, as
    in a container whose first program takes no orphans in. Told where there is a `/proc`."""
    with suppress(OSError, IndexError):
        stat = Path(f"/proc/{target}/stat").read_text(encoding="utf-8")
        return stat.rsplit(")", 1)[1].split()[0] == "Z"
    return False


if __name__ == "__main__":
    # Ctrl-C is for the parent, which then ends everything itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(sys.stdin)
