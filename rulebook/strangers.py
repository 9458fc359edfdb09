"""Names that one rule uses of another (规则之间的引用): those that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rulebook.models import Edition

_LIMIT = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)+)\}")
# Values of keys may hold patterns with braces of their own.
_OWN_BRACES = ("key",)


@dataclass(frozen=True)
class Stranger:
    """A name that no rule bears: in which `file` of this room, in which rule (`kind key`), and of
    which kind of rule (`limit`, `place_kind`, `matter`, `violation`, `credit_item`) it should be.
    """

    file: str
    rule: str
    of: str
    name: str


def strangers(editions: Iterable[Edition]) -> Iterator[Stranger]:
    """Every name in these editions that should be another rule's and is not."""
    known: dict[str, set[str]] = {}
    all_of_them = tuple(editions)
    for edition in all_of_them:
        known.setdefault(edition.kind, set()).add(edition.key)
    for edition in all_of_them:
        for of, name in dict.fromkeys(_names(edition)):
            if name not in known.get(of, ()):
                yield Stranger(edition.source, f"{edition.kind} {edition.key}", of, name)


def _names(edition: Edition) -> Iterator[tuple[str, str]]:
    for field, value in _fields(edition.content):
        if field == "applies_to":
            yield from (("place_kind", text) for text in _texts(value))
        elif field == "matter":
            yield from (("matter", text) for text in _texts(value) if text)
        elif field == "violations":
            yield from (("violation", text) for text in _texts(value))
        elif field in ("kinds", "veto") and edition.kind == "rating_table":
            yield from (("credit_item", text) for text in _texts(value))
        if isinstance(value, str) and edition.kind not in _OWN_BRACES:
            yield from (("limit", found) for found in _LIMIT.findall(value))


def _fields(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value at every depth, under the name of the field that it stands in."""
    yield name, value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _fields(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            if not isinstance(inner, str):
                yield from _fields(inner, name)
            else:
                yield "", inner


def _texts(value: Any) -> Collection[str]:
    return (value,) if isinstance(value, str) else value if isinstance(value, list) else ()
