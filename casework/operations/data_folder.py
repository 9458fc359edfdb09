"""The data folder (数据目录): used by one program at a time, which runs the database in it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from casework.operations.children import Children
from casework.operations.embedded import EmbeddedServer, embedded_server
from casework.operations.installation import CannotStart, from_environment, url_file

# Seconds for the guard of a program that was killed to end what that one has left behind.
_CLEARING = 90.0
_TICK = 0.3  # seconds


class InUse(CannotStart):
    """Another program uses the data folder."""


@contextmanager
def alone(folder: Path, *, say: Callable[[str], None]) -> Iterator[int]:
    """One program per data folder; gives the file descriptor that holds the lock.

    After one that was killed its guard holds the lock until nothing is left of it: that is waited
    for. Raises InUse.
    """
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        until, said = time.monotonic() + _CLEARING, False
        while not _locks(lock.fileno()):
            lock.seek(0)
            holder = lock.read().strip()
            if holder.isdigit() and _exists(int(holder)):
                raise InUse(
                    f"数据目录 {folder} 已有一个 nuoxin up 在运行（进程 {holder}）："
                    "请先停止它，或者用 --data 另选目录"
                )
            if time.monotonic() >= until:
                raise CannotStart(
                    f"上一次的 nuoxin up 被强行终止，它留下的程序还占着数据目录 {folder}："
                    "请结束这些程序（或者重启机器）后再运行"
                )
            if not said:
                said = True
                say("上一次的 nuoxin up 被强行终止，正在等它留下的程序结束…")
            time.sleep(_TICK)
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock.fileno()


@contextmanager
def own_server(folder: Path) -> Iterator[EmbeddedServer]:
    """The database in the folder, whose address others find in a file while it runs."""
    with embedded_server(folder / "database") as server:
        url_file(folder).write_text(server.url, encoding="utf-8")
        try:
            yield server
        finally:
            url_file(folder).unlink(missing_ok=True)


@contextmanager
def database_at_hand(folder: Path, *, new: bool, say: Callable[[str], None]) -> Iterator[str]:
    """The URL of the installation's database, for what has to be done also while nothing runs: that
    of the environment or of a running `up`, or the folder's own, started for as long as this lasts;
    where there is none yet, a `new` one. Raises CannotStart.
    """
    if os.environ.get("NUOXIN_DATABASE_URL") or not (new or (folder / "database").is_dir()):
        yield from_environment().url
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(alone(folder, say=say))
        except InUse:
            yield from_environment().url
            return
        say(f"启动数据库（数据目录 {folder}）…")
        server = stack.enter_context(own_server(folder))
        children = stack.enter_context(Children(folder, folder, locked=lock))
        children.watch_server(server.pid)
        yield server.url


def _locks(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
