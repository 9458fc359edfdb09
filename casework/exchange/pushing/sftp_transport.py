"""SFTP: the platform's server is known by its key, and whoever has another one is not spoken to."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import paramiko  # type: ignore[import-untyped]

from casework.exchange.pushing.connections import Connection
from casework.exchange.pushing.push_states import Unreachable

_SECONDS = 30.0
_PORT = 22
_OTHER_KEY = "SFTP 服务器的主机密钥与登记的不一致，没有发送：请与平台核实"
_KEYS: tuple[type[paramiko.PKey], ...] = (
    paramiko.Ed25519Key,
    paramiko.ECDSAKey,
    paramiko.RSAKey,
)


class Sftp:
    """A folder of an SFTP server."""

    def __init__(self, client: paramiko.SFTPClient, root: str) -> None:
        self._client, self._root = client, root

    def put(self, name: str, data: bytes) -> None:
        """Leave a batch there: under another name first, which takes its own once it is whole."""
        part, whole = f"{self._root}/in/{name}.part", f"{self._root}/in/{name}"
        try:
            self._client.putfo(io.BytesIO(data), part, file_size=len(data), confirm=True)
            self._client.posix_rename(part, whole)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"SFTP 写入中断：{type(error).__name__}") from None

    def get(self, path: str) -> bytes | None:
        """What lies there."""
        found = io.BytesIO()
        try:
            self._client.getfo(f"{self._root}/{path}", found)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"SFTP 读取中断：{type(error).__name__}") from None
        return found.getvalue()


@contextmanager
def sftp_of(connection: Connection) -> Iterator[Sftp]:
    """A folder of an SFTP server, as long as the connection lasts. Raises Unreachable, before
    anything is sent, for a server whose key is not the registered one."""
    with closing(paramiko.SSHClient()) as client:
        yield Sftp(_connected(client, connection), connection.url.path)


def _connected(client: paramiko.SSHClient, connection: Connection) -> paramiko.SFTPClient:
    url = connection.url
    host, port = str(url.hostname), url.port or _PORT
    kind, key = _host_key(connection.host_key)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.get_host_keys().add(host if port == _PORT else f"[{host}]:{port}", kind, key)
    identity = _identity(connection.secret)
    try:
        client.connect(
            host,
            port,
            username=url.username,
            look_for_keys=False,
            allow_agent=False,
            timeout=_SECONDS,
            banner_timeout=_SECONDS,
            auth_timeout=_SECONDS,
            **identity,
        )
        sftp = client.open_sftp()
    except paramiko.BadHostKeyException:
        raise Unreachable(_OTHER_KEY) from None
    except paramiko.AuthenticationException:
        raise Unreachable("SFTP 服务器不接受登记的账号或者密钥") from None
    except (OSError, EOFError, paramiko.SSHException) as error:
        if "not found in known_hosts" in str(error):  # it has a key of another kind only
            raise Unreachable(_OTHER_KEY) from None
        raise Unreachable(f"SFTP 服务器不能连接：{type(error).__name__}") from None
    if channel := sftp.get_channel():
        channel.settimeout(_SECONDS)
    return sftp


def _host_key(line: str) -> tuple[str, paramiko.PKey]:
    """The registered key of a server, as `ssh-keyscan` prints it behind the name of the host."""
    try:
        kind, coded = line.split()[:2]
        return kind, paramiko.PKey.from_type_string(kind, b64decode(coded, validate=True))
    except (ValueError, paramiko.SSHException, paramiko.UnknownKeyType):
        text = "没有登记 SFTP 服务器的主机密钥（_HOST_KEY，如 ssh-ed25519 AAAA…），没有发送"
        raise Unreachable(text) from None


def _identity(secret: str) -> dict[str, Any]:
    """What the account is entered with: a private key, or a password."""
    if not secret.startswith("-----BEGIN"):
        return {"password": secret}
    for kind in _KEYS:
        try:
            return {"pkey": kind.from_private_key(io.StringIO(f"{secret}\n"))}
        except (ValueError, paramiko.SSHException):
            continue
    raise Unreachable("登记的 SFTP 私钥不能识别（不能有口令）")
