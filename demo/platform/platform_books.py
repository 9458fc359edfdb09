"""What a platform has (平台的台账): it takes batches, gives receipts, and knows rows by their keys.

It speaks as `docs/exchange.md` has it, and knows nothing of the program that pushes to it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from xml.etree import ElementTree

_RESULT = ("TSBH", "JG", "YY", "HZBH", "SJ")
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Row = dict[str, str]


@dataclass
class Books:
    """The decisions that a platform has, by what they are called there, and the receipts that it
    gave. A row whose `required` fields are empty is refused; `judged` says of a row why it is
    refused besides, if it is. `applied` are the keys in the order in which they had an effect."""

    required: set[str] = field(default_factory=set)
    judged: Callable[[Row], str] = field(default=lambda _row: "")
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    records: dict[str, Row] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    results: dict[str, Row] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)

    def take(self, name: str, data: bytes) -> bytes:
        """Take a batch; gives its receipt, the same for the same rows however often they come."""
        stem, _, form = name.rpartition(".")
        with self.lock:
            rows = [self._result(row, name) for row in _rows(form, data)]
            answer = "json" if form == "json" else "csv"
            receipt = _written(answer, rows, _RESULT)
            self.receipts[f"{stem}.{answer}"] = receipt
            return receipt

    def listed(self, register: str, form: str) -> bytes:
        """What it shows, and what it was told is void, of a register."""
        with self.lock:
            rows = [row for row in self.records.values() if row["_register"] == register]
            shown = [{k: v for k, v in row.items() if k != "_register"} for row in rows]
        heading = list(shown[0]) if shown else ["SJZT"]
        return _written(form, shown, heading)

    def sweep(self, folder: Path) -> None:
        """Take what was left whole in a folder, and leave the receipts and lists there."""
        for file in sorted((folder / "in").iterdir()):
            if file.suffix == ".part":
                continue
            self.take(file.name, file.read_bytes())
            file.unlink()
        for name, receipt in self.receipts.items():
            _leave(folder / "receipts" / name, receipt)
        for register in ("licences", "penalties"):
            for form in ("json", "csv"):
                _leave(folder / "records" / f"{register}.{form}", self.listed(register, form))

    def _result(self, row: Row, name: str) -> Row:
        key = row["TSBH"]
        if key not in self.results:
            reason = self._against(row)
            number = "" if reason else f"HZ{len(self.results) + 1:06}"
            told = "退回" if reason else "接收"
            moment = self.now().isoformat()
            self.results[key] = dict(zip(_RESULT, (key, told, reason, number, moment), strict=True))
            if not reason:
                self._apply(row, name)
        return self.results[key]

    def _against(self, row: Row) -> str:
        if row["CZLX"] == "撤销":
            return ""
        empty = sorted(code for code in self.required & row.keys() if not row[code])
        return f"缺少必填字段：{'、'.join(empty)}" if empty else self.judged(row)

    def _apply(self, row: Row, name: str) -> None:
        self.applied.append(row["TSBH"])
        said = {code: cell for code, cell in row.items() if code not in ("TSBH", "CZLX", "SJBS")}
        said["SJZT"] = "无效" if row["CZLX"] == "撤销" else "有效"
        said["_register"] = name.split("-")[1]
        self.records[row["SJBS"]] = said


def _leave(file: Path, data: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(data)
    part.replace(file)


def _rows(form: str, data: bytes) -> list[Row]:
    if form == "json":
        found: list[Row] = json.loads(data)["rows"]
        return found
    if form == "xlsx":
        heading, *rows = _cells(data)
    else:
        heading, *rows = csv.reader(io.StringIO(data.decode("gb18030"), newline=""))
    return [dict(zip(heading, row, strict=True)) for row in rows]


def _cells(data: bytes) -> list[list[str]]:
    """The rows of a workbook's only sheet, every cell a text."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - ours
    rows = []
    for row in sheet.iter(f"{_SHEET}row"):
        told = {
            _column(cell.attrib["r"]): "".join(text.text or "" for text in cell.iter(f"{_SHEET}t"))
            for cell in row
        }
        rows.append([told.get(n, "") for n in range(max(told) + 1)])
    width = len(rows[0])
    return [row + [""] * (width - len(row)) for row in rows]


def _column(place: str) -> int:
    number = 0
    for letter in re.match("[A-Z]+", place)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number - 1


def _written(form: str, rows: list[Row], heading: tuple[str, ...] | list[str]) -> bytes:
    if form == "json":
        return json.dumps({"rows": rows}, ensure_ascii=False).encode()
    out = io.StringIO()
    writer = csv.DictWriter(out, heading)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


def shown_rows(books: Books) -> list[Mapping[str, str]]:
    """What anybody sees on its page."""
    with books.lock:
        return [row for row in books.records.values() if row["SJZT"] == "有效"]
