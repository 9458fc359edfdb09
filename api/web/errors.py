"""Every error as `application/problem+json` (RFC 9457), in Chinese, with the article of law."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.web.security import HEADERS
from casework.common import committed
from casework.common.problems import RETRY_AFTER, BadInput, Busy, NotLoggedIn, Problem, TooMany

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

_HTTP = {
    400: ("malformed", "请求格式有误", "请求内容不是正确的 JSON 或表单"),
    404: ("not-found", "未找到", "没有这个地址"),
    405: ("method-not-allowed", "不支持的操作", "该地址不支持这种请求方法"),
    408: ("too-slow", "传输超时", "提交的内容没有在规定的时间内传完，没有办理任何事项，请重新提交"),
    413: ("too-large", "内容过大", "提交的内容过大：单个文件不能超过 10 MB"),
}

_WRONG = {
    "missing": "必须填写",
    "extra_forbidden": "不认识的填写项",
    "string_type": "应为文字",
    "string_unicode": "含有不能存档的字符",
    "string_too_long": "不能超过 {max_length} 个字",
    "string_too_short": "不能为空",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_parsing": "应为是或否",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "dict_type": "应为一组填写项",
    "model_attributes_type": "应为一组填写项",
    "json_invalid": "不是正确的 JSON",
    "value_error": "{error}",
    "literal_error": "只能是 {expected}",
}


def add_to(app: FastAPI) -> None:
    """Answer every error of the API as a problem."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(OperationalError)(_no_database)
    app.exception_handler(Exception)(_unexpected)


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that tells a problem."""
    said = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **({"law": problem.law} if problem.law else {}),
        **problem.extra,
    }
    headers = {}
    if isinstance(problem, NotLoggedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, TooMany):
        headers["Retry-After"] = "60"
    if isinstance(problem, Busy):
        headers["Retry-After"] = str(RETRY_AFTER)
    return JSONResponse(said, problem.status, headers, MEDIA_TYPE)


async def _problem(_request: Request, problem: Problem) -> JSONResponse:
    return problem_response(problem)


async def _malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
    wrong = [_said(one) for one in error.errors()]
    listed = "；".join(f"{one['field'] or '请求内容'}：{one['text']}" for one in wrong)
    return problem_response(BadInput(f"请求填写有误：{listed}", wrong))


def _said(error: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with one field, as the answer lists it."""
    # The first part of the path only says whether it was the body, the query or the path.
    field = ".".join(str(part) for part in error["loc"][1:] if not isinstance(part, int))
    text = _WRONG.get(error["type"], "不符合要求").format(**error.get("ctx", {}))
    return {"field": field, "label": "", "text": text}


async def _http(_request: Request, error: HTTPException) -> JSONResponse:
    kind, title, detail = _HTTP.get(
        error.status_code, ("http-error", "请求无法处理", "请求无法处理")
    )
    said = {"type": kind, "title": title, "status": error.status_code, "detail": detail}
    return JSONResponse(said, error.status_code, error.headers, MEDIA_TYPE)


def _fate() -> str:
    """What is true of what was sent, and how to make sure."""
    if committed.nothing_kept():
        return committed.told()
    return f"{committed.told()}（用同一 Idempotency-Key 原样重新发送的，只办理一次，答复相同）"


async def _no_database(_request: Request, error: Exception) -> JSONResponse:
    log.error("the database cannot be reached", exc_info=error)
    said = {
        "type": "database-unavailable",
        "title": "数据库暂时不可用",
        "status": 503,
        "detail": f"数据库暂时不可用，{_fate()}。请稍后重试；已提交的内容不会办理一半",
    }
    return JSONResponse(said, 503, {"Retry-After": "10"}, MEDIA_TYPE)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    log.error("error %s at %s %s", reference, request.method, request.url.path, exc_info=error)
    said = {
        "type": "internal-error",
        "title": "系统内部错误",
        "status": 500,
        "detail": f"系统内部错误，{_fate()}。请将编号 {reference} 告知管理员",
    }
    # This answer is made outside of all middleware, so it brings the headers itself.
    return JSONResponse(said, 500, HEADERS, MEDIA_TYPE)
