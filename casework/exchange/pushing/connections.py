"""Where platforms are, and what they are entered with (平台的地址和凭据): in the environment alone.

For platform `city_credit` and an authority of code `CC` all names begin with
`NUOXIN_EXCHANGE_CC_CITY_CREDIT`. `…_TO` is the address: a folder (`/mnt/credit`), `sftp://user@host/
folder` or `https://host/path`. `…_SECRET`, or the file that `…_SECRET_FILE` names, holds the token,
the password or the private key; `…_HOST_KEY` the key of the SFTP server, `…_CA` the file of the
certificates that an HTTPS server is trusted by, if it is none of the public ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from casework.exchange.pushing.push_states import Unreachable

_PREFIX = "NUOXIN_EXCHANGE"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEMES = ("", "file", "sftp", "http", "https")


@dataclass(frozen=True)
class Connection:
    """How one authority reaches one platform. The secret is shown nowhere."""

    address: str
    secret: str = field(default="", repr=False)
    host_key: str = ""
    authorities: str = ""

    @property
    def url(self) -> SplitResult:
        """The parts of the address."""
        return urlsplit(self.address)


def connection_of(
    platform: str, authority: str, environment: Mapping[str, str] = os.environ
) -> Connection | None:
    """How an authority, by its code, reaches a platform; None if it is not connected. Raises
    Unreachable for what cannot be used, or would not be safe."""
    name = f"{_PREFIX}_{authority.upper()}_{platform.upper()}"
    address = environment.get(f"{name}_TO", "").strip()
    if not address:
        return None
    _judge(name, address)
    return Connection(
        address.rstrip("/"),
        _secret(name, environment),
        environment.get(f"{name}_HOST_KEY", "").strip(),
        environment.get(f"{name}_CA", "").strip(),
    )


def _judge(name: str, address: str) -> None:
    try:
        url = urlsplit(address)
        host = url.hostname or ""
        _port = url.port
    except ValueError:
        raise Unreachable(f"环境变量 {name}_TO 不是网址或者文件夹") from None
    if url.scheme not in _SCHEMES:
        raise Unreachable(f"环境变量 {name}_TO 应为文件夹，或者 sftp://、https:// 开头的地址")
    if url.password or (url.username and url.scheme != "sftp") or url.query or url.fragment:
        raise Unreachable(f"环境变量 {name}_TO 中不能有口令和参数：口令请放在 {name}_SECRET 中")
    if url.scheme == "http" and host not in _HERE:
        raise Unreachable(f"环境变量 {name}_TO 应为 https:// 开头：只有本机的可以用 http")
    if url.scheme in ("sftp", "https") and not host:
        raise Unreachable(f"环境变量 {name}_TO 没有写明主机")


def _secret(name: str, environment: Mapping[str, str]) -> str:
    file = environment.get(f"{name}_SECRET_FILE", "")
    if not file:
        return environment.get(f"{name}_SECRET", "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise Unreachable(f"环境变量 {name}_SECRET_FILE 指明的文件不能读取") from None
