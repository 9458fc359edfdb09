"""Logging in and out (登录、退出)."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from api.html.interrupted import resumed
from api.html.site import (
    RESUME,
    SESSION_COOKIE,
    Anybody,
    AnybodyPosting,
    ForgedForm,
    MemberPosting,
    Visit,
    acting,
    go,
    local,
)
from casework.acts.actors import Actor
from casework.common.problems import LoginRefused
from casework.models import Account, Authority, Mandate, Party, Post
from casework.people import accounts, kept_forms
from state_machines.language.vocabulary import Role

router = APIRouter()
_FIRMS_SHOWN = 2  # of the many that a demo city has


@router.get("/login")
def ask(visit: Anybody) -> Response:
    asked = visit.request.query_params
    wanted, handle = asked.get("next", ""), asked.get(RESUME, "")
    if visit.actor:
        return _go_on(visit, acting(visit), local(wanted), handle)
    return _form(visit, wanted, handle)


@router.post("/login")
def enter(visit: AnybodyPosting) -> Response:
    posted = visit.posted
    name, password = posted.text("username"), posted.secret_text("password")
    wanted, handle = posted.text("next"), posted.text(RESUME)
    try:
        with visit.office.database.session() as session:
            token, _ = accounts.log_in(session, name, password, visit.now)
            actor = accounts.actor_of(session, token, visit.now)
    except LoginRefused as problem:
        return _form(visit, wanted, handle, name, problem.detail, problem.status)
    on = _go_on(visit, actor, local(wanted), handle) if actor else go("/")
    return visit.log_in_as(token, on.headers["location"])


def again(visit: Visit) -> Response:
    """The log-in once more, for whoever sent it from a page that is no longer valid."""
    posted = visit.posted
    wanted, handle = posted.text("next"), posted.text(RESUME)
    if visit.actor:
        return _go_on(visit, visit.actor, local(wanted), handle)
    text = "页面已失效，请重新输入密码"
    return _form(visit, wanted, handle, posted.text("username"), text, ForgedForm.status)


def _go_on(visit: Visit, actor: Actor, wanted: str, handle: str) -> RedirectResponse:
    """On to the page that was wanted, with what was left there by the same person; what another
    one left is cleared away."""
    if not handle:
        return RedirectResponse(wanted, 303)
    with visit.office.database.session() as session:
        left = kept_forms.kept(session, handle, actor.person_id, visit.now)
        if left is None:
            kept_forms.drop(session, handle)
    if left is None:
        return go("/", "not_yours")
    return RedirectResponse(resumed(left.page, handle), 303)


@router.post("/logout")
def leave(visit: MemberPosting) -> Response:
    with visit.office.database.session() as session:
        accounts.log_out(session, visit.token)
    response: RedirectResponse = go("/login", "out")
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def _form(
    visit: Visit,
    wanted: str = "",
    handle: str = "",
    username: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    return visit.page(
        "login.html",
        status=status,
        wanted=wanted,
        handle=handle,
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
