"""Batches, receipts and lists as files (批次、回执、清单), as `docs/exchange.md` has them.

A batch bears three columns before the nation's codes: under which key the platform has to know the
row again, what it calls the decision, and whether that is new, changed or void.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.common.tables.spreadsheet import decoded, table_for_systems, workbook
from casework.common.tables.workbooks import Unreadable as NoText
from casework.common.texts import tidy
from casework.common.timekeeping import ZONE
from casework.exchange.pushing.push_states import Operation, Unreadable
from rulebook.models import Platform

KEY, RECORD, OPERATION = "TSBH", "SJBS", "CZLX"
_STATE, _VOID = "SJZT", "无效"
_TAKEN, _REFUSED = "接收", "退回"
_RESULT = ("TSBH", "JG", "YY", "HZBH", "SJ")
_LONGEST = 300


@dataclass(frozen=True)
class Line:
    """One row of a batch: `said` is by the nation's codes."""

    key: str
    record: str
    operation: Operation
    said: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What a receipt says of a row: whether it was taken, under which number and when, or why
    not."""

    key: str
    taken: bool
    reason: str
    number: str
    at: datetime | None


@dataclass(frozen=True)
class Listed:
    """A row of what a platform has, and whether it shows it."""

    said: Mapping[str, str]
    shown: bool


def answers(platform: Platform) -> str:
    """How the files are called that a platform gives: a platform of workbooks gives CSV."""
    return "json" if platform.format == "json" else "csv"


def packed(platform: Platform, register: str, codes: Sequence[str], lines: Sequence[Line]) -> bytes:
    """A batch as the platform wants it."""
    heading = [KEY, RECORD, OPERATION, *codes]
    rows = [
        [line.key, line.record, line.operation.label, *(line.said.get(code, "") for code in codes)]
        for line in lines
    ]
    if platform.format == "xlsx":
        return workbook(register, heading, rows)
    if platform.format == "json":
        said = [dict(zip(heading, row, strict=True)) for row in rows]
        return json.dumps({"register": register, "rows": said}, ensure_ascii=False).encode()
    return table_for_systems(heading, rows).encode(platform.charset)


def results_in(platform: Platform, data: bytes) -> list[Result]:
    """What a receipt says. Raises Unreadable if it is none, or not whole yet."""
    return [_result(row) for row in _rows(platform, data) if row.get("TSBH")]


def listed_in(platform: Platform, data: bytes) -> list[Listed]:
    """What a list says. Raises Unreadable."""
    rows = _rows(platform, data)
    return [Listed(row, row.get(_STATE, "") != _VOID) for row in rows]


def _rows(platform: Platform, data: bytes) -> Iterator[dict[str, str]]:
    if answers(platform) == "json":
        return _of_json(data)
    return _of_table(data)


def _of_json(data: bytes) -> Iterator[dict[str, str]]:
    try:
        rows: Any = json.loads(data)["rows"]
        found = [
            {str(name): "" if cell is None else tidy(str(cell)) for name, cell in row.items()}
            for row in rows
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("不是完整的 JSON 文件") from None
    return iter(found)


def _of_table(data: bytes) -> Iterator[dict[str, str]]:
    if not data.endswith(b"\n"):  # whoever writes it is not done yet
        raise Unreadable("文件没有写完")
    try:
        heading, *rows = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
    except (NoText, csv.Error, ValueError):
        raise Unreadable("不是完整的 CSV 文件") from None
    if any(len(row) != len(heading) for row in rows):
        raise Unreadable("各行的列数与表头不一致")
    return (dict(zip(heading, map(tidy, row), strict=True)) for row in rows)


def _result(row: Mapping[str, str]) -> Result:
    if not row.keys() >= set(_RESULT) or row["JG"] not in (_TAKEN, _REFUSED):
        raise Unreadable(f"回执应有 {'、'.join(_RESULT)}，JG 为“{_TAKEN}”或者“{_REFUSED}”")
    reason, number = row["YY"][:_LONGEST], row["HZBH"][:_LONGEST]
    return Result(row["TSBH"], row["JG"] == _TAKEN, reason, number, _instant(row["SJ"]))


def _instant(said: str) -> datetime | None:
    """An instant, of this country where no zone is named; None if it is none."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)
