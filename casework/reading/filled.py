"""What was filled in, for people: each value beside the label of its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One field. `value` is a text, a number, a truth, or for a table a tuple of rows."""

    name: str
    label: str
    value: Any


def entries(schema: Mapping[str, Any] | None, given: Mapping[str, Any]) -> tuple[Entry, ...]:
    """What was given, in the order of the form and under its labels."""
    if not given:
        return ()
    return _entries(schema or {}, schema or {}, given)


def _entries(
    root: Mapping[str, Any], schema: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Entry, ...]:
    fields = schema.get("properties", {})
    ordered = [name for name in fields if name in given] + [n for n in given if n not in fields]
    return tuple(
        Entry(
            name,
            fields.get(name, {}).get("title", name),
            _shown(root, fields.get(name, {}), given[name]),
        )
        for name in ordered
    )


def _shown(root: Mapping[str, Any], field: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        item = _resolved(root, field.get("items", {}))
        return tuple(
            _entries(root, item, one) if isinstance(one, Mapping) else one for one in value
        )
    if isinstance(value, Mapping):
        return _entries(root, _resolved(root, field), value)
    return value


def _resolved(root: Mapping[str, Any], field: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in field:
        return field
    found: Mapping[str, Any] = root["$defs"][field["$ref"].rsplit("/", 1)[1]]
    return found
