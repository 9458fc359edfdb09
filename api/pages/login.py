"""Logging in and out (登录、退出)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.pages.site import SESSION_COOKIE, Anybody, AnybodyPosting, MemberPosting, go
from casework import accounts
from casework.problems import LoginRefused, TooMany

router = APIRouter()

_DEMO_ACCOUNTS = (
    ("applicant", "申请人：宾馆"),
    ("applicant2", "申请人：浴场"),
    ("window", "窗口人员"),
    ("reviewer", "审查员"),
    ("approver", "机关负责人"),
    ("inspector1", "执法人员一"),
    ("inspector2", "执法人员二"),
    ("legal", "法制审核员"),
    ("supervisor", "督办人员"),
    ("window_b", "另一区的窗口人员"),
)


@router.get("/login")
def ask(visit: Anybody) -> Response:
    if visit.actor:
        return go("/")
    return _form(visit, wanted=visit.request.query_params.get("next", ""))


@router.post("/login")
def enter(visit: AnybodyPosting) -> Response:
    name, password = visit.posted.text("username"), visit.posted.secret_text("password")
    try:
        with visit.office.database.session() as session:
            token, _ = accounts.log_in(session, name, password, visit.now)
    except (LoginRefused, TooMany) as problem:
        wanted = visit.posted.text("next")
        return _form(visit, wanted, name, problem.detail, problem.status)
    return visit.log_in_as(token)


@router.post("/logout")
def leave(visit: MemberPosting) -> Response:
    with visit.office.database.session() as session:
        accounts.log_out(session, visit.token)
    response: RedirectResponse = go("/login", "out")
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def _form(
    visit: Anybody, wanted: str = "", username: str = "", error: str = "", status: int = 200
) -> Response:
    return visit.page(
        "login.html",
        status=status,
        wanted=wanted,
        username=username,
        error=error,
        demo_accounts=_DEMO_ACCOUNTS if visit.demo else (),
    )
