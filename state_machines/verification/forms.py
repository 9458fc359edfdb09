"""Forms: which fields a step's input has, and that automatic steps need none nobody fills in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from state_machines.language.vocabulary import JsonObject, Process, Role
from state_machines.verification.findings import OPENING, Finding
from state_machines.verification.lines import by_person, lines


@dataclass(frozen=True)
class Field:
    """A field of a form. `always`: it is required or has a default other than null."""

    schema: JsonObject
    always: bool


def form_named(process: Process, name: str) -> JsonObject | None:
    """The form whose input stands under `name`: a step's, or the opening one. None if neither."""
    if name == OPENING:
        return process.form
    try:
        return process.step(name).form
    except KeyError:
        return None


def required(form: JsonObject | None) -> tuple[str, ...]:
    """The fields without which the form is refused."""
    return tuple(form.get("required", ())) if form else ()


def field_of(form: JsonObject | None, path: str) -> Field | None:
    """Follow a dotted path such as `items[].what` into a form; None where it leads nowhere."""
    schema = form
    always = True
    for part in path.replace("[]", ".[]").split("."):
        if schema is None:
            return None
        schema, given = _into(form or {}, schema, part)
        always = always and given
    return None if schema is None else Field(schema, always)


def _into(form: JsonObject, schema: JsonObject, part: str) -> tuple[JsonObject | None, bool]:
    """The schema of one part of a form, None if it has none, and whether it is always given."""
    if part == "[]":
        items = schema.get("items")
        return (_resolved(form, items) if isinstance(items, Mapping) else None), True
    inner = schema.get("properties", {}).get(part)
    if inner is None:
        return None, False
    given = part in schema.get("required", ()) or inner.get("default") is not None
    return _resolved(form, inner), given


def _resolved(form: JsonObject, schema: JsonObject) -> JsonObject:
    """A schema with its reference followed and, where it may also be null, its other branch."""
    branches = [b for b in schema.get("anyOf", ()) if b.get("type") != "null"]
    if len(branches) == 1:
        return _resolved(form, branches[0])
    if "$ref" in schema:
        named: dict[str, Any] = form["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return _resolved(form, named)
    return schema


def limits_of(process: Process, limit: str | None) -> list[str]:
    """Every key that a clock may be counted by: one, or one for each choice of the field that it
    holds in braces. A field that is no such choice leaves the key as it is, which no rulebook has.
    """
    chosen = re.search(r"\{(\w+)\.(\w+)\}", limit or "")
    if limit is None or chosen is None:
        return [] if limit is None else [limit]
    field = field_of(form_named(process, chosen[1]), chosen[2])
    choices = field.schema.get("enum", ()) if field and field.always else ()
    return [limit.replace(chosen[0], choice) for choice in choices] or [limit]


def unfit(source: JsonObject, target: JsonObject) -> str | None:
    """Say why a value that `source` allows may be refused by `target`; None if it never is."""
    for key in ("type", "format", "pattern"):
        if key in target and source.get(key) != target[key]:
            return f"{key} {target[key]!r} is wanted, not {source.get(key)!r}"
    choices = source.get("enum")
    if "enum" in target and not set(choices or (None,)) <= set(target["enum"]):
        return "only some values are allowed"
    longest = max(map(len, choices)) if choices else source.get("maxLength", float("inf"))
    shortest = min(map(len, choices)) if choices else source.get("minLength", 0)
    if longest > target.get("maxLength", float("inf")):
        return f"at most {target['maxLength']} characters are allowed"
    if shortest < target.get("minLength", 0):
        return "it may be empty"
    return None


def check_forms(process: Process) -> Iterator[Finding]:
    """Find steps of clocks and tracks that want input, and guards that ask for input never given.

    Steps of related cases get theirs from the effect that moves them (see `relations`).
    """
    for line in lines(process):
        for step in line.steps:
            unasked = Role.TIMER in step.by or Role.JOIN in step.by
            if unasked and required(step.form):
                yield Finding(
                    process.key,
                    "form_nobody_fills",
                    f"step {step.name} is taken by itself, but its form asks for "
                    f"{', '.join(required(step.form))}",
                )
            blind = [g.key for g in step.guards if g.needs_input]
            if blind and (step.form is None or (unasked and not by_person(step))):
                yield Finding(
                    process.key,
                    "guard_without_input",
                    f"guard {', '.join(blind)} of step {step.name} judges its input; it has none",
                )
