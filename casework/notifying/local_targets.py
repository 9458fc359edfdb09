"""What an outlet may reach on the machine itself (本机目标): only what the IT office names.

NUOXIN_LOCAL_OUTLETS lists `host:port` (`host:*` for all ports), with commas. Everything else that
leads to this machine, or to where a cloud keeps the secrets of its machines, is refused, whatever
name it goes by: an administrator of an authority points no outlet at the house itself.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

LOCAL_OUTLETS = "NUOXIN_LOCAL_OUTLETS"
# Between a carrier and its customers; clouds keep services of their own there.
_SHARED = ip_network("100.64.0.0/10")


def is_closed(host: str, port: int) -> bool:
    """Whether a target is on this machine and not one that the IT office has named. A name that
    leads nowhere now is judged again when something is sent."""
    named = os.environ.get(LOCAL_OUTLETS, "").split(",")
    known = {one.strip().lower() for one in named}
    plain = host.strip("[]").lower()
    if {f"{plain}:{port}", f"{plain}:*"} & known:
        return False
    return any(map(_is_here, _addresses(plain, port)))


def _addresses(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    yield from {str(one[4][0]) for one in found}


def _is_here(address: str) -> bool:
    known = ip_address(address.split("%")[0])
    mapped = getattr(known, "ipv4_mapped", None) or known
    return bool(
        mapped.is_loopback
        or mapped.is_unspecified
        or mapped.is_link_local
        or mapped.is_multicast
        or (mapped.version == 4 and mapped in _SHARED)
        or _is_own(mapped)
    )


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address of this machine in its network: only of those can one be taken."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as taken:
        try:
            taken.bind((str(address), 0))
        except OSError:
            return False
    return True
