"""Accounts and log-ins (账号与登录): argon2 for passwords, and only the hash of a token is kept."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Update, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.masking import masked_code, masked_phone
from casework.acts.actors import Actor
from casework.common import phones, texts
from casework.common.codes import ID_KINDS
from casework.common.identities import judged
from casework.common.problems import CodeDoubtful, LoginRefused, NotFound, bad_field
from casework.common.timekeeping import legal_date
from casework.models import Account, LoginSession, Person
from casework.people import kept_forms

# A desk that is left alone locks itself; nobody stays logged in beyond one working day.
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
# How long a log-in that has ended is still known, for whoever has a form of it open.
_REMEMBERED = timedelta(days=1)
_REFRESH_AFTER = timedelta(minutes=5)  # so that reading a page seldom writes
_SECRET = re.compile(r"[0-9a-f]{64}")
USERNAME = re.compile(r"[a-z][a-z0-9_.-]{1,49}")
_LONGEST_PASSWORD = 200
_SHORTEST_CHOSEN = 10
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_hasher = PasswordHasher()


@dataclass(frozen=True)
class AccountView:
    """One's own account, with numbers masked. `identity` is the document that a clerk saw, or that
    was stated when registering; `bound_at` when a clerk bound the account to that document."""

    username: str
    name: str
    identity: str
    phone: str
    verified: bool
    bound_at: datetime | None


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt.

    Raises BadInput if it is empty or longer than 200 characters.
    """
    if not 0 < len(password) <= _LONGEST_PASSWORD:
        raise bad_field("password", "密码", f"应为1至{_LONGEST_PASSWORD}个字符")
    return _hasher.hash(password.encode(errors="surrogatepass"))


def username_of(typed: str) -> str:
    """A user name as it is kept, in whatever way it was typed; keyboards of telephones begin with a
    capital."""
    return texts.token(typed).lower()


def create_account(session: Session, person: Person, username: str, password_hash: str) -> Account:
    """An account for a person, with a hash from `hash_password`.

    Raises BadInput if the user name is malformed or taken.
    """
    if not USERNAME.fullmatch(username):
        raise bad_field("username", "账号", "应为2至50个小写字母、数字或 . _ -，以字母开头")
    made = session.scalar(
        insert(Account)
        .values(person_id=person.id, username=username, password_hash=password_hash, active=True)
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(Account.id)
    )
    if made is None:
        raise bad_field("username", "账号", f"“{username}”已被使用，请另取一个")
    return session.get_one(Account, made)


def register(
    session: Session,
    *,
    name: str,
    id_kind: str,
    id_code: str,
    phone: str,
    username: str,
    password: str,
    now: datetime,
) -> Account:
    """An account that somebody makes without anybody looking (注册).

    It is of a person of its own, whoever else bears that name and number: what was said proves
    nothing until a clerk has seen the document (`casework.people.binding`). Raises BadInput.
    """
    try:
        name, id_code = judged(name, id_kind, id_code, legal_date(now))
    except CodeDoubtful as error:
        doubts = "；".join(error.extra["doubts"])
        text = f"{doubts}，请核对；确认无误的，请到窗口办理"
        raise bad_field("id_code", "证件号码", text) from None
    if (mobile := phones.mobile(phone)) is None:
        raise bad_field(
            "phone", "手机号码", "应为11位境内手机号码；没有境内手机号码的，请到窗口办理"
        )
    username = username_of(username)
    kept = _chosen(password, username)
    person = Person(name=name)
    session.add(person)
    session.flush()
    account = create_account(session, person, username, kept)
    account.id_kind, account.id_code, account.phone = id_kind, id_code, mobile
    account.registered_at = now
    session.flush()
    return account


def change_password(session: Session, actor: Actor, token: str, old: str, new: str) -> None:
    """Give one's own account another password, and end its other log-ins than that of the token.

    Raises BadInput if the old one is wrong, or the new one is none to choose.
    """
    account = session.get_one(Account, actor.account_id, with_for_update=True)
    if not matches(account.password_hash, old):
        raise bad_field("old", "原密码", "不正确")
    if new == old:
        raise bad_field("password", "新密码", "不能与原密码相同")
    account.password_hash = _chosen(new, account.username)
    session.execute(_ending(account.id).where(LoginSession.token_hash != form_secret(token)))


