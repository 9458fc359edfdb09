"""Seals of the demo city (演示印章): certificates that the demo makes itself, and that say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509 import (
    BasicConstraints,
    CertificateBuilder,
    KeyUsage,
    Name,
    NameAttribute,
    random_serial_number,
)
from cryptography.x509.oid import NameOID

from casework.documents.electronic.seals import DEMO
from demo.citizens import read_city

# The demo's calendar may be turned far ahead.
_VALID = timedelta(days=50 * 365)
_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)


def make_seals(folder: Path) -> Path:
    """The folder with a certificate for each authority of the city; those that are there stay."""
    seals = folder / "seals"
    seals.mkdir(mode=0o700, parents=True, exist_ok=True)
    for authority in read_city().authorities:
        file = seals / f"{authority['code']}.p12"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_bytes(home_made(authority["name"]))
    return seals


def home_made(
    name: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    password: bytes = b"",
) -> bytes:
    """A certificate and its key (PKCS#12), signed by nobody but itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = Name(
        [
            NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            NameAttribute(NameOID.ORGANIZATION_NAME, name),
            NameAttribute(NameOID.COMMON_NAME, f"{name}（{DEMO}）"),
        ]
    )
    usage = {
        name: name in ("digital_signature", "content_commitment")
        for name in (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
            "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        )
    }  # fmt: skip
    certificate = (
        CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(random_serial_number())
        .not_valid_before(_BEFORE)
        .not_valid_after(_BEFORE + _VALID)
        .add_extension(BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(KeyUsage(**usage), critical=True)
        .sign(key, SHA256())
    )
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, locked)
