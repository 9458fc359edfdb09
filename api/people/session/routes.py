"""Logging in and out (登录)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response
from sqlalchemy import select

from api.web.access import Member, TheOffice, Token
from api.web.bodies import LogIn
from api.web.documentation import problems
from casework.models import Authority, Party
from casework.people import accounts
from casework.reading import reader_of
from state_machines.language.vocabulary import Role

router = APIRouter(tags=["登录"])


@dataclass(frozen=True)
class LoggedIn:
    """The token to send as `Authorization: Bearer …`; unused, it lapses at `expires_at`."""

    token: str
    expires_at: datetime


@dataclass(frozen=True)
class PostHeld:
    """A post held today."""

    role: str
    label: str
    authority: str


@dataclass(frozen=True)
class PartyRepresented:
    """A party that the person acts for today."""

    code: str
    name: str


@dataclass(frozen=True)
class Me:
    """Who is logged in."""

    name: str
    posts: tuple[PostHeld, ...]
    parties: tuple[PartyRepresented, ...]


@router.post("/session", summary="登录", responses=problems(401, 422, 429))
def log_in(body: LogIn, office: TheOffice) -> LoggedIn:
    with office.database.session() as session:
        token, expires = accounts.log_in(session, body.username, body.password, office.time.now())
    return LoggedIn(token, expires)


@router.delete("/session", status_code=204, summary="退出", responses=problems(401))
def log_out(token: Token, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        accounts.log_out(session, token)
    return Response(status_code=204)


@router.get("/me", summary="当前账号", responses=problems(401))
def me(actor: Member, office: TheOffice) -> Me:
    with office.database.session() as session:
        reader = reader_of(office, session, actor)
        names = {
            authority.id: authority.name
            for authority in session.scalars(
                select(Authority).where(Authority.id.in_(reader.authorities))
            )
        }
        parties = session.scalars(
            select(Party).where(Party.id.in_(reader.parties)).order_by(Party.id)
        )
        return Me(
            actor.name,
            tuple(
                PostHeld(post.role, Role(post.role).label, names[post.authority_id])
                for post in reader.posts
            ),
            tuple(PartyRepresented(party.code, party.name) for party in parties),
        )
