"""The OpenAPI description (接口说明): what can go wrong stands beside what comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.web.errors import MEDIA_TYPE

_PARAMETER = re.compile(r"{(\w+)}")
_MEANINGS = {
    400: "请求内容不是正确的 JSON 或表单",
    401: "未登录，或登录已失效",
    403: "无权办理",
    404: "不存在，或者不是您可以查看的",
    409: "与案件现状不符，或法律规定的条件不满足（`reasons` 逐条说明，`law` 为依据）",
    413: "内容过大",
    422: "填写有误（`errors` 逐项说明）",
    429: "操作过于频繁",
    503: "数据库暂时不可用，或者所办内容正由他人办理（`Retry-After` 秒后再试），或者服务器时钟有误",
}
_PROBLEM = {
    "title": "Problem",
    "description": "错误（RFC 9457）",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "稳定的错误类型", "examples": ["guard-refused"]},
        "title": {"type": "string", "description": "中文标题"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "哪里不对、为什么"},
        "law": {"type": "string", "description": "法律依据"},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "text": {"type": "string"},
                    "law": {"type": "string"},
                },
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "label": {"type": "string"},
                    "text": {"type": "string"},
                },
            },
        },
    },
}

# Which answers name what other operations are about: the operation, the path of what it names, and
# where it names it, by the parameters of that path.
_NAMED_BY: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("open_case", "/cases/{number}", {"number": "$response.body#/number"}),
    ("cases", "/cases/{number}", {"number": "$response.body#/cases/0/number"}),
    ("notices", "/cases/{number}", {"number": "$response.body#/0/case"}),
    ("case", "/parties/{code}", {"code": "$response.body#/party/code"}),
    (
        "case",
        "/cases/{number}/documents/{document_id}",
        {"number": "$request.path.number", "document_id": "$response.body#/documents/0/id"},
    ),
    (
        "case",
        "/cases/{number}/attachments/{attachment_id}",
        {
            "number": "$request.path.number",
            "attachment_id": "$response.body#/materials/0/files/0/id",
        },
    ),
    (
        "evidence_register",
        "/cases/{number}/evidence/{n}",
        {"number": "$request.path.number", "n": "$response.body#/0/n"},
    ),
    (
        "evidence_register",
        "/cases/{number}/evidence/{n}/versions/{version}",
        {
            "number": "$request.path.number",
            "n": "$response.body#/0/n",
            "version": "$response.body#/0/version",
        },
    ),
    (
        "steps",
        "/cases/{number}/steps/{step}",
        {"number": "$request.path.number", "step": "$response.body#/0/name"},
    ),
    ("draw", "/draws/{number}", {"number": "$response.body#/number"}),
    ("drawn", "/draws/{number}", {"number": "$response.body#/0/number"}),
    ("held", "/licences/{number}", {"number": "$response.body#/0/number"}),
    ("register", "/parties/{code}", {"code": "$response.body#/code"}),
    ("mandates_of", "/mandates/{mandate}", {"mandate": "$response.body#/0/id"}),
    ("my_firms", "/parties/{code}", {"code": "$response.body#/0/code"}),
    ("processes", "/processes/{key}", {"key": "$response.body#/0/key"}),
    ("violations", "/violations/{code}", {"code": "$response.body#/violations/0/code"}),
    ("public_notices", "/consultations/{number}", {"number": "$response.body#/noticed/0/case"}),
    ("guide", "/guide/{kind}", {"kind": "$response.body#/0/key"}),
    (
        "awaiting_head",
        "/administration/delegations/{delegation}",
        {"delegation": "$response.body#/0/id"},
    ),
    ("backfills", "/backfills/{backfill}", {"backfill": "$response.body#/0/id"}),
    ("open_backfill", "/backfills/{backfill}", {"backfill": "$response.body#/id"}),
    ("staff", "/administration/posts/{post}", {"post": "$response.body#/posts/0/id"}),
    ("ways_out", "/outlets/{outlet}", {"outlet": "$response.body#/outlets/0/id"}),
    ("open_outlet", "/outlets/{outlet}", {"outlet": "$response.body#/id"}),
    ("open_desk_address", "/desk-addresses/{row}", {"row": "$response.body#/id"}),
    ("awaiting", "/violations/imports/{key}", {"key": "$response.body#/0/id"}),
    ("keep_receipt", "/publications/receipts/{receipt}", {"receipt": "$response.body#/receipt"}),
    ("lines", "/duties/{name}", {"name": "$response.body#/lines/0/duty"}),
    ("exchange_outbox", "/exchange/outbox/{push}", {"push": "$response.body#/pushes/0/id"}),
    ("lying", "/dead-letters/{message}", {"message": "$response.body#/letters/0/id"}),
)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with, for its description."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of the whole API, made once."""
    if not app.openapi_schema:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        schemas = made["components"]["schemas"]
        schemas["Problem"] = _PROBLEM
        # The framework describes its own form of 422, which no route here ever answers with.
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for route in (route for path in made["paths"].values() for route in path.values()):
            # What the house answers with before the route is asked.
            general = problems(400, 413, 503) if "requestBody" in route else problems(503)
            for status, answer in general.items():
                route["responses"].setdefault(str(status), answer)
            if "422" in route["responses"]:
                route["responses"]["422"] = problems(422)[422]
        _link(made["paths"])
        app.openapi_schema = made
    return app.openapi_schema


def _link(paths: Mapping[str, Any]) -> None:
    """Say of each answer that names something which operations go on from there."""
    routes = [(path, route) for path, methods in paths.items() for route in methods.values()]
    by_name = {route["operationId"]: route for _, route in routes}
    for name, about, parameters in _NAMED_BY:
        found = {
            route["operationId"]: {"operationId": route["operationId"], "parameters": parameters}
            for path, route in routes
            if path.startswith(f"/api/v1{about}")
            and set(_PARAMETER.findall(path)) == parameters.keys()
        }
        for status, answer in by_name[name]["responses"].items():
            if status in ("200", "201"):
                answer.setdefault("links", {}).update(found)
