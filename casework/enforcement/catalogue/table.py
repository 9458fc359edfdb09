"""The violation catalogue as a table (案由表): what a spreadsheet saves, row by row, and back.

A row without a code adds another range of fine to the entry above it, and may say nothing else:
what a row says is taken, or refused with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casework.common.codes import normalise
from casework.common.tables.spreadsheet import rows_of, table
from casework.common.tables.workbooks import Unreadable
from casework.common.texts import token, unkept
from rulebook.models import FineBand, RulebookError, Violation, parse_as

_STAGES = {"直接处罚": "at_once", "逾期不改正": "uncorrected", "情节严重": "grave"}
_WEIGHTS = {"从轻条件": "lighter", "一般条件": "standard", "从重条件": "heavier"}
_TEXTS = {
    "案由": "label",
    "领域": "field",
    "违法行为": "act",
    "违反条款": "violated",
    "处罚依据": "law",
    "责任主体": "liable",
    "对责任人员": "persons",
    "把握程度": "mark",
    "公示等级": "publication",
    "备注": "note",
}
_FLAGS = {"责令改正": "correct", "危害生命健康": "life_health", "不适用首违": "never_exempt"}
_BAND = {
    "罚款下限": "least",
    "罚款上限": "most",
    "倍数下限": "least_times",
    "倍数上限": "most_times",
    "违法所得起": "income_from",
    "违法所得不满": "income_below",
    "违法所得不足按": "income_floor",
    "最高不超过": "ceiling",
}
# How sure an entry is, as the table says it; the letters of rule files are taken too.
_MARKS = {"已核对条文": "S", "未全部核对": "L", "不确定": "U"}
_MARK = "把握程度"
_ALSO = "另须查明"
_STAGE_OF_BAND = ("情形", "情形说明", _ALSO)
# At which stages a kind has it: 责令停产停业：情节严重；警告：逾期不改正、情节严重.
_STAGES_OF = "处罚种类的情形"
COLUMNS = (
    "代码", *_TEXTS, "处罚种类", _STAGES_OF, *_FLAGS,
    *_STAGE_OF_BAND, *_BAND, *_WEIGHTS, "裁量情形",
)  # fmt: skip
_FURTHER_BAND = (*_STAGE_OF_BAND, *_BAND)  # what a row without a code may fill
# What rule files call things, which a table has other names for.
_FIELDS = re.compile(r" (stages|fines|discretion|ceiling) ?")
_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?[元倍]?")


class RowsWrong(Exception):
    """What is wrong with the rows of a table: by the number of each, as a spreadsheet counts."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        super().__init__("；".join(f"第 {row} 行：{text}" for row, text in errors))
        self.errors = errors


@dataclass
class _Draft:
    """An entry as its rows are read, the first of them `row`; `broken` if one is wrong."""

    row: int
    content: dict[str, Any]
    broken: bool = False


