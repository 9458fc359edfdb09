"""Tables for spreadsheets (CSV, Excel): no cell is taken for what it is not, and each is read back.

A spreadsheet runs what begins like a formula, and keeps fifteen digits of a number: of a code of
eighteen it makes another one, and of 0513 it makes 513. Such a cell is written behind an
apostrophe, which reading takes away.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from xlsxwriter import Workbook

from casework.common.texts import tidy, token

_WIDTH = 20  # characters
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


class Unreadable(Exception):
    """A file that is no table; the message is Chinese."""


def decoded(data: bytes) -> str:
    """A text file as spreadsheets and editors of this country save it. Raises Unreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文件编码不能识别，请另存为“CSV UTF-8（逗号分隔）”")


def rows_of(data: bytes) -> tuple[list[str], list[list[str]]]:
    """The heading of a table and the rows below it, each cell in one form (see
    `casework.common.texts`). Rows stand at their place, so the first one is row 2 of the
    spreadsheet; blank ones are empty.

    Raises Unreadable if the file is none.
    """
    # Strictly: a quotation mark that is never closed would swallow the rows after it.
    reader = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
    found = []
    try:
        for row in reader:
            found.append(row)
    except csv.Error:
        text = (
            f"文件不是CSV表格：第{len(found) + 1}行起引号没有配对，请另存为“CSV UTF-8（逗号分隔）”"
        )
        raise Unreadable(text) from None
    heading = [token(cell) for cell in found[0]] if found else []
    rows = [[_bare(tidy(cell)) for cell in row] for row in found[1:]]
    return heading, [row if any(row) else [] for row in rows]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or _NO_NUMBER.fullmatch(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell == _plain(cell[1:]) else cell
