"""Logging in and out (登录、退出)."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from api.pages.site import SESSION_COOKIE, Anybody, AnybodyPosting, MemberPosting, Visit, go
from casework import accounts
from casework.models import Account, Authority, Mandate, Party, Post
from casework.problems import LoginRefused
from state_machines.vocabulary import Role

router = APIRouter()
_FIRMS_SHOWN = 2  # of the many that a demo city has


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
    except LoginRefused as problem:
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
    visit: Visit, wanted: str = "", username: str = "", error: str = "", status: int = 200
) -> Response:
    return visit.page(
        "login.html",
        status=status,
        wanted=wanted,
        username=username,
        error=error,
        demo_accounts=_everybody(visit) if visit.demo else (),
    )


def _everybody(visit: Visit) -> list[tuple[str, str]]:
    """The demo's accounts, and who each of them is: all the staff, and two firms."""
    with visit.office.database.session() as session:
        staff = session.execute(
            select(Account.username, Authority.short, Post.role)
            .join(Post, Post.person_id == Account.person_id)
            .join(Authority, Post.authority_id == Authority.id)
            .order_by(Account.id, Post.id)
        )
        applicants = session.execute(
            select(Account.username, Party.name)
            .join(Mandate, Mandate.person_id == Account.person_id)
            .join(Party, Mandate.party_id == Party.id)
            .order_by(Account.id)
            .limit(_FIRMS_SHOWN)
        )
        told = [(name, f"{Role.APPLICANT.label}，{party}") for name, party in applicants]
        told += [(name, f"{Role(role).label}，{authority}") for name, authority, role in staff]
    return [
        (name, "；".join(who for _, who in group))
        for name, group in groupby(told, key=lambda one: one[0])
    ]
