"""Judging the input of a step by the JSON Schema that its version carries."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from json import dumps, loads
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from casework.problems import BadInput

# What neither XML 1.0 nor PostgreSQL text can hold: such a character is a fault of the sender.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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


def judged(schema: Mapping[str, Any] | None, given: Any, *, what: str) -> dict[str, Any]:
    """The input with defaults filled in.

    Raises BadInput naming each field that is wrong and why, in Chinese.
    """
    if not isinstance(given, dict):
        raise BadInput(f"{what}：应提交一组填写项", [{"field": "", "text": "应为对象"}])
    _refuse_forbidden(given, what)
    used = schema or _NOTHING
    filled: dict[str, Any] = _with_defaults(used, given, used.get("$defs", {}))
    found = sorted(
        _validator(dumps(used)).iter_errors(filled), key=lambda e: list(map(str, e.path))
    )
    if found:
        errors = [_said(used, error) for error in found]
        listed = "；".join(
            f"{error['label'] or error['field'] or '整体'}：{error['text']}" for error in errors
        )
        raise BadInput(f"{what}填写有误：{listed}", errors)
    return filled


@lru_cache(maxsize=256)
def _validator(text: str) -> Draft202012Validator:
    return Draft202012Validator(loads(text), format_checker=_FORMATS)


def _refuse_forbidden(value: Any, what: str) -> None:
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise BadInput(f"{what}：含有不能存档的控制字符，请删除后重新填写")
    elif isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{what}：数字应为有限的数，请重新填写")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_forbidden(key, what)
            _refuse_forbidden(item, what)
    elif isinstance(value, list):
        for item in value:
            _refuse_forbidden(item, what)


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
        if "$ref" in at:
            at = schema["$defs"][at["$ref"].rsplit("/", 1)[1]]
        at = at.get("items", {}) if part.isdigit() else at.get("properties", {}).get(part, {})
        label = at.get("title", label)
    return label
