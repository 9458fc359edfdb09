"""Seals (电子印章): who seals a PDF, and how it is drawn into the page.

A seam: whatever seals for an authority takes a PDF and the place where the letter wants the seal.
The one that is here signs with a certificate that lies in a folder, for nobody but the house to
read; a province's own platform may stand in its stead. Keys are never in the database.
"""

from __future__ import annotations

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate

from casework.common.problems import Misconfigured
from casework.documents.electronic import fonts
from casework.documents.electronic.typesetting import Place, compiled

FOLDER = "NUOXIN_SEALS"
# What a certificate that no authority was given says of itself, and its seal as well.
DEMO = "演示印章"
_SIDE = 42 / 25.4 * 72  # 42 mm, as the State Council has it for provinces and below, in points
# The name and the day stand a little below its middle (GB/T 9704-2012, 7.3.5.1).
_HIGHER = 8
_SONG = "方正小标宋简体"


class Sealer(Protocol):
    """Whoever seals for an authority. `serial` names the certificate, in hexadecimal digits."""

    @property
    def serial(self) -> str: ...

    def seal(self, pdf: bytes, place: Place, at: datetime) -> bytes:
        """The PDF with the authority's seal at that place, signed at that instant."""


@dataclass(frozen=True)
class CertificateSealer:
    """Seals with a certificate and its key (PKCS#12): PAdES-B-B, and a drawn seal."""

    name: str
    archive: bytes
    password: bytes | None

    @property
    def certificate(self) -> Certificate:
        """The certificate itself."""
        found = pkcs12.load_key_and_certificates(self.archive, self.password)[1]
        if found is None:
            raise Misconfigured(f"{self.name}的印章文件中没有证书")
        return found

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:x}"

    def holds(self, at: datetime) -> bool:
        """Whether the certificate is valid then."""
        one = self.certificate
        return one.not_valid_before_utc <= at <= one.not_valid_after_utc

    def seal(self, pdf: bytes, place: Place, at: datetime) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner

        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        _draw(writer, _picture(self.name, self._note), place)
        said = PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self.name,
            reason="电子印章",
        )
        signer = SimpleSigner.load_pkcs12_data(self.archive, [], self.password)
        return _signed(writer, said, signer, at)

    @property
    def _note(self) -> str:
        return DEMO if DEMO in self.certificate.subject.rfc4514_string() else "电子印章"


def sealer_of(code: str, name: str, at: datetime) -> Sealer | None:
    """Who seals for an authority, by its code and its name; None without a certificate that holds.

    The folder has `CODE.p12`, and `CODE.password` if that wants one. Raises Misconfigured if others
    may read it, or it does not open.
    """
    folder = os.environ.get(FOLDER)
    file = Path(folder or "", f"{code}.p12")
    if not folder or not file.is_file():
        return None
    sealer = CertificateSealer(name, _secret(file), _password(file.with_suffix(".password")))
    try:
        return sealer if sealer.holds(at) else None
    except ValueError:
        raise Misconfigured(f"{name}的印章证书打不开，请核对文件和口令") from None


def _password(file: Path) -> bytes | None:
    return _secret(file).strip() if file.is_file() else None


def _secret(file: Path) -> bytes:
    """What only its owner may read."""
    if file.stat().st_mode & 0o077:
        raise Misconfigured(
            f"印章文件 {file.name} 可以被其他用户读取，请改为仅本人可读（chmod 600）"
        )
    return file.read_bytes()


@lru_cache(maxsize=64)
def _picture(name: str, note: str) -> bytes:
    """A seal of 42 mm, as a PDF of that size."""
    said = {"name": name, "note": note, "fonts": fonts.chain(_SONG)}
    drawn: bytes = compiled("seal.typ", {"seal": json.dumps(said)}).compile(
        format="pdf", timestamp=0, pdf_tags=False
    )
    return drawn


def _draw(writer: Any, picture: bytes, place: Place) -> None:
    """Draw a seal over the page, within its edges."""
    from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, pdf_name
    from pyhanko.pdf_utils.reader import PdfFileReader

    page, _ = writer.find_page_for_modification(place.page - 1)
    _, _, width, height = page.get_object()["/MediaBox"]
    x = min(max(place.x - _SIDE / 2, 0), float(width) - _SIDE)
    y = min(max(float(height) - place.y + _HIGHER - _SIDE / 2, 0), float(height) - _SIDE)
    seal = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(picture)))
    named = DictionaryObject({pdf_name("/Seal"): seal})  # type: ignore[no-untyped-call]
    resources = DictionaryObject({pdf_name("/XObject"): named})  # type: ignore[no-untyped-call]
    before = StreamObject(stream_data=b"q\n")
    after = StreamObject(stream_data=f"\nQ q 1 0 0 1 {x:.2f} {y:.2f} cm /Seal Do Q".encode())
    writer.add_stream_to_page(place.page - 1, writer.add_object(before), prepend=True)
    writer.add_stream_to_page(place.page - 1, writer.add_object(after), resources)


def _signed(writer: Any, said: Any, signer: Any, at: datetime) -> bytes:
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfSigner

    class _AtInstant(PdfSigner):
        """Signs at the instant that is handed in, not at the machine's."""

        def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
            session = super().init_signing_session(*args, **kwargs)
            session.system_time = at
            return session

    try:
        # It runs an event loop of its own, which a thread that has one already does not allow.
        with ThreadPoolExecutor(1) as apart:
            signed: io.BytesIO = apart.submit(
                _AtInstant(said, signer=signer).sign_pdf, writer
            ).result()
    except SigningError as error:  # such as a certificate that is for something else
        raise Misconfigured(f"{said.name}的印章证书不能用于签名（{error}）") from None
    return signed.getvalue()
