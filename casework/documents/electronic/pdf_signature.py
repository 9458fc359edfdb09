"""What a sealed PDF says of itself (签名): by which certificate, when, of which record, and whether
the signature covers all of it.

Read here is what the house has sealed itself: one signature, over the whole file. Whether others
would find it valid, pyHanko and `pdfsig` say in the tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

# Stands in the file twice, in plain letters: whatever else is changed, it says of what it was made.
RECORD = "nuoxin-record:"
_RECORD = re.compile(rb"nuoxin-record:([0-9a-f]{64})")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s*\]")
_TIME = re.compile(rb"/M\s*\(D(?::|\\072)([0-9]{14})Z\)")


@dataclass(frozen=True)
class Signature:
    """A signature that holds: `certificate` is the serial number, `record` the SHA-256 of the Word
    record."""

    certificate: str
    at: datetime
    record: str


def record_in(pdf: bytes) -> str | None:
    """The SHA-256 of the record that a PDF says it was made of, whatever became of it since."""
    found = _RECORD.search(pdf)
    return found[1].decode() if found else None


def signature_of(pdf: bytes) -> Signature:
    """The one signature of a PDF. Raises ValueError, in Chinese, if it does not cover the whole
    file as it is."""
    ranges, time, record = _RANGE.findall(pdf), _TIME.search(pdf), record_in(pdf)
    if len(ranges) != 1 or time is None or record is None:
        raise ValueError("没有印章的签名，或者不止一个")
    start, end, rest = map(int, ranges[0])
    if end + rest != len(pdf) or pdf[start : start + 1] + pdf[end - 1 : end] != b"<>":
        raise ValueError("签名没有覆盖整个文件")
    certificate = _signed_by(pdf[start + 1 : end - 1], pdf[:start] + pdf[end:])
    at = datetime.strptime(time[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Signature(f"{certificate:x}", at, record)


def _signed_by(digits: bytes, signed: bytes) -> int:
    """The serial number of the certificate whose key signed these bytes."""
    from asn1crypto.cms import ContentInfo

    content = ContentInfo.load(bytes.fromhex(digits.decode()))["content"]
    signer = content["signer_infos"][0]
    said = signer["signed_attrs"]
    digest = next(one["values"][0].native for one in said if one["type"].native == "message_digest")
    if digest != sha256(signed).digest():
        raise ValueError("内容与签名不符")
    certificate = load_der_x509_certificate(content["certificates"][0].chosen.dump())
    try:
        _verify(certificate.public_key(), signer["signature"].native, said.untag().dump())
    except InvalidSignature:
        raise ValueError("签名与证书不符") from None
    return certificate.serial_number


def _verify(key: Any, signature: bytes, attributes: bytes) -> None:
    """Raises InvalidSignature, and ValueError for a key of another kind."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, attributes, ec.ECDSA(SHA256()))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, attributes, padding.PKCS1v15(), SHA256())
    else:
        raise ValueError("不认识的密钥")
