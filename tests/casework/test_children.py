"""Programs beside this one: nothing of them is left behind, even by a parent that is killed."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from casework.operations.children import Children
from rulebook.tree import ROOT

# A program that starts another one in its group and tells both, and one that will not go in peace.
_FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
_PARENT = """
import sys, time, fcntl
from pathlib import Path
from casework.operations.children import Children
folder = Path(sys.argv[1])
lock = (folder / "lock").open("a+")
fcntl.flock(lock, fcntl.LOCK_EX)
with Children(folder, folder, locked=lock.fileno()) as children:
    children.start("family", [sys.executable, "-c", sys.argv[2]], {})
    children.watch_server(int(sys.argv[3]))
    print("ready", flush=True)
    time.sleep(600)
"""
# Whoever runs the tests in the background may have handed down that SIGINT is ignored.
_SLEEP = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); time.sleep(600)"
_SLEEPER = [sys.executable, "-c", _SLEEP]


def until(what: str, found: Callable[[], object]) -> None:
    pause = Event()
    for _ in range(600):
        if found():
            return
        pause.wait(0.05)
    raise AssertionError(f"waited in vain until {what}")


def lives(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be noticed."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def told(folder: Path) -> list[int]:
    log = folder / "family.log"
    return [int(pid) for pid in log.read_text(encoding="utf-8").split()] if log.exists() else []


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
def test_a_parent_that_is_killed_leaves_nothing_and_then_frees_its_lock(tmp_path: Path) -> None:
    server = subprocess.Popen(_SLEEPER)
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path), _FAMILY, str(server.pid)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        until("the family is there", lambda: len(told(tmp_path)) == 2)
        assert all(map(lives, told(tmp_path)))
        parent.kill()
        parent.wait()
        # Whoever gets the lock meets nobody.
        with (tmp_path / "lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert not any(map(lives, told(tmp_path)))
            assert server.wait(10) == -signal.SIGINT
    finally:
        server.kill()
        server.wait()
        parent.stdout.close()


@linux
def test_what_is_left_of_a_program_that_ended_is_ended(tmp_path: Path) -> None:
    with Children(tmp_path, tmp_path) as children:
        children.start("family", [sys.executable, "-c", _FAMILY], {})
        until("the family is there", lambda: len(told(tmp_path)) == 2)
        leader, child = told(tmp_path)
        os.kill(leader, signal.SIGKILL)
        until("its end is noticed", lambda: children.ended() == {"family": -9})
        until("its child is gone", lambda: not lives(child))
        assert not children.lives("family")
        children.start("family", _SLEEPER, {})
        assert children.lives("family")


@linux
def test_a_guard_that_is_killed_is_followed_by_another(tmp_path: Path) -> None:
    with Children(tmp_path, tmp_path) as children:
        children.start("sleeper", _SLEEPER, {})
        first = children._guard
        assert first is not None
        first.kill()
        first.wait()
        children.start("another", _SLEEPER, {})  # which it can no longer be told
        assert children.ended() == {}
        second = children._guard
        assert second is not None
        assert second is not first
        assert second.poll() is None
        assert children.lives("sleeper")
    assert second.returncode is not None
