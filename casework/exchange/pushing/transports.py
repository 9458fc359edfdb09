"""Transports (传输方式): how files reach a platform, one class for each way.

Whatever the way, a platform has the same three folders: batches are left in `in/`, their receipts
appear under the same name in `receipts/`, and `records/` holds what the platform has. What is left
there is whole or not there at all.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Protocol

import httpx

from casework.exchange.pushing.connections import Connection
from casework.exchange.pushing.push_states import Unreachable
from casework.exchange.pushing.sftp_transport import sftp_of

_SECONDS = 30.0
_WHOLE = 600.0  # seconds that any answer is waited for in all, however slowly it comes
_LARGEST = 256 * 1024 * 1024
_MISSING = frozenset({404, 410})


class Transport(Protocol):
    """A way to a platform, as long as it is open."""

    def put(self, name: str, data: bytes) -> bytes | None:
        """Leave a batch there, over what has the same name; gives its receipt if that comes at
        once. Raises Unreachable."""

    def get(self, path: str) -> bytes | None:
        """What lies there under a path; None if nothing does. Raises Unreachable."""


Opened = AbstractContextManager[Transport]
Opening = Callable[[Connection], Opened]


class Folder:
    """A folder of this machine, such as a mounted share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        """Leave a batch in the folder."""
        part = self._root / "in" / f"{name}.part"
        try:
            with part.open("wb") as kept:
                kept.write(data)
                kept.flush()
                os.fsync(kept.fileno())
            part.replace(part.with_name(name))
        except OSError as error:
            raise Unreachable(f"不能写入文件夹：{type(error).__name__}") from None

    def get(self, path: str) -> bytes | None:
        """What lies in the folder."""
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(f"不能读取文件夹：{type(error).__name__}") from None


class Http:
    """A service over HTTP: a batch is posted under its name, which is its key as well."""

    def __init__(self, client: httpx.Client, address: str) -> None:
        self._client, self._address = client, address

    def put(self, name: str, data: bytes) -> bytes | None:
        """Post a batch; an answer of 200 is its receipt, one of 202 says that it will be there."""
        headers = {"Idempotency-Key": name, "Content-Type": "application/octet-stream"}
        status, said = self._asked("POST", f"in/{name}", content=data, headers=headers)
        return said if status == httpx.codes.OK else None

    def get(self, path: str) -> bytes | None:
        """What the service has there."""
        status, said = self._asked("GET", path)
        return None if status in _MISSING else said

    def _asked(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        url, until = f"{self._address}/{path}", monotonic() + _WHOLE
        try:
            with self._client.stream(method, url, content=content, headers=headers) as answer:
                said = _read(answer, until)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"平台没有答复：{type(error).__name__}") from None
        if not answer.is_success and not (method == "GET" and answer.status_code in _MISSING):
            raise Unreachable(f"平台答复 {answer.status_code}")
        return answer.status_code, said


def _read(answer: httpx.Response, until: float) -> bytes:
    found = bytearray()
    for part in answer.iter_bytes():
        found += part
        if len(found) > _LARGEST or monotonic() > until:
            raise Unreachable("平台的答复过长")
    return bytes(found)


@contextmanager
def opened(connection: Connection) -> Iterator[Transport]:
    """The way to a platform, by its address. Raises Unreachable."""
    scheme = connection.url.scheme
    if scheme == "sftp":
        with sftp_of(connection) as sftp:
            yield sftp
    elif scheme in ("http", "https"):
        with _client(connection) as client:
            yield Http(client, connection.address)
    else:
        yield _folder(Path(connection.url.path))


def _folder(root: Path) -> Folder:
    if not root.is_absolute() or not (root / "in").is_dir():
        raise Unreachable("没有该文件夹，或者其中没有 in 文件夹（共享可能没有挂载）")
    return Folder(root)


def _client(connection: Connection) -> httpx.Client:
    try:
        trust = ssl.create_default_context(cafile=connection.authorities or None)
    except OSError:
        raise Unreachable("登记的 HTTPS 证书文件（_CA）不能读取") from None
    headers = {"Authorization": f"Bearer {connection.secret}"} if connection.secret else {}
    return httpx.Client(timeout=_SECONDS, headers=headers, verify=trust, trust_env=False)