class _Reading:
    """The rows of a table on their way to entries, with what is wrong so far."""

    def __init__(self) -> None:
        self.errors: list[tuple[int, str]] = []
        self.drafts: list[_Draft] = []

    def take(self, number: int, row: Mapping[str, str]) -> None:
        """One row: an entry, or another range of the entry above."""
        if "代码" in row:
            self.drafts.append(_Draft(number, {"key": normalise(row["代码"]).casefold()}))
            self._fill(number, row)
        elif not self.drafts:
            self.errors.append((number, "第一条记录缺少代码"))
            return
        elif others := [name for name in row if name not in _FURTHER_BAND]:
            text = (
                f"没有代码，却填写了{'、'.join(others)}：是另一条案由的，请填写代码；"
                "是上一条案由的另一罚款幅度的，只填写情形和幅度（合并的单元格请先取消合并）"
            )
            self._wrong(number, text)
            return
        elif not _BAND.keys() & row.keys():
            self._wrong(number, "没有代码的行应写明另一罚款幅度")
            return
        self._add_band(number, row)

    def entries(self) -> dict[int, Violation]:
        """What was read, by the first row of each. Raises RowsWrong."""
        found: dict[str, Violation] = {}
        rows: dict[int, Violation] = {}
        for draft in self.drafts:
            if draft.broken:
                continue
            try:
                one = parse_as(Violation, draft.content)
            except RulebookError as error:
                self.errors.append((draft.row, _in_columns(str(error))))
                continue
            if one.key in found:
                self.errors.append((draft.row, f"代码 {one.code} 在表中重复"))
            found[one.key] = rows[draft.row] = one
        if not self.drafts and not self.errors:
            self.errors.append((1, "表中没有记录"))
        if self.errors:
            raise RowsWrong(sorted(self.errors))
        return rows

    def _fill(self, number: int, row: Mapping[str, str]) -> None:
        content = self.drafts[-1].content
        content |= {name: row[column] for column, name in _TEXTS.items() if column in row}
        for column, name in _FLAGS.items():
            if row.get(column, "是") not in ("是", "否"):
                self._wrong(number, f"{column}：应为“是”或者“否”")
            if column in row:
                content[name] = row[column] == "是"
        if _MARK in row:
            content["mark"] = _MARKS.get(row[_MARK], row[_MARK])
            if content["mark"] not in _MARKS.values():
                self._wrong(number, f"{_MARK}：只能是{'、'.join(_MARKS)}")
        kinds = re.split(r"[、,，;；\s]+", row.get("处罚种类", ""))
        content["penalties"] = [kind for kind in kinds if kind]
        content["stages"] = self._stages(number, row)
        stage = self._stage(number, row, "裁量情形")
        content["discretion"] = [
            {"weight": weight, "when": row[column], "stage": stage}
            for column, weight in _WEIGHTS.items()
            if column in row
        ]
        if "裁量情形" in row and not content["discretion"]:
            self._wrong(number, f"写明了裁量情形，没有写{'、'.join(_WEIGHTS)}")
        content["fines"] = []

    def _add_band(self, number: int, row: Mapping[str, str]) -> None:
        band: dict[str, Any] = {}
        for column, name in _BAND.items():
            if column in row:
                found = _AMOUNT.fullmatch(token(row[column]))
                if found is None:
                    self._wrong(number, f"{column}：应为金额或者倍数")
                    return
                band[name] = found[1].replace(",", "") + (found[2] or "")
        if not band:
            if any(column in row for column in _STAGE_OF_BAND):
                self._wrong(number, "写明了情形，没有写罚款幅度")
            return
        band["stage"] = self._stage(number, row, "情形")
        band["when"] = row.get("情形说明", "")
        band["also"] = [name for name in re.split(r"[、,，;；]+", row.get(_ALSO, "")) if name]
        try:
            parse_as(FineBand, band)
        except RulebookError as error:
            self._wrong(number, _in_columns(str(error)))
        self.drafts[-1].content["fines"].append(band)

    def _stage(self, number: int, row: Mapping[str, str], column: str) -> str:
        said = row.get(column, "直接处罚")
        if said not in _STAGES:
            self._wrong(number, f"{column}：只能是{'、'.join(_STAGES)}")
        return _STAGES.get(said, "at_once")

    def _stages(self, number: int, row: Mapping[str, str]) -> dict[str, list[str]]:
        """At which stages a kind of penalty is had, where that is not at once."""
        found: dict[str, list[str]] = {}
        for part in filter(None, re.split(r"[;；\s]+", row.get(_STAGES_OF, ""))):
            kind, colon, said = part.replace(":", "：").partition("：")
            stages = [name for name in re.split(r"[、,，]+", said) if name]
            if not colon or not stages or any(name not in _STAGES for name in stages):
                self._wrong(
                    number,
                    f"{_STAGES_OF}：应写成“责令停产停业：情节严重”，情形只能是{'、'.join(_STAGES)}",
                )
                continue
            found[kind] = [_STAGES[name] for name in stages]
        return found

    def _wrong(self, number: int, text: str) -> None:
        self.errors.append((number, text))
        self.drafts[-1].broken = True


