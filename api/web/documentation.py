"""The OpenAPI description (接口说明): what can go wrong stands beside what comes back."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.web.errors import MEDIA_TYPE

_MEANINGS = {
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
            route["responses"].setdefault("503", problems(503)[503])
            if "422" in route["responses"]:
                route["responses"]["422"] = problems(422)[422]
        app.openapi_schema = made
    return app.openapi_schema
