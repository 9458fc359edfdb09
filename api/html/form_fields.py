"""Forms from JSON Schema (由模式生成表单): its fields, and what was posted as its input.

A field is named by its path in the input, `items.0.what`, which is also how errors name it. Forms
work without scripts: rows are numbered, blank ones are dropped, and a button asks for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casework.common.texts import tidy, token

Values = Mapping[str, Sequence[str]]
"""What stands in a form, by name: as posted, or as `standing` spreads an input."""

MORE = "_more"
"""The button that asks for one more row; its value names the field."""

_LONG = 500  # from so many characters on, a text is given several lines
_YES, _NO = "true", "false"


@dataclass(frozen=True)
class Option:
    """One choice; options of one `group` stand together."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Guide:
    """What a page knows of a form beyond its schema. `*` stands for any row in the keys.

    `begin` is the input to begin with; `options` are choices, `hints` help. `fixed` fields are
    shown and sent, not typed, those `left_out` not at all. `offered` rows count only once they are
    ticked. Lists that are `whole` take no further row.
    """

    begin: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    offered: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    note: str = ""

    def choices(self, name: str) -> Sequence[Option]:
        """What a field chooses from: said for this very row, or for every row."""
        return self.options.get(name) or self.options.get(_pattern(name), ())


@dataclass(frozen=True)
class Field:
    """One field as a page shows it.

    `kind`: text, long, date, number, confirm, yes_no, select, ticks, rows or fixed; rows may take
    `more` of them.
    """

    name: str
    title: str
    kind: str
    required: bool
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    hint: str = ""
    error: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    more: bool = False

    @property
    def value(self) -> str:
        """What stands in it, if it holds one thing."""
        return self.values[0] if self.values else ""

    @property
    def shown(self) -> str:
        """The value as it is read: a choice by its label."""
        return next((o.label for o in self.options if o.value == self.value), self.value)


@dataclass(frozen=True)
class Row:
    """One row of a list. `mark`: offered (with a tick box), given, or empty for one to fill in."""

    name: str
    fields: tuple[Field, ...]
    mark: str = ""
    picked: bool = False


def fields(
    schema: Mapping[str, Any] | None,
    values: Values,
    guide: Guide,
    errors: Mapping[str, str] | None = None,
    *,
    more: str = "",
) -> tuple[Field, ...]:
    """The fields of a form with what stands in them; `more` names a list to give another row."""
    if schema is None:
        return ()
    form = _Form(schema, values, guide, errors or {}, more)
    return form.object_fields(schema, "")


def standing(data: Mapping[str, Any], guide: Guide | None = None) -> dict[str, list[str]]:
    """An input spread over the names of its form, with the rows that `guide` offers."""
    values: dict[str, list[str]] = {}
    _spread(data, "", values)
    for name, rows in (guide.offered if guide else {}).items():
        for number, row in enumerate(rows):
            _spread(row, f"{name}.{number}", values)
            values[f"{name}.{number}._mark"] = ["offered"]
    for pattern in guide.fixed if guide else ():
        name, _, rest = pattern.partition(".*.")
        for number in range(len(data.get(name, ())) if rest else 0):
            values[f"{name}.{number}._mark"] = ["given"]
    return values


def read(
    schema: Mapping[str, Any] | None, values: Values, guide: Guide
) -> tuple[dict[str, Any], dict[str, str]]:
    """The input that was posted, and under which names its rows stood in the form."""
    names: dict[str, str] = {}
    if schema is None:
        return {}, names
    reader = _Reader(schema, values, guide, names)
    return reader.object_of(schema, ""), names


def placed(errors: Iterable[Mapping[str, str]], names: Mapping[str, str]) -> dict[str, str]:
    """Errors of an input, by the names their fields bore in the form."""
    found: dict[str, str] = {}
    for error in errors:
        found.setdefault(place(error["field"], names), error["text"])
    return found


def place(path: str, names: Mapping[str, str]) -> str:
    """Under which name the field at a path of the input stood in the form."""
    row = re.match(r"(\w+\.\d+)(.*)", path)
    return names[row[1]] + row[2] if row and row[1] in names else path


