"""Which fields `rulebook/redaction.toml` calls personal data: each is a text of some form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from rulebook.shipped import RULES
from state_machines.processes import PROCESSES

_RULES = tomllib.loads((RULES / "redaction.toml").read_text(encoding="utf-8"))["key"]
_NAMED: dict[str, str] = {
    name: label for rule in _RULES if isinstance(rule["value"], dict)
    for name, label in rule["value"].items()
}  # fmt: skip


def _fields(schema: Any) -> Iterator[tuple[str, Any]]:
    """Each field of a form, also of what it lists, with its schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for inner in schema.values():
            yield from _fields(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _fields(inner)


_FIELDS = [
    (step, name, schema)
    for process in PROCESSES.values()
    for step, form in (
        ("apply", process.form),
        *((one.name, one.form) for one in process.every_step),
    )
    for name, schema in _fields(form or {})
]


@pytest.mark.parametrize("named", _NAMED)
def test_each_is_a_text_that_somebody_writes(named: str) -> None:
    step, _, field = named.rpartition(".")
    found = [
        (at, schema)
        for at, name, schema in _FIELDS
        if name == field and (at == step if step else not _NAMED.keys() & {f"{at}.{name}"})
    ]
    assert found, "no form has it"
    for at, schema in found:
        assert schema.get("type") == "string", f"{at}: what is chosen from a list is no person's"
        assert "enum" not in schema
