"""Pages as pictures (版面图像), for reading on a screen."""

from __future__ import annotations

import struct
import zlib
from threading import Lock
from typing import Any

from casework.common.problems import NotFound

_PER_INCH = 108
_QUICK = 1  # of nine levels of packing
_LOCK = Lock()  # PDFium takes one thread at a time
# Sixteen shades of each colour are enough for letters and a seal, and pack into half the bytes.
_SHADES = bytes(round(shade / 17) * 17 for shade in range(256))


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of our own has."""
    with _LOCK:
        document = _opened(pdf)
        try:
            return len(document)
        finally:
            document.close()


def picture_of(pdf: bytes, page: int) -> bytes:
    """A page of a PDF of our own, counted from 1, as a PNG. Raises NotFound."""
    with _LOCK:
        document = _opened(pdf)
        try:
            if not 1 <= page <= len(document):
                raise NotFound("文书没有这一页")
            drawn = _drawn(document[page - 1])
        finally:
            document.close()
    return _picture(*drawn)


def pictures_of(pdf: bytes) -> list[bytes]:
    """All pages of a PDF of our own, each as a PNG, packed quickly: they are looked at once."""
    with _LOCK:
        document = _opened(pdf)
        try:
            drawn = [_drawn(page) for page in document]
        finally:
            document.close()
    return [_picture(*page, level=_QUICK) for page in drawn]


def _drawn(page: Any) -> tuple[int, int, int, bytes]:
    """A page as points: its width and height, the bytes of a line, and all lines."""
    drawn = page.render(scale=_PER_INCH / 72, rev_byteorder=True)
    return drawn.width, drawn.height, drawn.stride, bytes(drawn.buffer).translate(_SHADES)


def _picture(
    width: int, height: int, stride: int, points: bytes, *, level: int = zlib.Z_DEFAULT_COMPRESSION
) -> bytes:
    lines = (points[at : at + 3 * width] for at in range(0, stride * height, stride))
    return _png(width, height, zlib.compress(b"".join(b"\0" + line for line in lines), level))


def _png(width: int, height: int, packed: bytes) -> bytes:
    """Lines of red, green and blue, each after its filter, packed: as a PNG (ISO/IEC 15948)."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _opened(pdf: bytes) -> Any:
    from pypdfium2 import PdfDocument

    return PdfDocument(pdf)
