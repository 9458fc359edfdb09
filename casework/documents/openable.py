"""Whether a file can be opened (文件能否打开), asked when it comes and not when somebody needs it.

What every reader opens is taken: bytes before the first line of a PDF, one that may not be printed,
bytes after the end of a picture. What ends in the middle, needs a password or has nothing in it is
told, and how to hand in what can be read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from casework.common.paging import LARGEST_PART
from casework.documents.pdf_password import needs_password

# Readers look for its first line so far into a file.
_HEAD = 1024
_PDF = re.compile(rb"%PDF-[0-9]")
# A page, or what may hold one among other objects.
_SOME_PAGE = re.compile(rb"/Type\s*/(Page(?![A-Za-z])|ObjStm)")
_END = re.compile(rb"startxref\s+([0-9]{1,12})\s+%%EOF")
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_SCAN, _LAST = 0xDA, b"\xff\xd9"
_MOST_PARTS, _MOST_INFLATED = 5000, 4 * LARGEST_PART

_HALF = "文件不完整（可能没有传完，或者保存时中断），打不开，请重新生成后上传"


def is_pdf(data: bytes) -> bool:
    """Whether it is a PDF to its readers."""
    return _PDF.search(data, 0, _HEAD) is not None


def unopened(suffix: str, data: bytes) -> str:
    """Why a file of that kind cannot be opened, in Chinese; empty if it can."""
    if suffix == ".pdf":
        return _pdf(data)
    if suffix == ".docx":
        return _word(data)
    return _png(data) if suffix == ".png" else _jpeg(data)


def _pdf(data: bytes) -> str:
    ends = _END.findall(data)
    # The first end of a file that is laid out for the web says 0: the other one is to come.
    if not ends or not int(ends[-1]) or not _SOME_PAGE.search(data):
        return _HALF
    if needs_password(data):
        return "文件设置了打开密码，请取消密码后重新上传"
    return ""


def _word(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(one.file_size for one in parts) > _MOST_INFLATED:
                return "文件展开后过大，请另存为 PDF 后上传"
            if archive.testzip() is not None:
                return _HALF
            with archive.open("word/document.xml") as body:
                etree.parse(body, etree.XMLParser(target=_Unkept(), resolve_entities=False))
    except KeyError:
        return "文件中没有正文，请重新保存，或者另存为 PDF 后上传"
    except (ValueError, OSError, RuntimeError, NotImplementedError, EOFError):
        return _HALF  # what an archive that was cut off or is locked says, besides what follows
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError):
        return _HALF
    return ""


class _Unkept:
    """What is read of a text is not kept: it may be as long as it likes."""

    def close(self) -> None:
        """It has come to its end."""


def _png(data: bytes) -> str:
    seen, inflate, some = False, zlib.decompressobj(), False
    for name, content, whole in _chunks(data):
        if not whole:
            return _HALF
        if name == b"IHDR":
            seen = len(content) == 13 and any(content[:4]) and any(content[4:8])
        elif name == b"IDAT" and not some:
            try:
                some = bool(inflate.decompress(content, 1))
            except zlib.error:
                return _HALF
        elif name == b"IEND":
            return "" if seen and some else _HALF
    return _HALF


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """The chunks of a PNG: name, content, and whether it is as it was written."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        check = data[at + 8 + size : at + 12 + size]
        yield name, content, check == zlib.crc32(name + content).to_bytes(4)
        at += 12 + size


def _jpeg(data: bytes) -> str:
    at, framed = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4])
        if marker in _JPEG_FRAMES:
            framed = any(data[at + 7 : at + 9])  # its width; its height may be told later
        if marker == _SCAN:
            return "" if framed and data.find(_LAST, at + 2 + size) > 0 else _HALF
        at += 2 + size
    return _HALF