def read(data: bytes) -> dict[int, Violation]:
    """The entries of a table in CSV, by the row in which each begins.

    Raises RowsWrong with everything that is wrong.
    """
    try:
        header, lines = rows_of(data)
    except Unreadable as error:
        raise RowsWrong([(1, str(error))]) from None
    if unknown := [name for name in header if name and name not in COLUMNS]:
        raise RowsWrong([(1, f"没有这些列：{'、'.join(unknown)}")])
    if missing := [name for name in ("代码", "案由") if name not in header]:
        raise RowsWrong([(1, f"缺少列：{'、'.join(missing)}（可先下载现行案由表作为样表）")])
    if twice := [name for name in dict.fromkeys(header) if name and header.count(name) > 1]:
        raise RowsWrong([(1, f"列名重复：{'、'.join(twice)}")])
    reading = _Reading()
    for number, cells in enumerate(lines, 2):
        row = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
        if any(cells[len(header) :]):
            reading.errors.append((number, "列数多于表头"))
        elif "" in row:
            reading.errors.append((number, f"第 {header.index('') + 1} 列有内容，没有列名"))
        elif found := unkept("".join(cells)):
            reading.errors.append((number, f"含有不能存档的控制字符（{found}）"))
        elif row:
            reading.take(number, row)
    return reading.entries()


def as_told(one: Violation) -> Violation:
    """An entry as the table tells it: without what the table has no column for."""
    return next(iter(read(write([one]).encode()).values()))


def write(violations: Iterable[Violation]) -> str:
    """The entries as `read` takes them, for a spreadsheet to open."""
    rows: list[dict[str, str]] = []
    for violation in violations:
        first, *more = [_cells(band) for band in violation.fines] or [{}]
        row: dict[str, str] = {column: getattr(violation, name) for column, name in _TEXTS.items()}
        row |= {
            column: "是" if getattr(violation, name) else "否" for column, name in _FLAGS.items()
        }
        row |= {"代码": violation.code, "处罚种类": "、".join(violation.penalties)}
        row[_MARK] = next(label for label, mark in _MARKS.items() if mark == violation.mark)
        row[_STAGES_OF] = "；".join(
            f"{kind}：{'、'.join(_stage_label(stage) for stage in stages)}"
            for kind, stages in violation.stages.items()
        )
        steps = {step.weight: step for step in violation.discretion}
        row |= {
            column: steps[weight].when for column, weight in _WEIGHTS.items() if weight in steps
        }
        if steps:
            row["裁量情形"] = _stage_label(next(iter(steps.values())).stage)
        rows += [{**row, **first}, *more]
    return table(COLUMNS, ([row.get(column, "") for column in COLUMNS] for row in rows))


def _stage_label(stage: str) -> str:
    return next(label for label, name in _STAGES.items() if name == stage)


def _cells(band: FineBand) -> dict[str, str]:
    cells = {"情形": _stage_label(band.stage), "情形说明": band.when, _ALSO: "、".join(band.also)}
    said = band.model_dump(exclude_defaults=True)
    return cells | {column: f"{said[name]:f}" for column, name in _BAND.items() if name in said}


def _in_columns(told: str) -> str:
    """What is wrong, with columns for the names of fields."""
    text = _FIELDS.sub("", told.partition("有误：")[2] or told)
    names = {name: column for column, name in {**_TEXTS, **_FLAGS, **_BAND}.items()}
    names |= {
        "stages": _STAGES_OF,
        "penalties": "处罚种类",
        "key": "代码",
        "fines": "罚款幅度",
        "discretion": "裁量基准",
    }
    parts = []
    for part in text.split("；"):
        where, colon, what = part.partition("：")
        root = where.split(".")[0]
        parts.append(f"{names[root]}：{what}" if colon and root in names else part)
    return "；".join(parts)
