"""The way back to a list (返回列表): the one that a visitor looked at last, with what narrows it.

It stays in the browser, under a seal of the log-in it was made in: nobody comes back to the list
of whoever sat there before, and no other site can lead a visitor anywhere.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest

LIST_COOKIE = "nuoxin_list"
_LONGEST = 3000


def sealed(token: str, address: str) -> str:
    """What the browser keeps of an address; empty if that is too long to be kept."""
    said = urlsafe_b64encode(address.encode()).decode()
    return f"{_seal(token, address)}.{said}" if len(said) <= _LONGEST else ""


def unsealed(token: str, kept: str) -> str:
    """The address that was kept for this log-in; empty if there is none."""
    seal, _, said = kept.partition(".")
    try:
        address = urlsafe_b64decode(said.encode()).decode()
    except ValueError:
        return ""
    return address if compare_digest(seal.encode(), _seal(token, address).encode()) else ""


def _seal(token: str, address: str) -> str:
    return sha256(f"list of {token} at {address}".encode(errors="surrogatepass")).hexdigest()
