"""Judging the input of a step by the JSON Schema that its version carries.

Each text is brought into one form first (`casework.common.texts`), by what its field is: a pattern
or a date marks a code, anything else is read. So the schema judges what is kept, and no version's
schema has to know how people type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from json import dumps, loads
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from casework.common import phones, texts
from casework.common.codes import CodeMalformed
from casework.common.problems import BadInput, bad_field
from casework.common.timekeeping import far_off

_UNKEPT = "含有不能存档的控制字符"
_FORMATS = FormatChecker()
_NOTHING: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}


@_FORMATS.checks("date")
def _is_day(value: object) -> bool:
    # Python also reads 20260105 and 2026-W02-1, which nobody else does.
    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def judged(
    schema: Mapping[str, Any] | None, given: Any, *, what: str, today: date | None = None
) -> dict[str, Any]:
    """The input as it is kept: each text in one form, with defaults filled in. What somebody has
    filled in is judged with `today`: its days must be such as people can mean.

    Raises BadInput naming each field that is wrong and why, in Chinese.
    """
    used = schema or _NOTHING
    given = tidied(used, given, what=what)
    if not isinstance(given, dict):
        raise BadInput(f"{what}：应提交一组填写项", [{"field": "", "text": "应为对象"}])
    filled: dict[str, Any] = _with_defaults(used, given, used.get("$defs", {}))
    found = sorted(
        _validator(dumps(used)).iter_errors(filled), key=lambda e: list(map(str, e.path))
    )
    if found:
        raise _wrong(what, [_said(used, error) for error in found])
    if today and (far := list(_far_off(used, filled, used.get("$defs", {}), today, ()))):
        raise _wrong(what, [_at(used, path, text) for path, text in far])
    return filled


def tidied(schema: Mapping[str, Any] | None, given: Any, *, what: str) -> Any:
    """What was given with each of its texts in one form; doing it twice changes nothing more.

    Raises BadInput for a character or a number that cannot be kept, naming each field.
    """
    used = schema or _NOTHING
    tidy = _tidied(used, given, used.get("$defs", {}))
    if unkept := list(_unkept(tidy, ())):
        raise _wrong(what, [_at(used, path, text) for path, text in unkept])
    return tidy


def typed(field: str, label: str, text: str, *, most: int) -> str:
    """What was typed into one field that must be filled in, as it is kept; a break is a blank.

    Raises BadInput if nothing can be read in it, it is longer than `most`, or cannot be kept.
    """
    said = texts.line(text)
    if not said:
        raise bad_field(field, label, "必须填写")
    if len(said) > most:
        raise bad_field(field, label, f"应不超过{most}个字")
    if found := texts.unkept(said):
        raise bad_field(field, label, f"{_UNKEPT}（{found}），请删除后重新填写")
    return said


def near(field: str, label: str, day: date | None, today: date) -> None:
    """Raise BadInput for a day that nobody can mean, whatever it is of (`timekeeping.far_off`)."""
    if day is not None and (text := far_off(day, today)):
        raise bad_field(field, label, text)


def _wrong(what: str, errors: list[dict[str, str]]) -> BadInput:
    listed = "；".join(
        f"{error['label'] or error['field'] or '整体'}：{error['text']}" for error in errors
    )
    return BadInput(f"{what}填写有误：{listed}", errors)


def _pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    """As everywhere in JSON Schema, but a digit is an ASCII digit; and a telephone number is one
    that can be called."""
    if not isinstance(instance, str):
        return
    if not re.search(pattern, instance, re.ASCII) or (
        pattern == phones.PATTERN and _phone(instance) is None
    ):
        yield ValidationError("pattern")


_Judge: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    return _Judge(loads(text), format_checker=_FORMATS)


def _tidied(schema: Mapping[str, Any], given: Any, parts: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, parts)
    if isinstance(given, str):
        return _text(schema, given)
    if isinstance(given, list):
        items = schema.get("items", {})
        return [_tidied(items, item, parts) for item in given]
    if isinstance(given, dict):
        fields = schema.get("properties", {})
        return {name: _tidied(fields.get(name, {}), item, parts) for name, item in given.items()}
    return given


def _text(schema: Mapping[str, Any], given: str) -> str:
    if schema.get("pattern") == phones.PATTERN:
        return _phone(given) or texts.token(given)
    if "pattern" in schema or schema.get("format") == "date":
        return texts.token(given)
    return texts.tidy(given)


def _phone(text: str) -> str | None:
    try:
        return phones.canonical(text)
    except CodeMalformed:
        return None


def _resolved(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a schema with its reference followed, and without its alternative null."""
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    real = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(real[0], parts) if len(real) == 1 else schema


