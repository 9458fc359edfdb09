"""Tables for spreadsheets (CSV, Excel): no cell is taken for what it is not, and each is read back.

A spreadsheet runs what begins like a formula, and keeps fifteen digits of a number: of a code of
eighteen it makes another one, and of 0513 it makes 513. Such a cell is written behind an
apostrophe, which reading takes away.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, iterdecode
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from xlsxwriter import Workbook

from casework.common.tables.workbooks import ARCHIVE, Unreadable, rows_of_workbook
from casework.common.texts import tidy, token

_WIDTH = 20  # characters
_PIECE = 64 * 1024  # bytes
_OLD = b"\xd0\xcf\x11\xe0"  # how a workbook of before 2007, or one with a password, begins
_NO_ENCODING = "文件编码不能识别，请另存为“CSV UTF-8（逗号分隔）”"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# More digits than a spreadsheet keeps, noughts that it drops, and 20E5, which it takes for a power.
_NO_NUMBER = re.compile(r"\d{12,}|0\d+|\d+(\.\d+)?[Ee]\d+")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table under its heading, marked as UTF-8 as spreadsheets want it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def table_for_systems(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that another system reads, and nobody's spreadsheet: every cell as it stands."""
    out = io.StringIO()
    csv.writer(out).writerows([columns, *rows])
    return out.getvalue()


def workbook(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook with one sheet: a table under its heading, every cell a text as it stands."""
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(out, options) as book:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for n, row in enumerate(rows, start=1):
            sheet.write_row(n, 0, row)
    return out.getvalue()


def decoded(data: bytes) -> str:
    """A text file as spreadsheets and editors of this country save it. Raises Unreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_NO_ENCODING)


def lines_of(file: BinaryIO) -> Iterator[list[str]]:
    """The rows of a table, the first one first: of a CSV file, or of the first sheet of a workbook;
    each cell in one form (see `casework.common.texts`), blank rows empty. One row at a time is in
    memory. Raises Unreadable if the file is none, also on the way."""
    begins = _begins(file)
    if begins == _OLD:
        raise Unreadable("这是旧版（.xls）或者加了密码的工作簿，请取消密码，另存为“.xlsx”")
    rows = rows_of_workbook(file) if begins == ARCHIVE else _rows_of_csv(file)
    for row in rows:
        cells = [_bare(tidy(cell)) for cell in row]
        yield cells if any(cells) else []


def rows_of(data: bytes) -> tuple[list[str], list[list[str]]]:
    """The heading of a table and the rows below it, as `lines_of` reads them. Rows stand at their
    place, so the first one is row 2 of the spreadsheet.

    Raises Unreadable if the file is none.
    """
    lines = lines_of(io.BytesIO(data))
    heading = [token(cell) for cell in next(lines, [])]
    return heading, list(lines)


def _rows_of_csv(file: BinaryIO) -> Iterator[list[str]]:
    # Strictly: a quotation mark that is never closed would swallow the rows after it.
    reader = csv.reader(_text_lines(file), strict=True)
    found = 0
    try:
        for row in reader:
            found += 1
            yield row
    except csv.Error:
        raise Unreadable(
            f"文件不是CSV表格：第{found + 1}行起引号没有配对，请另存为“CSV UTF-8（逗号分隔）”"
        ) from None


_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# A Chinese character in UTF-8, which hardly any line of GB18030 holds by chance.
_CHINESE_UTF8 = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")


def _text_lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a text file with their ends, decoded one by one: files that were put together
    are in UTF-8 here and in GB18030 there. Raises Unreadable."""
    if _begins(file).startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable(_NO_ENCODING)
    plain = _is_utf8(file)
    for line in file:
        utf8 = plain or (_CHINESE_UTF8.search(line) is not None and _is_utf8(io.BytesIO(line)))
        try:
            text = line.removeprefix(BOM_UTF8).decode("utf-8" if utf8 else "gb18030")
        except UnicodeDecodeError:
            raise Unreadable(_NO_ENCODING) from None
        yield from _LINES.findall(text.replace("\ufeff", ""))


def _is_utf8(file: BinaryIO) -> bool:
    """Whether it is a text in UTF-8; decoded piece by piece, and nothing of it is kept."""
    try:
        for _ in iterdecode(iter(lambda: file.read(_PIECE), b""), "utf-8"):
            pass
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _begins(file: BinaryIO) -> bytes:
    """The first four bytes, by which a kind of file is known."""
    file.seek(0)
    begins = file.read(4)
    file.seek(0)
    return begins


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or _NO_NUMBER.fullmatch(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell == _plain(cell[1:]) else cell