def resolved(root: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a schema with its reference followed; its own title and default win."""
    if "$ref" in part:
        return {**root["$defs"][part["$ref"].rsplit("/", 1)[1]], **part}
    if "anyOf" in part:
        real = next(p for p in part["anyOf"] if p.get("type") != "null")
        return {**resolved(root, real), **part}
    return part


def _spread(value: Any, name: str, values: dict[str, list[str]]) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _spread(item, f"{name}.{key}" if name else key, values)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _spread(item, f"{name}.{number}", values)
        if not any(isinstance(item, Mapping) for item in value):
            values[name] = [str(item) for item in value]
    elif isinstance(value, bool):
        values[name] = [_YES if value else _NO]
    elif value is not None:
        values[name] = [str(value)]


def _rows_in(values: Values, name: str) -> list[int]:
    begins = re.compile(re.escape(name) + r"\.(\d{1,3})(?:\.|$)")
    return sorted({int(found[1]) for key in values if (found := begins.match(key))})


def _pattern(name: str) -> str:
    return re.sub(r"\.\d+", ".*", name)


def _text(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "")


@dataclass(frozen=True)
class _Form:
    root: Mapping[str, Any]
    values: Values
    guide: Guide
    errors: Mapping[str, str]
    more: str

    def object_fields(
        self, schema: Mapping[str, Any], prefix: str, *, spare: bool = False, mark: str = ""
    ) -> tuple[Field, ...]:
        needed = set() if spare else set(schema.get("required", ()))
        return tuple(
            self.one(f"{prefix}{name}", self.hinted(part), name in needed, mark)
            for name, part in schema.get("properties", {}).items()
            if f"{prefix}{name}" not in self.guide.left_out and not part.get("readOnly")
        )

    def hinted(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """A field's schema with what its form says of how to fill it in: its own `description`,
        not that of what it refers to, and before what a page says of fields of that name."""
        found = resolved(self.root, part)
        return {**found, "hint": part["description"]} if "description" in part else found

    def one(self, name: str, part: Mapping[str, Any], required: bool, mark: str = "") -> Field:
        pattern = _pattern(name)
        options = _options(self.root, self.guide, name, part)
        kind = _kind(part, options)
        if pattern in self.guide.fixed:
            # In a row of one's own there is nothing given to choose: it is typed.
            kind = "fixed" if mark or "*" not in pattern else _kind(part, ())
        found = Field(
            name=name,
            title=part.get("title", ""),
            kind=kind,
            required=required,
            values=tuple(self.values.get(name, ())) or _default(part),
            options=options,
            hint=part.get("hint") or self.guide.hints.get(pattern, ""),
            error=self.errors.get(name, ""),
            schema=part,
        )
        if kind != "rows":
            return found
        return replace(found, rows=self.rows(name, part), more=name not in self.guide.whole)

    def rows(self, name: str, part: Mapping[str, Any]) -> tuple[Row, ...]:
        item = resolved(self.root, part["items"])
        needed = part.get("minItems", 0)
        numbers = _rows_in(self.values, name) or list(range(max(1, needed)))
        if self.more == name:
            numbers.append(numbers[-1] + 1)
        return tuple(
            self.row(
                f"{name}.{number}",
                item,
                part,
                spare=place >= needed and self.blank(f"{name}.{number}"),
            )
            for place, number in enumerate(numbers)
        )

    def blank(self, row: str) -> bool:
        return not any(
            tidy(text)
            for name, texts in self.values.items()
            if name == row or name.startswith(f"{row}.")
            for text in texts
        )

    def row(self, name: str, item: Mapping[str, Any], whole: Any, *, spare: bool) -> Row:
        mark = _text(self.values, f"{name}._mark")
        if "properties" not in item:
            titled = {**item, "title": whole.get("title", "")}
            return Row(name, (self.one(name, titled, not spare),))
        optional = spare or mark == "offered"
        parts = self.object_fields(item, f"{name}.", spare=optional, mark=mark)
        return Row(name, parts, mark, picked=bool(_text(self.values, f"{name}._pick")))


@dataclass(frozen=True)
class _Reader:
    root: Mapping[str, Any]
    values: Values
    guide: Guide
    names: dict[str, str]

    def object_of(self, schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        found = {}
        for name, raw in schema.get("properties", {}).items():
            given = self.one(f"{prefix}{name}", resolved(self.root, raw))
            if given is not None:
                found[name] = given
        return found

    def one(self, name: str, part: Mapping[str, Any]) -> Any:
        """What was posted under a name, or None if that is nothing."""
        kind = _kind(part, _options(self.root, self.guide, name, part))
        if kind == "ticks":
            return [value for value in self.values.get(name, ()) if value]
        if kind == "rows":
            return self.list_of(name, resolved(self.root, part["items"]))
        typed = _text(self.values, name).replace("\r\n", "\n")
        text = tidy(typed)
        if not text:
            return None
        if kind in ("confirm", "yes_no"):
            return {_YES: True, _NO: False}.get(text, text)
        if kind == "number" or part.get("type") in ("number", "integer"):
            return _number(text)
        return typed if kind == "long" else text

    def list_of(self, name: str, item: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        for number in _rows_in(self.values, name):
            at = f"{name}.{number}"
            given = self.row(at, item)
            if given:
                self.names[f"{name}.{len(found)}"] = at
                found.append(given)
        return found

    def row(self, at: str, item: Mapping[str, Any]) -> Any:
        if "properties" not in item:
            return self.one(at, item)
        given = self.object_of(item, f"{at}.")
        if _text(self.values, f"{at}._mark") == "offered":
            # Whoever wrote something about an offered row means it, ticked or not.
            typed = [key for key in given if _pattern(f"{at}.{key}") not in self.guide.fixed]
            return given if typed or _text(self.values, f"{at}._pick") else None
        return given


def _options(
    root: Mapping[str, Any], guide: Guide, name: str, part: Mapping[str, Any]
) -> tuple[Option, ...]:
    """What a field chooses from, by its guide or its schema; a list of such choices is ticked."""
    of = resolved(root, part["items"]) if part.get("type") == "array" else part
    return tuple(guide.choices(name)) or tuple(
        Option(str(value), str(value)) for value in of.get("enum", ())
    )


def _kind(part: Mapping[str, Any], options: Sequence[Option]) -> str:
    if part.get("type") == "array":
        return "ticks" if options else "rows"
    if part.get("const") is True:
        return "confirm"
    if part.get("type") == "boolean":
        return "yes_no"
    if options:
        return "select"
    if part.get("type") in ("number", "integer"):
        return "number"
    if part.get("format") == "date":
        return "date"
    return "long" if part.get("maxLength", 0) > _LONG else "text"


def _default(part: Mapping[str, Any]) -> tuple[str, ...]:
    given = part.get("default")
    if isinstance(given, bool):
        return (_YES if given else _NO,)
    return () if given is None or isinstance(given, list) else (str(given),)


def _number(text: str) -> int | float | str:
    """A number as it was typed, full-width digits included; else the text, for the judge to see."""
    plain = token(text)
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", plain):
        return text
    return float(plain) if "." in plain else int(plain)
