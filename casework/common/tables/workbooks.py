"""Reading workbooks (电子表格文件, .xlsx) that others made, row by row and never whole.

A workbook is an archive: a small one may hold gigabytes, or one cell at the far end of its sheet.
So its parts are looked at before one is opened, and rows are read as they come.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from operator import sub
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from lxml.etree import LxmlError
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

_MIB = 1024 * 1024
ARCHIVE = b"PK\x03\x04"
# What a table of as many rows as are taken may need, unpacked, in parts that are read at all. Its
# texts are held in memory.
_MOST_PARTS, _MOST_TEXTS = 500, 2_000_000
_LARGEST_SHEET, _LARGEST_TEXTS, _LARGEST_PART = 400 * _MIB, 80 * _MIB, 4 * _MIB
_READ, _SHEETS, _TEXTS = (".xml", ".rels"), "xl/worksheets/sheet", "xl/sharedstrings.xml"
_ROW, _TEXT = re.compile(rb"<(?:\w{1,20}:)?row\b"), re.compile(rb"<(?:\w{1,20}:)?si\b")
_PIECE, _LONGEST_TAG = _MIB, 32
# More columns than any table has; a spreadsheet may have 16,384, and rows up to the number.
_MOST_COLUMNS, _LAST_ROW = 80, 1_048_576
# A spreadsheet keeps fifteen digits: a longer number is not what was typed.
_DIGITS_KEPT = 1e15
_TOO_MUCH = "文件展开后过大，请只保留要导入的工作表，分成几个文件"
_BROKEN = "文件不完整或者不是电子表格，打不开，请用电子表格软件打开后另存为“.xlsx”"
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ParseError, LxmlError, InvalidFileException, KeyError,
    ValueError, OSError, EOFError, RuntimeError, NotImplementedError, IndexError, TypeError,
    AttributeError,
)  # fmt: skip


class Unreadable(Exception):
    """A file that is no table; the message is Chinese."""


def rows_of_workbook(file: BinaryIO) -> Iterator[list[str]]:
    """The rows of the first sheet, each cell as a text; those that are not there are empty. Raises
    Unreadable, also on the way."""
    _judge_parts(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        if book.epoch == CALENDAR_MAC_1904:
            raise Unreadable("工作簿用的是1904年日期系统，日期会差四年，请在选项中取消后另存")
        if not book.worksheets:
            raise Unreadable("工作簿中没有工作表")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size need not be so
        for row in sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS, values_only=True):
            yield [_as_text(cell) for cell in row[: _end(row)]]
    except _UNREADABLE:
        # Whatever the library says of a file that somebody broke, or made to break it.
        raise Unreadable(_BROKEN) from None


def _judge_parts(file: BinaryIO) -> None:
    """Raise Unreadable for an archive that no spreadsheet program wrote, or that is too much."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [one for one in archive.infolist() if one.filename.lower().endswith(_READ)]
            if len(archive.infolist()) > _MOST_PARTS:
                raise Unreadable(_TOO_MUCH)
            for part in parts:
                tag, most, size = _measure(part.filename.lower())
                if part.file_size > size:
                    raise Unreadable(_TOO_MUCH)
                if tag:
                    with archive.open(part) as unpacked:
                        _judge_part(unpacked, tag, most)
    except _UNREADABLE:
        raise Unreadable(_BROKEN) from None


def _measure(name: str) -> tuple[re.Pattern[bytes] | None, int, int]:
    """What a part is made of, how many of it there may be, and how many bytes in all."""
    if name.startswith(_SHEETS):
        return _ROW, _LAST_ROW, _LARGEST_SHEET
    return (_TEXT, _MOST_TEXTS, _LARGEST_TEXTS) if name == _TEXTS else (None, 0, _LARGEST_PART)


def _judge_part(unpacked: IO[bytes], tag: re.Pattern[bytes], most: int) -> None:
    """Raise Unreadable for a part in which there are too many of these, or one that is too long:
    its reader holds one at a time, and keeps something of each. What hides tags is in none that a
    spreadsheet program wrote."""
    left, many, since = b"", 0, 0
    while read := unpacked.read(_PIECE):
        piece = left + read
        # A tag may be parted by the end of a piece.
        cut = piece.rfind(b"<", -_LONGEST_TAG)
        piece, left = (piece[:cut], piece[cut:]) if cut > 0 else (piece, b"")
        starts = [found.start() for found in tag.finditer(piece)]
        many += len(starts)
        ends = [*starts, len(piece)]
        longest = max(since + ends[0], *(map(sub, ends[1:], ends)), 0)
        since = len(piece) - starts[-1] if starts else since + len(piece)
        if many > most or longest > _LARGEST_PART or b"<!" in piece:
            raise Unreadable(_TOO_MUCH)


def _as_text(cell: Any) -> str:
    """What a cell shows, in one form; a number that has lost digits shows that it has."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= _DIGITS_KEPT:
            return f"{float(cell):.14E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    return str(cell)


def _end(row: Sequence[Any]) -> int:
    """How many cells there are to the last one that is not empty."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return end
