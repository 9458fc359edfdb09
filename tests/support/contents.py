"""Whether a document that was issued fills in its compulsory contents (文书必备内容)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rulebook.models import DocumentContents

_STEP = re.compile(r"([^.\[\]]+)((?:\[\])*)")


def left_empty(contents: DocumentContents, context: Mapping[str, Any]) -> Iterator[str]:
    """What of the compulsory contents a document leaves empty, by what it was filled in with."""
    for item in contents.items:
        if item.when and not _is_filled(context, item.when):
            continue
        for field in item.fields:
            if not any(_is_filled(context, name) for name in field.split("|")):
                yield f"{item.what}（{item.law}）：字段 {field} 没有内容"


def _is_filled(context: Mapping[str, Any], field: str) -> bool:
    """Whether a field has a value, and each of its values says something."""
    found = list(_values(context, field))
    return bool(found) and all(value not in ("", None, [], {}) for value in found)


def _values(context: Any, field: str) -> Iterator[Any]:
    found = [context]
    for name, listed in _STEP.findall(field):
        found = [holder.get(name) for holder in found if isinstance(holder, Mapping)]
        if listed:
            found = [item for items in found if isinstance(items, list) for item in items]
    yield from found
