"""Who asks (身份): the office and the logged-in person, as routes need them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from casework.acts.actors import Actor
from casework.common.problems import NotLoggedIn
from casework.kernel.office import Office
from casework.people import accounts

_bearer = HTTPBearer(auto_error=False, description="`POST /session` 返回的令牌")


def office_of(request: Request) -> Office:
    """The office that this application serves."""
    office: Office = request.app.state.office
    return office


def token_of(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The bearer token of the request. Raises NotLoggedIn."""
    if credentials is None:
        raise NotLoggedIn("请先登录")
    return credentials.credentials


def member(
    office: Annotated[Office, Depends(office_of)], token: Annotated[str, Depends(token_of)]
) -> Actor:
    """Who is logged in. Raises NotLoggedIn."""
    with office.database.session() as session:
        actor = accounts.actor_of(session, token, office.time.now())
    if actor is None:
        raise NotLoggedIn("登录已失效，请重新登录")
    return actor


TheOffice = Annotated[Office, Depends(office_of)]
Token = Annotated[str, Depends(token_of)]
Member = Annotated[Actor, Depends(member)]
