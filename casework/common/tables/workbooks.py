"""Reading workbooks (电子表格文件, .xlsx) that others made, row by row and never whole.

A workbook is an archive: a small one may hold gigabytes, or one cell at the far end of its sheet.
So its parts are looked at before one is opened, and rows are read as they come.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from lxml.etree import LxmlError
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

ARCHIVE = b"PK\x03\x04"
# What a table of as many rows as are taken may need, unpacked; its texts are held in memory.
_MOST_PARTS, _MOST_UNPACKED, _MOST_TEXTS = 500, 400 * 1024 * 1024, 80 * 1024 * 1024
_TEXTS = "xl/sharedStrings.xml"
# More columns than any table has; a spreadsheet may have 16,384, and rows up to the number.
_MOST_COLUMNS, _LAST_ROW = 80, 1_048_576
# A spreadsheet keeps fifteen digits: a longer number is not what was typed.
_DIGITS_KEPT = 1e15
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
            parts = archive.infolist()
    except _UNREADABLE:
        raise Unreadable(_BROKEN) from None
    texts = sum(one.file_size for one in parts if one.filename.lower() == _TEXTS.lower())
    unpacked = sum(one.file_size for one in parts)
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED or texts > _MOST_TEXTS:
        raise Unreadable("文件展开后过大，请只保留要导入的工作表，分成几个文件")


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
