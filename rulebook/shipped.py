"""The editions that come with the program: the files of this folder and the decreed calendars.

They are what a new database is filled with; the engine reads the database, never these files.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from rulebook.calendars import decreed_years
from rulebook.models import Edition, RulebookError, parse_content

__all__ = [
    "Edition",
    "RulebookError",
    "read_file",
    "read_text",
    "refuse_overlaps",
    "shipped_editions",
]

RULES = Path(__file__).resolve().parent


@cache
def shipped_editions() -> tuple[Edition, ...]:
    """Every shipped edition, validated, in the order of the files and their entries.

    A year that has been decreed needs no provisional calendar, so that one is left out.
    Raises RulebookError naming file and entry when a rule is wrong or two editions of one rule
    hold in the same place on the same day.
    """
    decreed = decreed_years()
    settled = {edition.valid_from.year for edition in decreed}
    editions = decreed + [
        edition
        for file in sorted(RULES.rglob("*.toml"))
        for edition in read_file(file)
        if not (edition.kind == "calendar" and edition.valid_from.year in settled)
    ]
    refuse_overlaps(editions)
    return tuple(editions)


def read_file(file: Path) -> list[Edition]:
    """The editions of one data file.

    Each table array is named after the kind of its entries; `scope`, `valid_from` and `valid_to`
    of an entry date it, the rest is the rule. Raises RulebookError naming file and entry.
    """
    name = file.relative_to(RULES).as_posix() if file.is_relative_to(RULES) else file.name
    return read_text(file.read_text(encoding="utf-8"), name)


def read_text(text: str, name: str) -> list[Edition]:
    """The editions in the text of a data file, which errors call by `name`. Raises RulebookError
    naming that and the entry."""
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{name}：不是正确的 TOML：{error}") from None
    editions = []
    for kind, entries in tables.items():
        if not isinstance(entries, list):
            raise RulebookError(f"{name}：“{kind}”应写成 [[{kind}]]")
        for number, entry in enumerate(entries, 1):
            try:
                editions.append(_edition(kind, dict(entry), name))
            except RulebookError as error:
                raise RulebookError(f"{name} 第 {number} 个 [[{kind}]]：{error}") from None
    return editions


def _edition(kind: str, entry: dict[str, Any], source: str) -> Edition:
    """The edition that an entry is, dated and placed. Raises RulebookError."""
    scope = entry.pop("scope", None)
    first = entry.pop("valid_from", None)
    last = entry.pop("valid_to", None)
    title = f"“{entry.get('key', '（无 key）')}”"
    if not isinstance(first, date):
        raise RulebookError(f"{title}缺少生效日期 valid_from")
    if last is not None and (not isinstance(last, date) or last < first):
        raise RulebookError(f"{title}的失效日期 valid_to 不是生效日期以后的日期")
    if scope is not None and not (isinstance(scope, str) and re.fullmatch("[0-9]{6}", scope)):
        raise RulebookError(f"{title}的适用地区 scope 应为六位行政区划代码")
    return Edition.of(kind, parse_content(kind, entry), scope, first, last, source)


def refuse_overlaps(editions: list[Edition]) -> None:
    """Raises RulebookError where two editions of one rule hold in one place on the same day.

    Two at once would leave it to chance which one a case is judged by.
    """
    rules: dict[tuple[str, str, str | None], list[Edition]] = defaultdict(list)
    for edition in editions:
        rules[edition.kind, edition.key, edition.scope].append(edition)
    for same in rules.values():
        for earlier, later in pairwise(sorted(same, key=lambda edition: edition.valid_from)):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise RulebookError(
                    f"{later.source}：“{later.kind} {later.key}”自 {later.valid_from} 起的规定"
                    f"与 {earlier.source} 中自 {earlier.valid_from} 起的规定重叠"
                )
