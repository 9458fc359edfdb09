"""PostgreSQL's own programs for backups (备份工具): pg_dump and pg_restore, and what they write."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from casework.operations.embedded import PROGRAMS
from casework.operations.installation import CannotStart

_NOT_KEPT = (
    "--no-owner", "--no-comments", "--no-publications", "--no-subscriptions",
    "--no-security-labels", "--no-tablespaces",
)  # fmt: skip
# What psql alone understands, and a setting that servers before 17 do not know.
_SKIPPED = (b"--", b"\\restrict ", b"\\unrestrict ", b"SET transaction_timeout ")
_END_OF_ROWS = b"\\.\n"
_LOCK_WAIT = "--lock-wait-timeout=60000"  # milliseconds


@dataclass(frozen=True)
class Tool:
    """A program of PostgreSQL and the major version that it is of."""

    path: Path
    major: int


class ToolFailed(Exception):
    """A program of PostgreSQL did not come to its end; the message is what it said last."""


def dumping_tool(url: str, server: int) -> Tool:
    """The pg_dump for a server of this major version: one of its own version or newer.

    What comes with the embedded database knows no TLS: a server elsewhere is asked by the machine's
    own first. Raises CannotStart if there is none.
    """
    host = str(conninfo_to_dict(url).get("host") or "")
    elsewhere = bool(host) and not host.startswith("/")
    fit = [tool for tool in _tools("pg_dump") if tool.major >= server]
    if not fit:
        raise CannotStart(
            f"没有可用的备份工具：数据库是 PostgreSQL {server}，"
            "需要同一版本或者更新版本的 pg_dump。"
            f"请在本机安装 PostgreSQL {server} 的客户端程序，并加入 PATH"
        )
    return min(fit, key=lambda tool: (_is_embedded(tool) is elsewhere, tool.major))


def reading_tool(written_by: int) -> Tool:
    """The pg_restore that reads what a pg_dump of this major version wrote. Raises CannotStart if
    there is none."""
    fit = [tool for tool in _tools("pg_restore") if tool.major >= written_by]
    if not fit:
        raise CannotStart(
            f"没有可用的恢复工具：备份由 PostgreSQL {written_by} 的 pg_dump 写成，需要同一版本或者"
            f"更新版本的 pg_restore。请在本机安装 PostgreSQL {written_by} 的客户端程序，并加入 PATH"
        )
    return min(fit, key=lambda tool: tool.major)


@cache
def _tools(name: str) -> tuple[Tool, ...]:
    own = [folder / name for folder in PROGRAMS if (folder / name).is_file()]
    found = shutil.which(name)
    paths = [*own, Path(found)] if found else own
    return tuple(tool for path in paths if (tool := _asked(path)) is not None)


def _asked(path: Path) -> Tool | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return Tool(path, int(version[1])) if version else None


def _is_embedded(tool: Tool) -> bool:
    return tool.path.parent in PROGRAMS


@contextmanager
def dumped(tool: Tool, url: str, snapshot: str) -> Iterator[IO[bytes]]:
    """What pg_dump writes of the database at `url` as of an exported snapshot. Raises ToolFailed.

    It writes to us, not to a file: if this program is killed, so ends that one.
    """
    known = conninfo_to_dict(url)
    # Other users of the machine read what a program was called with.
    secret = {"PGPASSWORD": str(known.pop("password"))} if "password" in known else {}
    command = [
        str(tool.path), "--format=custom", "--no-password", _LOCK_WAIT, "--no-blobs",
        f"--snapshot={snapshot}", f"--dbname={make_conninfo('', **known)}",
    ]  # fmt: skip
    with _written_by(command, secret) as pipe:
        yield pipe


@contextmanager
def data_of(tool: Tool, dump: Path) -> Iterator[Iterator[tuple[bytes, Iterator[bytes]]]]:
    """Each statement of the data in a dump, with the rows that it copies in, which have to be read
    to their end before the next one; a statement of another kind has none. Raises ToolFailed."""
    with _section(tool, dump, "data") as lines:
        yield (
            (line, takewhile(_END_OF_ROWS.__ne__, lines) if _copies(line) else iter(()))
            for line in lines
            if line.strip() and not line.startswith(_SKIPPED)
        )


def script_of(tool: Tool, dump: Path, section: str) -> bytes:
    """The statements of a section of a dump other than its data. Raises ToolFailed."""
    with _section(tool, dump, section) as lines:
        return b"".join(line for line in lines if not line.startswith(_SKIPPED))


def table_of(statement: bytes) -> str | None:
    """The table into which a statement copies rows."""
    return statement.split()[1].decode().replace('"', "") if _copies(statement) else None


def _copies(statement: bytes) -> bool:
    return statement.startswith(b"COPY ") and statement.endswith(b" FROM stdin;\n")


@contextmanager
def _section(tool: Tool, dump: Path, section: str) -> Iterator[IO[bytes]]:
    command = [str(tool.path), *_NOT_KEPT, f"--section={section}", "--file=-", str(dump)]
    with _written_by(command, {}) as pipe:
        yield pipe


@contextmanager
def _written_by(command: list[str], secret: Mapping[str, str]) -> Iterator[IO[bytes]]:
    """What a program writes, while it runs. Raises ToolFailed with the last line of its complaint;
    a reader that fails ends it."""
    with (
        TemporaryFile() as wrong,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=wrong,
            env={**os.environ, "LC_ALL": "C", **secret},
        ) as program,
    ):
        try:
            yield cast(IO[bytes], program.stdout)
        except BaseException:
            program.kill()
            raise
        if program.wait():
            wrong.seek(0)
            lines = wrong.read().decode(errors="replace").strip().splitlines()
            raise ToolFailed(lines[-1] if lines else f"{command[0]}: {program.returncode}")
