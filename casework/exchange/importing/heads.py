"""The head of an outside table (表头): in which row it stands, and which column is which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from casework.common.tables.workbooks import Unreadable
from casework.common.texts import token
from casework.exchange.importing.kinds import KINDS, Column, Kind

# A title, the organ and the day may stand above the head.
_ABOVE = 20
_FEWEST = 2
# What our own list of refused rows adds, for whoever corrects it and hands it in again.
RETURNED = ("退回行号", "退回原因")
_UNIT = re.compile(r"[(\[]?(?:单位:?)?(万元|元)[)\]]?$")
UNITS = {"万元": Decimal(10_000), "元": Decimal(1)}
Numbered = tuple[int, list[str]]


@dataclass(frozen=True)
class Place:
    """Where a column of the kind stands in the table, and of money in which unit, in yuan."""

    at: int
    column: Column
    unit: Decimal = Decimal(1)


@dataclass(frozen=True)
class Head:
    """The head of a table: its row, what stands there, and the columns of the kind. `skipped` are
    the places of columns that nobody reads."""

    row: int
    heading: tuple[str, ...]
    places: tuple[Place, ...]
    skipped: frozenset[int]


def numbered(lines: Iterable[list[str]]) -> Iterator[Numbered]:
    """The rows that are not blank, each with its number, as a spreadsheet counts."""
    return ((n, cells) for n, cells in enumerate(lines, 1) if cells)


def read_head(kind: Kind, rows: Iterator[Numbered]) -> Head:
    """The head of a table, which is read no further. Raises Unreadable if it has none, is of
    another kind, or says something that no column is for."""
    above = list[list[str]]()
    for n, cells in islice(rows, _ABOVE):
        likeliest = max(KINDS.values(), key=lambda one: (_matching(one, cells), one is kind))
        if _matching(likeliest, cells) < _FEWEST:
            above.append(cells)
        elif likeliest is kind:
            return _head(kind, n, cells)
        else:
            raise Unreadable(f"这是“{likeliest.label}”的表，不是“{kind.label}”的，请重新选择种类")
    if not above:
        raise Unreadable("文件是空的，没有可以导入的内容")
    wanted = "、".join(column.label for column in kind.columns if column.required)
    raise Unreadable(
        f"前{_ABOVE}行中没有找到列名。列名应在一行内，不合并单元格，至少包括：{wanted}"
    )


def _head(kind: Kind, row: int, cells: list[str]) -> Head:
    known, places, unknown, skipped = _names(kind), [], [], set[int]()
    for at, cell in enumerate(cells):
        column = known.get(_name(cell))
        if column is not None:
            places.append(Place(at, column, _unit(column, cell)))
        elif token(cell) in RETURNED:
            skipped.add(at)
        elif token(cell):
            unknown.append(cell)
    _judge(kind, places, unknown)
    return Head(row, tuple(cells), tuple(places), frozenset(skipped))


def _judge(kind: Kind, places: list[Place], unknown: list[str]) -> None:
    """Raise Unreadable for a head that lacks a column, has one twice, or one that is for nothing:
    nothing that stands in a table is left out unsaid."""
    there = [place.column for place in places]
    wrong = []
    if unknown:
        wrong.append(f"没有这些列：{'、'.join(unknown[:20])}（不导入的列请先删去）")
    if twice := [column.label for column in dict.fromkeys(there) if there.count(column) > 1]:
        wrong.append(f"列重复：{'、'.join(twice)}")
    if missing := [one.label for one in kind.columns if one.required and one not in there]:
        wrong.append(f"缺少列：{'、'.join(missing)}")
    codes = {column.code for column in there}
    whose = [f"{kind.prefix}XDR_SHXYM", f"{kind.prefix}XDR_ZJHM"]
    for several in (whose, kind.numbers):
        if several and codes.isdisjoint(several):
            labels = "或者".join(kind.column(code).label for code in several)
            wrong.append(f"缺少列：{labels}")
    if wrong:
        raise Unreadable("；".join(dict.fromkeys(wrong)))


def _unit(column: Column, cell: str) -> Decimal:
    """In which unit a column of money is. Raises Unreadable if nobody can know."""
    if not column.money:
        return Decimal(1)
    if found := _UNIT.search(token(cell)):
        return UNITS[found[1]]
    if token(cell) == column.code:
        return UNITS["万元"]  # as the standard has it
    raise Unreadable(f"列“{cell}”没有写明单位，请在列名中写明万元或者元，如“{cell}（万元）”")


def _matching(kind: Kind, cells: list[str]) -> int:
    known = _names(kind)
    return len({known[name].code for cell in cells if (name := _name(cell)) in known})


def _names(kind: Kind) -> Mapping[str, Column]:
    """The columns of a kind by everything that they may be called."""
    return {
        _name(name): column
        for column in kind.columns
        for name in (column.code, column.label, *column.aliases)
    }


def _name(cell: str) -> str:
    """A heading without its unit and without marks that it must be filled in."""
    return _UNIT.sub("", token(cell).strip("*")).upper()
