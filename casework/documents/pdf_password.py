"""Whether a PDF opens with a password only (打开密码), by ISO 32000-2, 7.6.4.

Many are encrypted only so that they may not be printed or changed: the empty password opens them,
for their readers and for us. What is encrypted in a way that is not known here is taken to open.
"""

from __future__ import annotations

import re
from hashlib import md5, sha256, sha384, sha512

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
# Whoever made the file made it as they liked: nothing is looked for from each place to the end.
_LONGEST = 8192
_REFERENCE = re.compile(rb"/Encrypt\s+([0-9]{1,10})\s+([0-9]{1,5})\s+R")
_FIRST_ID = re.compile(rb"/ID\s*\[\s*(?=[<(])")
_STRING = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|(\r\n?)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def needs_password(data: bytes) -> bool:
    """Whether the empty password does not open it."""
    found = _dictionary(data)
    if found is None:
        return False
    owner, user = _text(found, b"/O"), _text(found, b"/U")
    revision, permissions = _number(found, b"/R"), _number(found, b"/P")
    if owner is None or user is None or revision is None or permissions is None:
        return False
    if revision >= 5:
        if len(user) < 48:
            return False
        check = sha256(user[32:40]).digest() if revision == 5 else _hardened(user[32:40])
        return check != user[:32]
    # Whichever of the identifiers in it is meant.
    starts = [begun.end() for begun in _FIRST_ID.finditer(data)]
    identifiers = {_string_at(data, at) or b"" for at in (*starts[:2], *starts[-2:])} | {b""}
    return not any(_opens(found, owner, user, revision, permissions, one) for one in identifiers)


def _opens(
    found: bytes, owner: bytes, user: bytes, revision: int, permissions: int, identifier: bytes
) -> bool:
    """Whether the empty password opens it, by the revisions 2 to 4 (algorithms 4 and 5)."""
    length = 5
    if revision == 4:
        length = 16
    elif revision == 3:
        length = min(max((_number(found, b"/Length") or 40) // 8, 5), 16)
    key = _PADDING + owner[:32] + (permissions & 0xFFFFFFFF).to_bytes(4, "little") + identifier
    if revision == 4 and re.search(rb"/EncryptMetadata\s+false", found):
        key += b"\xff" * 4
    key = md5(key).digest()  # noqa: S324  # as the standard has it
    for _ in range(50 if revision > 2 else 0):
        key = md5(key[:length]).digest()  # noqa: S324
    key = key[:length]
    if revision == 2:
        return _rc4(key, _PADDING) == user[:32]
    check = md5(_PADDING + identifier).digest()  # noqa: S324
    for n in range(20):
        check = _rc4(bytes(byte ^ n for byte in key), check)
    return check == user[:16]


def _hardened(salt: bytes) -> bytes:
    """Algorithm 2.B for the empty password."""
    key, n = sha256(salt).digest(), 0
    while True:
        encrypt = Cipher(AES(key[:16]), CBC(key[16:32])).encryptor()
        last = encrypt.update(key * 64)
        key = (sha256, sha384, sha512)[sum(last[:16]) % 3](last).digest()
        n += 1
        if n >= 64 and last[-1] <= n - 32:
            return key[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    return Cipher(ARC4(key), None).encryptor().update(data)


def _dictionary(data: bytes) -> bytes | None:
    """What the last word of the file says of its encryption; None if it is not encrypted."""
    for number, generation in reversed(_REFERENCE.findall(data)[-2:]):
        begins = rb"(?<![0-9])%s\s+%s\s+obj" % (number, generation)
        starts = [begun.end() for begun in re.finditer(begins, data)]
        if starts:
            return data[starts[-1] : starts[-1] + _LONGEST].partition(b"endobj")[0]
    inside = data.rfind(b"/Encrypt")
    return data[inside : inside + _LONGEST] if inside >= 0 else None


def _number(found: bytes, name: bytes) -> int | None:
    said = re.search(re.escape(name) + rb"\s+(-?[0-9]{1,12})", found)
    return int(said[1]) if said else None


def _text(found: bytes, name: bytes) -> bytes | None:
    begins = re.search(re.escape(name) + rb"\s*(?=[<(])", found)
    return _string_at(found, begins.end()) if begins else None


def _string_at(data: bytes, at: int) -> bytes | None:
    """The string that begins there, in either way of writing one; None if it has no end."""
    if data[at : at + 1] == b"<":
        digits = re.match(rb"<([0-9A-Fa-f\s]*)>", data[at : at + _LONGEST])
        if digits is None:
            return None
        plain = re.sub(rb"\s", b"", digits[1])
        return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode())
    end, depth = at, 0
    while end < min(len(data), at + _LONGEST):
        depth += {b"(": 1, b")": -1}.get(data[end : end + 1], 0)
        if depth == 0:
            return _STRING.sub(_unescaped, data[at + 1 : end])
        end += 2 if data[end : end + 1] == b"\\" else 1
    return None


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return b"\n"
    if found[1][:1] in b"01234567":
        return bytes([int(found[1], 8) & 0xFF])
    if found[1] in (b"\n", b"\r", b"\r\n"):
        return b""
    return _ESCAPES.get(found[1], found[1])
