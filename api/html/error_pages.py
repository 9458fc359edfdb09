"""When a page cannot be shown (错误页面): what happened, what to do, and by which article."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.html import interrupted
from api.html.site import ForgedForm, Interrupted, Visit
from api.people import pages as accounts
from api.people.session import pages as login
from casework.common import committed
from casework.common.problems import RETRY_AFTER, Busy, NotLoggedIn, Problem

log = logging.getLogger(__name__)

_TEXTS = {
    404: ("没有这个页面", "地址可能有误，或者您没有查看的权限。"),
    405: ("不能这样打开", "请从页面上的按钮或链接进入。"),
    408: ("传输超时", "提交的内容没有在规定的时间内传完，没有保存，请检查网络后重新提交。"),
    413: ("文件过大", "单个文件不能超过 10 MB，一次收下的不能超过 30 MB，请压缩或分开后重新上传。"),
}
_OTHERWISE = ("请求无法处理", "请返回上一页重试。")


def add_to(pages: FastAPI) -> None:
    """Give the pages their errors in Chinese."""
    pages.exception_handler(NotLoggedIn)(_to_log_in)
    pages.exception_handler(Interrupted)(_interrupted)
    pages.exception_handler(Busy)(_busy)
    pages.exception_handler(OperationalError)(_no_database)
    pages.exception_handler(Problem)(_problem)
    pages.exception_handler(HTTPException)(_http)
    pages.exception_handler(RequestValidationError)(_malformed)
    pages.exception_handler(Exception)(_unexpected)


def _to_log_in(request: Request, _error: Exception) -> Response:
    asked = f"?{request.url.query}" if request.url.query else ""
    wanted = request.url.path + asked if request.method == "GET" else "/"
    return RedirectResponse(f"/login?next={quote(wanted)}", 303)


def _interrupted(request: Request, error: Interrupted) -> Response:
    visit = error.visit
    if request.url.path == "/login":
        return login.again(visit)
    if request.url.path == "/register" and not visit.actor:
        return accounts.register_form(
            visit, ForgedForm("页面已失效，请核对填写的内容，输入密码后重新提交")
        )
    try:
        return interrupted.answer(request, visit)
    except ForgedForm as problem:
        return _problem(request, problem)


def _problem(request: Request, error: Problem) -> Response:
    return _page(request, error.status, error.title, error.detail, error.law)


def _busy(request: Request, error: Busy) -> Response:
    return _try_again(request, error.title, error.detail)


def _no_database(request: Request, error: OperationalError) -> Response:
    log.error("the database cannot be reached", exc_info=error)
    return _try_again(request, "数据库暂时不可用", f"{committed.told()}；已提交的内容不会办理一半")


def _try_again(request: Request, title: str, detail: str) -> Response:
    # Who visits is not asked: the database is what there is too little of.
    text = request.app.state.site.pages.get_template("busy.html").render(
        title=title,
        detail=detail,
        sent=request.method == "POST",
        certain=committed.nothing_kept(),
    )
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    return HTMLResponse(text, 503, headers)


def _http(request: Request, error: HTTPException) -> Response:
    title, detail = _TEXTS.get(error.status_code, _OTHERWISE)
    return _page(request, error.status_code, title, detail)


def _malformed(request: Request, _error: RequestValidationError) -> Response:
    return _page(request, 422, "地址或填写有误", "请从页面上的按钮或链接进入。")


def _unexpected(request: Request, _error: Exception) -> Response:
    # Reading who visits may be the very thing that failed, so this page asks nothing.
    text = request.app.state.site.pages.get_template("broken.html").render(told=committed.told())
    return Response(text, 500, media_type="text/html; charset=utf-8")


def _page(request: Request, status: int, title: str, detail: str, law: str = "") -> Response:
    visit = Visit(request, request.app.state.site)
    return visit.page("error.html", status=status, title=title, detail=detail, law=law)
