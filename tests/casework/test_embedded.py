"""The embedded PostgreSQL after a hard stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from casework.operations.embedded import EmbeddedServer, embedded_server
from casework.operations.installation import CannotStart

pytestmark = pytest.mark.slow


@pytest.fixture
def running() -> Iterator[tuple[EmbeddedServer, Path]]:
    """A server of its own, which may be killed."""
    with TemporaryDirectory(prefix="nuoxin-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "pg"
        with embedded_server(folder) as server:
            yield server, folder


def kill(server: EmbeddedServer) -> None:
    process = psutil.Process(server.pid)
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], timeout=30)
    assert not server.lives()


def ask(server: EmbeddedServer, statement: str) -> list[tuple[int, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_it_is_started_again_at_the_same_address_with_what_was_committed(
    running: tuple[EmbeddedServer, Path],
) -> None:
    server, _ = running
    url, pid = server.url, server.pid
    ask(server, "CREATE TABLE kept (n integer)")
    ask(server, "INSERT INTO kept VALUES (7)")
    kill(server)
    server.start(60)
    assert server.lives()
    assert server.pid != pid
    assert server.url == url
    assert ask(server, "SELECT n FROM kept") == [(7,)]
    server.start()  # it runs: nothing to do
    assert server.lives()


def test_a_number_that_belongs_to_somebody_else_now_is_not_taken_for_it(
    running: tuple[EmbeddedServer, Path],
) -> None:
    """As after a machine lost its power: the file names a process that is another one."""
    server, folder = running
    kill(server)
    file = folder / "postmaster.pid"
    _, *rest = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([str(os.getpid()), *rest]) + "\n", encoding="utf-8")
    server.start(60)
    assert server.pid != os.getpid()
    assert ask(server, "SELECT 1") == [(1,)]


def test_one_that_cannot_start_says_where_to_look(running: tuple[EmbeddedServer, Path]) -> None:
    server, folder = running
    kill(server)
    settings = folder / "postgresql.conf"
    before = settings.read_text(encoding="utf-8")
    settings.write_text("no such setting\n", encoding="utf-8")
    with pytest.raises(CannotStart, match=str(folder / "log")):
        server.start()
    settings.write_text(before, encoding="utf-8")
    server.start(60)
    assert server.lives()


def test_data_of_another_major_version_is_refused_untouched(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    folder.mkdir()
    for name, content in (("PG_VERSION", "16\n"), (".handle_pids.json", "[1]"), ("base", "x")):
        (folder / name).write_text(content, encoding="utf-8")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(CannotStart, match="由 PostgreSQL 16 建立"), embedded_server(folder):
        pass
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
