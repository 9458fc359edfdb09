"""The tests' own PostgreSQL server: nothing on it has to outlive a crash."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from casework.common.database import engine_for

# What a transaction sees and locks stays as it is; only what is done for the disk goes, and for
# statements that run for long or over many rows.
_HASTY = (
    "fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off",
    "jit = off", "plan_cache_mode = force_generic_plan",
)  # fmt: skip

# To make a database is to make a thousand files, which takes long on a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108 - files that go with the server
_ROOM = 6 << 30  # bytes; each of two workers needs less than two
# A folder bears the process whose server it is.
FOLDER = f"nuoxin-tests-{os.getpid()}-"


def quick_folder() -> str | None:
    """Where a server's files are best kept: in memory if there is room; None wherever files are
    kept for a while."""
    if not _MEMORY.is_dir():
        return None
    for folder in _MEMORY.glob("nuoxin-tests-*"):
        if not _lives(folder.name.split("-")[2]):
            _clear(folder)
    return str(_MEMORY) if shutil.disk_usage(_MEMORY).free >= _ROOM else None


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # somebody else's
    return True


def _clear(folder: Path) -> None:
    """End the server of a run that was killed, and delete its files."""
    with suppress(OSError, ValueError, IndexError):
        postmaster = (folder / "pg" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def forget_all_at_a_crash(url: str) -> None:
    """Let the server at the owner's `url` no longer wait for the disk."""
    owner = engine_for(url, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in _HASTY:
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    owner.dispose()