def _unkept(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something stands that cannot be kept, and what is to be done."""
    if isinstance(value, str):
        if found := texts.unkept(value):
            yield path, f"{_UNKEPT}（{found}），请删除后重新填写"
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "数字应为有限的数，请重新填写"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if texts.unkept(name):
                yield path, "填写项的名称含有控制字符"
            else:
                yield from _unkept(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unkept(item, (*path, str(number)))


def _far_off(
    schema: Mapping[str, Any],
    value: Any,
    parts: Mapping[str, Any],
    today: date,
    path: tuple[str, ...],
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The days in what the schema found right that nobody can mean."""
    schema = _resolved(schema, parts)
    if isinstance(value, str) and schema.get("format") == "date":
        if text := far_off(date.fromisoformat(value), today):
            yield path, text
    elif isinstance(value, dict):
        for name, item in value.items():
            field = schema.get("properties", {}).get(name, {})
            yield from _far_off(field, item, parts, today, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            items = schema.get("items", {})
            yield from _far_off(items, item, parts, today, (*path, str(number)))


def _at(schema: Mapping[str, Any], path: tuple[str, ...], text: str) -> dict[str, str]:
    """What is wrong with the field at a path, beside its label."""
    return {"field": ".".join(path), "label": _label(schema, list(path)), "text": text}


def _with_defaults(schema: Mapping[str, Any], given: Any, parts: Mapping[str, Any]) -> Any:
    """What was given with the defaults of its schema, at every depth; misfits stay as they are."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(given, list) and "items" in schema:
        return [_with_defaults(schema["items"], item, parts) for item in given]
    if not isinstance(given, dict):
        return given
    fields = schema.get("properties", {})
    absent = {
        name: field["default"]
        for name, field in fields.items()
        if "default" in field and name not in given
    }
    said = {
        name: _with_defaults(fields[name], value, parts) if name in fields else value
        for name, value in given.items()
    }
    return {**said, **absent}


def _said(schema: Mapping[str, Any], error: ValidationError) -> dict[str, str]:
    """What a schema has against an input, in Chinese, beside the label of its field."""
    path = [str(part) for part in error.absolute_path]
    field = ".".join(path)
    label = _label(schema, path)
    rule = str(error.validator)
    limit: Any = error.validator_value
    part: Any = error.schema
    instance: Any = error.instance
    if rule == "required":
        missing = re.match(r"'(.+?)' is a required", error.message)
        name = missing[1] if missing else ""
        field = ".".join([*path, name])
        label, text = _label(schema, [*path, name]) or name, "必须填写"
    elif rule == "additionalProperties":
        unknown = sorted(set(instance) - set(part.get("properties", {})))
        field = ".".join([*path, *unknown[:1]])
        text = f"不认识的填写项：{'、'.join(unknown)}"
    else:
        text = _TEXTS.get(rule, "不符合要求").format(limit=limit)
        if rule == "minLength" and limit == 1:
            text = "不能为空"
        elif rule == "enum":
            text = f"应为以下之一：{'、'.join(map(str, limit))}"
        elif rule in ("type", "format"):
            text = _KINDS.get(limit, text)
        elif rule == "pattern" and limit == phones.PATTERN:
            text = phones.MALFORMED
    return {"field": field, "label": label, "text": text}


_KINDS = {
    "integer": "应为整数",
    "number": "应为数字",
    "string": "应为文字",
    "boolean": "应为是或否",
    "array": "应为清单",
    "date": "应为日期，如 2026-01-05",
}
_TEXTS = {
    "type": "类型不对",
    "anyOf": "类型或格式不对",
    "const": "必须确认后才能继续",
    "minLength": "至少 {limit} 个字",
    "maxLength": "不能超过 {limit} 个字",
    "minItems": "至少 {limit} 项",
    "maxItems": "不能超过 {limit} 项",
    "uniqueItems": "不能重复",
    "minimum": "不能小于 {limit}",
    "maximum": "不能大于 {limit}",
    "exclusiveMinimum": "必须大于 {limit}",
    "pattern": "格式不对",
}


def _label(schema: Mapping[str, Any], path: list[str]) -> str:
    """The title of the innermost field on the path."""
    at: Mapping[str, Any] = schema
    label = ""
    for part in path:
        at = _resolved(at, schema.get("$defs", {}))
        at = at.get("items", {}) if part.isdecimal() else at.get("properties", {}).get(part, {})
        label = at.get("title", label)
    return label
