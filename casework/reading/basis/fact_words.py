"""Facts in words (规则核对的事实): what guards looked at, as the log kept it, under Chinese names.

The names stand in `fact_words.toml`; what a log of an earlier release tells and this one has no
name for is shown under its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from casework.common.timekeeping import in_chinese

_FILE = Path(__file__).with_suffix(".toml")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class FactView:
    """What one fact was, under its name: each field with its value, in words."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]


@cache
def words() -> Mapping[str, Any]:
    """The names of facts, of their fields, and of codes."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def in_words(facts: Mapping[str, Any]) -> tuple[FactView, ...]:
    """The facts of a row of the log, in the order in which guards asked for them."""
    return tuple(
        FactView(name, labels.get("", name), tuple(_fields(name, labels, said)))
        for name, said in facts.items()
        for labels in (words()["facts"].get(name, {}),)
    )


def _fields(
    fact: str, labels: Mapping[str, str], said: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for field, value in said.items():
        label = labels.get(field, words()["fields"].get(field, field))
        if label:
            yield label, _value(words()["values"].get(f"{fact}.{field}", {}), value)


def _value(codes: Mapping[str, str], value: Any) -> str:
    """A value as people read it."""
    if value is None or value in ("", [], ()):
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):  # an approval: its name, and whether it stands
        return _approval(value)
    if isinstance(value, list | tuple):
        return "；".join(_value(codes, one) for one in value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return in_chinese(date.fromisoformat(value))
    return codes.get(str(value), str(value))


def _approval(said: Mapping[str, Any]) -> str:
    found = [f"{said.get('label', '')}{'有效' if said.get('stands') else '没有或者失效'}"]
    if said.get("changed"):
        found.append(f"内容不同：{'、'.join(said['changed'])}")
    if said.get("heavier"):
        found.append(f"加重：{'、'.join(said['heavier'])}")
    return "，".join(found)
