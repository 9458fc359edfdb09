"""A real SFTP server over a folder, that behaves as told."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import paramiko  # type: ignore[import-untyped]


@dataclass
class SftpEnd:
    """An SFTP server. By its `turns` it treats one upload after the other: `cut` hangs up after
    some of it came, `lost` once it is whole, before it says so. `key` is its own, `entered` counts
    who came in."""

    root: Path
    password: str = "pa55word"
    key: paramiko.PKey = field(default_factory=lambda: paramiko.ECDSAKey.generate(bits=256))
    turns: list[str] = field(default_factory=list)
    entered: int = 0
    port: int = 0

    @property
    def address(self) -> str:
        """Where it is."""
        return f"sftp://nuoxin@127.0.0.1:{self.port}/"

    @property
    def host_key(self) -> str:
        """Its key, as ssh-keyscan prints it."""
        return f"{self.key.get_name()} {self.key.get_base64()}"


class _Hanging(Exception):
    """The server hangs up."""


class _Door(paramiko.ServerInterface):
    def __init__(self, end: SftpEnd) -> None:
        self._end = end

    def check_auth_password(self, username: str, password: str) -> int:
        ours = (username, password) == ("nuoxin", self._end.password)
        self._end.entered += ours
        return paramiko.AUTH_SUCCESSFUL if ours else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:
        return "password"


class _Written(paramiko.SFTPHandle):
    def write(self, offset: int, data: bytes) -> Any:
        if getattr(self, "turn", "") == "cut":
            super().write(offset, data[: len(data) // 2])
            self.transport.close()
            return paramiko.SFTP_FAILURE
        return super().write(offset, data)


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: Any, end: SftpEnd, transport: paramiko.Transport) -> None:
        super().__init__(server)
        self._end, self._transport = end, transport

    def _path(self, path: str) -> Path:
        return self._end.root / self.canonicalize(path).lstrip("/")

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._path(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        file = self._path(path)
        writes = bool(flags & os.O_WRONLY)
        try:
            opened = file.open("wb" if writes else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = _Written(flags)
        handle.filename = str(file)
        handle.readfile = handle.writefile = opened
        handle.transport = self._transport
        if writes:
            handle.turn = self._end.turns[0] if self._end.turns else ""
            if handle.turn == "cut":
                self._end.turns.pop(0)
        return handle

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        turn = self._end.turns.pop(0) if self._end.turns else ""
        self._path(oldpath).replace(self._path(newpath))
        if turn == "lost":
            self._transport.close()
        return int(paramiko.SFTP_OK)

    rename = posix_rename


@contextmanager
def sftp_server(root: Path) -> Iterator[SftpEnd]:
    """A server over a folder, in which platforms have theirs."""
    for name in ("in", "receipts", "records"):
        (root / name).mkdir(parents=True, exist_ok=True)
    end, over = SftpEnd(root), Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        end.port = listening.getsockname()[1]
        listening.settimeout(0.1)
        thread = Thread(target=_listen, args=(listening, end, over), daemon=True)
        thread.start()
        try:
            yield end
        finally:
            over.set()
            thread.join()


def _listen(listening: socket.socket, end: SftpEnd, over: Event) -> None:
    open_still = []
    while not over.is_set():
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        transport = paramiko.Transport(connection)
        transport.add_server_key(end.key)
        transport.set_subsystem_handler(
            "sftp", paramiko.SFTPServer, _Files, end=end, transport=transport
        )
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=_Door(end))
        open_still.append(transport)
    for transport in open_still:
        transport.close()
