"""Judging a row of an outside table (逐行核对): what it says, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from casework.acts.journal import canonical
from casework.common.codes import (
    ID_KINDS,
    CodeMalformed,
    doubts_about,
    plain_number,
)
from casework.common.timekeeping import far_off
from casework.exchange.importing import cell_forms
from casework.exchange.importing.cell_forms import LAST_OF_DAYS, Unfit
from casework.exchange.importing.heads import Head, Place
from casework.exchange.importing.kinds import Kind

_SHOWN = 200


class Refused(Exception):
    """A row that cannot be taken; the message says all that is wrong with it, in Chinese."""


@dataclass(frozen=True)
class Record:
    """What a row says: of whom (`code_kind`, `code`, `name`), under which number, and all of it by
    the code of its column. `key` is of the party and the number, `digest` of all. `doubt` is why
    the code looks wrong; it is let stand only for a party that is registered by it."""

    code_kind: str
    code: str
    name: str
    number: str
    said: Mapping[str, str]
    key: str
    digest: str
    doubt: str


@dataclass(frozen=True)
class Judge:
    """Judges the rows of a table of a kind under its head. `largest_sum` is in yuan."""

    kind: Kind
    head: Head
    today: date
    largest_sum: Decimal

    def judged(self, cells: Sequence[str]) -> Record:
        """What a row says. Raises Refused."""
        wrong: list[str] = []
        said = self._said(cells, wrong)
        code_kind, code = _subject(self.kind, said)
        doubt = self._doubt(code_kind, code, said, wrong)
        number = next((said[name] for name in self.kind.numbers if name in said), "")
        if self.kind.numbers and not number and not _is_told(self.kind.numbers, wrong, self.kind):
            labels = "或者".join(self.kind.column(name).label for name in self.kind.numbers)
            wrong.append(f"{labels}：必须填写")
        self._judge_days(said, wrong)
        if wrong:
            raise Refused("；".join(wrong))
        name = said[f"{self.kind.prefix}XDR_MC"]
        key = _digest([self.kind.key, code, plain_number(number).casefold()])
        return Record(code_kind, code, name, number, said, key, _digest(said), doubt)

    def _said(self, cells: Sequence[str], wrong: list[str]) -> dict[str, str]:
        """What stands in the columns of the kind; adds what is wrong with a cell."""
        said = {}
        for place in self.head.places:
            cell = cells[place.at] if place.at < len(cells) else ""
            if cell_forms.is_blank(cell):
                if place.column.required:
                    wrong.append(f"{place.column.label}：必须填写（合并的单元格请先取消合并）")
                continue
            try:
                said[place.column.code] = self._read(place, cell)
            except Unfit as error:
                wrong.append(f"{place.column.label}：{error}")
        known = {place.at for place in self.head.places} | self.head.skipped
        if beside := [at + 1 for at, cell in enumerate(cells) if cell and at not in known]:
            wrong.append(f"第{beside[0]}列有内容，没有列名")
        return said

    def _read(self, place: Place, cell: str) -> str:
        if place.column.money:
            return cell_forms.sum_in(place.unit, self.largest_sum)(cell)
        return place.column.form(cell)

    def _doubt(self, code_kind: str, code: str, said: Mapping[str, str], wrong: list[str]) -> str:
        """What is doubtful about the code of the party; adds what is wrong with it."""
        names = (f"{self.kind.prefix}XDR_SHXYM", f"{self.kind.prefix}XDR_ZJHM")
        if not code:
            if not _is_told(names, wrong, self.kind):
                wrong.append("统一社会信用代码（自然人为证件号码）：必须填写")
            return ""
        try:
            doubts = doubts_about(code_kind, code)
        except CodeMalformed as error:
            wrong.append(str(error))
            return ""
        if doubts and cell_forms.is_rounded(code):
            return f"{doubts[0]}；末尾连续为0，像是被电子表格按数值取整，请对照原件重新填写"
        return "；".join(doubts)

    def _judge_days(self, said: Mapping[str, str], wrong: list[str]) -> None:
        kind = self.kind
        days = {
            column.code: date.fromisoformat(said[column.code])
            for column in kind.columns
            if column.form in (cell_forms.day, cell_forms.last_day) and column.code in said
        }
        for code, day in days.items():
            if day.isoformat() != LAST_OF_DAYS and (far := far_off(day, self.today)):
                wrong.append(f"{kind.column(code).label}：{far}")
        decided, until = days.get(kind.day), days.get(kind.until)
        if decided and decided > self.today:
            wrong.append(f"{kind.column(kind.day).label}：不能晚于今天")
        if decided and until and until < decided:
            wrong.append(f"{kind.column(kind.until).label}：不能早于{kind.column(kind.day).label}")


def shown(kind: Kind, said: Mapping[str, str]) -> str:
    """What a record is of, for a reader."""
    return next((said[code] for code in kind.label_of if code in said), "")[:_SHOWN]


def _subject(kind: Kind, said: Mapping[str, str]) -> tuple[str, str]:
    """The kind of code and the code of whom a row is about; empty if it does not say."""
    if code := said.get(f"{kind.prefix}XDR_SHXYM"):
        return "uscc", code
    wanted = said.get(f"{kind.prefix}XDR_ZJLX", "")
    id_kind = next((key for key, label in ID_KINDS.items() if label == wanted), "id")
    return id_kind, said.get(f"{kind.prefix}XDR_ZJHM", "")


def _is_told(codes: Sequence[str], wrong: Sequence[str], kind: Kind) -> bool:
    """Whether something is wrong with one of these columns already."""
    return any(text.startswith(f"{kind.column(code).label}：") for code in codes for text in wrong)


def _digest(said: object) -> str:
    return sha256(canonical(said).encode()).hexdigest()