def account_of(session: Session, actor: Actor) -> AccountView:
    """The account that the actor has logged in with."""
    account = session.get_one(Account, actor.account_id)
    person = session.get_one(Person, account.person_id)
    kind, code = person.id_kind or account.id_kind, person.id_code or account.id_code
    return AccountView(
        username=account.username,
        name=person.name,
        identity=f"{ID_KINDS[kind]} {masked_code(code)}" if kind and code else "",
        phone=masked_phone(account.phone) if account.phone else "",
        verified=person.id_code is not None,
        bound_at=account.bound_at,
    )


def renew_password(session: Session, username: str) -> str:
    """Give an account a fresh random password and end its log-ins; only the hash is kept.

    Raises NotFound.
    """
    account = None
    username = username_of(username)
    if USERNAME.fullmatch(username):
        account = session.scalar(select(Account).where(Account.username == username))
    if account is None:
        raise NotFound(f"没有账号“{username}”")
    password = "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(4))
    account.password_hash = hash_password(password)
    session.execute(_ending(account.id))
    session.flush()
    return password


def log_in(session: Session, username: str, password: str, now: datetime) -> tuple[str, datetime]:
    """A token for the account, and when it lapses if it is not used.

    Raises LoginRefused, after the same work whether or not the account exists.
    """
    account = None
    username = username_of(username)
    if USERNAME.fullmatch(username):
        account = session.scalar(
            select(Account).where(Account.username == username, Account.active.is_(True))
        )
    kept = account.password_hash if account else _nobodys_hash()
    if not matches(kept, password) or account is None:
        raise LoginRefused("账号或密码不正确")
    session.execute(
        delete(LoginSession).where(
            LoginSession.account_id == account.id, LoginSession.expires_at <= now - _REMEMBERED
        )
    )
    kept_forms.forget_old(session, now)
    return open_session(session, account.id, now)


def open_session(session: Session, account_id: int, now: datetime) -> tuple[str, datetime]:
    """Start a log-in without asking for a password; gives what `log_in` gives."""
    token = secrets.token_urlsafe(32)
    expires = now + IDLE
    session.add(
        LoginSession(
            token_hash=form_secret(token), account_id=account_id, created_at=now, expires_at=expires
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
            LoginSession.token_hash == form_secret(token),
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
    login = session.get(LoginSession, form_secret(token))
    if login is not None:
        login.expires_at = login.created_at
        session.flush()


def form_secret(token: str) -> str:
    """What the forms of a log-in carry (CSRF): the hash under which it is kept. It opens nothing,
    and tells whose a form was after its log-in has ended."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


def person_of_form(session: Session, secret: str) -> int | None:
    """Whose forms carry that secret, be the log-in live or ended; None if nobody's do."""
    if not _SECRET.fullmatch(secret):
        return None
    person: int | None = session.scalar(
        select(Account.person_id)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == secret)
    )
    return person


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


def _chosen(password: str, username: str) -> str:
    """The hash of a password that somebody has chosen for an account. Raises BadInput."""
    if len(password) < _SHORTEST_CHOSEN:
        raise bad_field("password", "密码", f"至少{_SHORTEST_CHOSEN}个字符")
    if password.casefold() == username or len(set(password)) == 1:
        raise bad_field("password", "密码", "不能与账号相同，也不能是同一个字符的重复")
    return hash_password(password)


def matches(kept: str, password: str) -> bool:
    """Whether a password is the one of a hash from `hash_password`."""
    try:
        return _hasher.verify(kept, password[:_LONGEST_PASSWORD].encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_bytes(32))


def _ending(account_id: int) -> Update:
    """The statement that ends the log-ins of an account: none was live before it began."""
    return (
        update(LoginSession)
        .where(LoginSession.account_id == account_id)
        .values(expires_at=LoginSession.created_at)
    )
