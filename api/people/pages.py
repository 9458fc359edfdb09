"""One's own account (我的账号) and firms (我的单位): registering, password, binding, mandates."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody, AnybodyPosting, Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from casework.common.codes import ID_KINDS
from casework.common.problems import Problem, bad_field
from casework.people import accounts, binding, mandates
from casework.people.binding import CodeGiven
from casework.people.mandates import SCOPES

router = APIRouter()


@router.get("/register")
def ask(visit: Anybody) -> Response:
    return go("/account") if visit.actor else register_form(visit)


@router.post("/register")
def register(visit: AnybodyPosting) -> Response:
    posted = visit.posted
    try:
        password = _typed_twice(visit)
        with visit.office.database.session() as session:
            account = accounts.register(
                session,
                **{name: posted.text(name) for name in ("name", "id_kind", "id_code", "phone")},
                username=posted.text("username"),
                password=password,
                now=visit.now,
            )
            token, _ = accounts.open_session(session, account.id, visit.now)
    except Problem as problem:
        return register_form(visit, problem)
    return visit.log_in_as(token, "/firms?said=account_made")


@router.get("/account")
def show(visit: Member) -> Response:
    return _account(visit)


@router.post("/account/password")
def change_password(visit: MemberPosting) -> Response:
    old = visit.posted.secret_text("old")
    try:
        new = _typed_twice(visit)
        with visit.office.database.session() as session:
            accounts.change_password(session, acting(visit), visit.token, old, new)
    except Problem as problem:
        return _account(visit, problem)
    return go("/account", "password_changed")


@router.post("/account/code")
def binding_code(visit: MemberPosting) -> Response:
    try:
        with visit.office.database.session() as session:
            code_given = binding.code_for_counter(visit.office, session, acting(visit))
    except Problem as problem:
        return _account(visit, problem)
    return _account(visit, given=code_given)


@router.get("/firms")
def firms(visit: Member) -> Response:
    return _firms(visit)


@router.post("/firms")
def ask_firm(visit: MemberPosting) -> Response:
    scope = list(visit.posted.values.get("scope", ()))
    try:
        with visit.office.database.session() as session:
            binding.ask_firm(
                visit.office, session, acting(visit), visit.posted.text("party"), scope
            )
    except Problem as problem:
        return _firms(visit, problem)
    return go("/firms", at="confirm")


@router.post("/firms/code")
def confirm_firm(visit: MemberPosting) -> Response:
    try:
        binding.confirm_firm(visit.office, acting(visit), visit.posted.text("code"))
    except Problem as problem:
        return _firms(visit, problem)
    return go("/firms", "firm_bound")


@router.post("/firms/mandates/{mandate}/end")
def end(visit: MemberPosting, mandate: RowId) -> Response:
    try:
        with visit.office.database.session() as session:
            reason = visit.posted.text("reason")
            mandates.end(visit.office, session, acting(visit), mandate, reason)
    except Problem as problem:
        return _firms(visit, problem)
    return go("/firms", "mandate_ended")


def _typed_twice(visit: Visit) -> str:
    """The password. Raises BadInput unless it was typed twice the same."""
    password = visit.posted.secret_text("password")
    if visit.posted.secret_text("again") != password:
        raise bad_field("again", "再次输入密码", "两次输入的密码不一致")
    return password


def register_form(visit: Visit, problem: Problem | None = None) -> Response:
    """The page on which an account is registered."""
    return visit.page(
        "register.html",
        status=problem.status if problem else 200,
        id_kinds=ID_KINDS,
        problem=problem,
    )


def _account(
    visit: Visit, problem: Problem | None = None, given: CodeGiven | None = None
) -> Response:
    with visit.office.database.session() as session:
        account = accounts.account_of(session, acting(visit))
    return visit.page(
        "account.html",
        status=problem.status if problem else 200,
        account=account,
        given=given,
        problem=problem,
    )


def _firms(visit: Visit, problem: Problem | None = None) -> Response:
    with visit.office.database.session() as session:
        found = mandates.firms_of(visit.office, session, acting(visit))
        awaited = binding.awaited(visit.office, session, acting(visit))
    return visit.page(
        "firms.html",
        status=problem.status if problem else 200,
        firms=found,
        awaited=awaited,
        scopes=SCOPES,
        problem=problem,
    )
