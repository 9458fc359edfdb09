"""Accounts and log-ins (账号与登录): argon2 for passwords, and only the hash of a token is kept."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.models import Account, LoginSession, Person
from casework.problems import BadInput, LoginRefused, NotFound

# A desk that is left alone locks itself; nobody stays logged in beyond one working day.
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
_REFRESH_AFTER = timedelta(minutes=5)  # so that reading a page seldom writes
USERNAME = re.compile(r"[a-z][a-z0-9_.-]{1,49}")
_LONGEST_PASSWORD = 200
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt.

    Raises BadInput if it is empty or longer than 200 characters.
    """
    if not 0 < len(password) <= _LONGEST_PASSWORD:
        text = f"密码应为1至{_LONGEST_PASSWORD}个字符"
        raise BadInput(text, [{"field": "password", "label": "密码", "text": text}])
    return _hasher.hash(password.encode(errors="surrogatepass"))


def create_account(session: Session, person: Person, username: str, password_hash: str) -> Account:
    """An account for a person, with a hash from `hash_password`.

    Raises BadInput if the user name is malformed or taken.
    """
    if not USERNAME.fullmatch(username):
        text = "账号应为2至50个小写字母、数字或 . _ -，以字母开头"
        raise BadInput(text, [{"field": "username", "label": "账号", "text": text}])
    if session.scalar(select(Account.id).where(Account.username == username)):
        text = f"账号“{username}”已被使用"
        raise BadInput(text, [{"field": "username", "label": "账号", "text": text}])
    account = Account(
        person_id=person.id, username=username, password_hash=password_hash, active=True
    )
    session.add(account)
    session.flush()
    return account


def renew_password(session: Session, username: str) -> str:
    """Give an account a fresh random password and end its log-ins; only the hash is kept.

    Raises NotFound.
    """
    account = None
    if USERNAME.fullmatch(username):
        account = session.scalar(select(Account).where(Account.username == username))
    if account is None:
        raise NotFound(f"没有账号“{username}”")
    password = "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(4))
    account.password_hash = hash_password(password)
    session.execute(delete(LoginSession).where(LoginSession.account_id == account.id))
    session.flush()
    return password


def log_in(session: Session, username: str, password: str, now: datetime) -> tuple[str, datetime]:
    """A token for the account, and when it lapses if it is not used.

    Raises LoginRefused, after the same work whether or not the account exists.
    """
    account = None
    if USERNAME.fullmatch(username):
        account = session.scalar(
            select(Account).where(Account.username == username, Account.active.is_(True))
        )
    kept = account.password_hash if account else _nobodys_hash()
    if not _matches(kept, password) or account is None:
        raise LoginRefused("账号或密码不正确")
    session.execute(
        delete(LoginSession).where(
            LoginSession.account_id == account.id, LoginSession.expires_at <= now
        )
    )
    return open_session(session, account.id, now)


def open_session(session: Session, account_id: int, now: datetime) -> tuple[str, datetime]:
    """Start a log-in without asking for a password; gives what `log_in` gives."""
    token = secrets.token_urlsafe(32)
    expires = now + IDLE
    session.add(
        LoginSession(
            token_hash=_token_hash(token), account_id=account_id, created_at=now, expires_at=expires
        )
    )
    session.flush()
    return token, expires


def actor_of(session: Session, token: str, now: datetime) -> Actor | None:
    """Who is logged in under the token; None if it is unknown, has lapsed or its account closed.

    Being asked keeps the log-in alive, up to twelve hours after it began.
    """
    row = session.execute(
        select(LoginSession, Account, Person.name)
        .join(Account, LoginSession.account_id == Account.id)
        .join(Person, Account.person_id == Person.id)
        .where(
            LoginSession.token_hash == _token_hash(token),
            LoginSession.expires_at > now,
            Account.active.is_(True),
        )
    ).one_or_none()
    if row is None:
        return None
    login, account, name = row
    expires = min(now + IDLE, login.created_at + ABSOLUTE)
    if expires - login.expires_at > _REFRESH_AFTER:
        login.expires_at = expires
        session.flush()
    return Actor(account.id, account.person_id, name)


def log_out(session: Session, token: str) -> None:
    """End the log-in of a token; an unknown one is none of our business."""
    login = session.get(LoginSession, _token_hash(token))
    if login is not None:
        session.delete(login)
        session.flush()


def carry_over(session: Session, before: datetime, after: datetime) -> None:
    """Move live log-ins along with a demo calendar that was turned from `before` to `after`."""
    turned = after - before
    session.execute(
        update(LoginSession)
        .where(LoginSession.expires_at > before)
        .values(
            created_at=LoginSession.created_at + turned,
            expires_at=LoginSession.expires_at + turned,
        )
    )


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password[:_LONGEST_PASSWORD].encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_bytes(32))


def _token_hash(token: str) -> str:
    return sha256(token.encode(errors="surrogatepass")).hexdigest()
