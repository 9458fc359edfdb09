"""Accounts: who may log in, for how long, and what is kept of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import Type
from sqlalchemy import func, select

from casework.common.problems import BadInput, LoginRefused
from casework.models import Account, LoginSession, Person
from casework.people import accounts
from tests.support.passwords import REAL
from tests.support.town import Town

_HASH = accounts.hash_password("正确 horse")


def _clerk(town: Town, username: str = "new.clerk") -> int:
    with town.session() as session:
        person = Person(name="王敏")
        session.add(person)
        session.flush()
        return accounts.create_account(session, person, username, _HASH).id


def _log_in(town: Town, username: str, password: str) -> tuple[str, datetime]:
    with town.session() as session:
        return accounts.log_in(session, username, password, town.time.now())


def _name(town: Town, token: str) -> str | None:
    with town.session() as session:
        actor = accounts.actor_of(session, token, town.time.now())
    return actor.name if actor else None


def test_the_right_password_gives_a_token_that_names_the_person(town: Town) -> None:
    _clerk(town)
    token, _ = _log_in(town, "new.clerk", "正确 horse")
    assert _name(town, token) == "王敏"
    assert _name(town, token + "x") is None


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("new.clerk", "正确 Horse"),
        ("new.clerk", ""),
        ("nobody", "正确 horse"),
        ("no\0body", "正确 horse"),
        ("window", "-"),  # an account whose hash is none
    ],
)
def test_a_wrong_password_and_an_unknown_account_are_refused_alike(
    town: Town, username: str, password: str
) -> None:
    _clerk(town)
    with pytest.raises(LoginRefused) as refused:
        _log_in(town, username, password)
    assert refused.value.detail == "账号或密码不正确"


def test_an_unknown_account_costs_the_same_work(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _clerk(town)
    asked: list[str] = []
    real = accounts.matches

    def counted(kept: str, password: str) -> bool:
        asked.append(kept[:9])
        return real(kept, password)

    monkeypatch.setattr(accounts, "matches", counted)
    for username in ("new.clerk", "nobody"):
        with pytest.raises(LoginRefused):
            _log_in(town, username, "wrong")
    assert asked == ["$argon2id", "$argon2id"]


def test_neither_password_nor_token_is_kept(town: Town) -> None:
    account = _clerk(town)
    token, _ = _log_in(town, "new.clerk", "正确 horse")
    with town.session() as session:
        kept = session.scalars(select(LoginSession).where(LoginSession.account_id == account)).one()
        assert token not in kept.token_hash
        assert len(kept.token_hash) == 64
        assert "horse" not in session.get_one(Account, account).password_hash


def test_a_log_in_lapses_when_idle_and_lives_on_when_used_but_not_for_ever(town: Town) -> None:
    _clerk(town)
    idle, expires = _log_in(town, "new.clerk", "正确 horse")
    used, _ = _log_in(town, "new.clerk", "正确 horse")
    assert expires == town.time.now() + accounts.IDLE
    began = town.time.now()
    while town.time.now() + timedelta(hours=1) < began + accounts.ABSOLUTE:
        town.time.pass_(hours=1)
        assert _name(town, used) == "王敏"
    assert _name(town, idle) is None
    town.time.pass_(hours=1)
    assert _name(town, used) is None


def test_the_next_log_in_clears_away_those_that_lapsed_a_day_before(town: Town) -> None:
    account = _clerk(town)
    _log_in(town, "new.clerk", "正确 horse")
    town.time.pass_(hours=25)
    yesterday, _ = _log_in(town, "new.clerk", "正确 horse")
    town.time.pass_(hours=1)
    kept, _ = _log_in(town, "new.clerk", "正确 horse")
    with town.session() as session:
        left = select(func.count()).where(LoginSession.account_id == account)
        assert session.scalar(left) == 2
    assert _name(town, yesterday) == _name(town, kept) == "王敏"


def test_an_ended_log_in_tells_whose_a_form_was_and_opens_nothing(town: Town) -> None:
    _clerk(town)
    token, _ = _log_in(town, "new.clerk", "正确 horse")
    with town.session() as session:
        accounts.log_out(session, token)
    assert _name(town, token) is None
    with town.session() as session:
        person = accounts.person_of_form(session, accounts.form_secret(token))
        assert person
        assert session.get_one(Person, person).name == "王敏"
        assert accounts.person_of_form(session, accounts.form_secret(token + "x")) is None
        assert accounts.person_of_form(session, "\0") is None
        # What a form carries is no token.
        assert accounts.actor_of(session, accounts.form_secret(token), town.time.now()) is None


def test_using_a_log_in_writes_only_now_and_then(town: Town) -> None:
    _clerk(town)
    token, expires = _log_in(town, "new.clerk", "正确 horse")

    def kept() -> datetime | None:
        with town.session() as session:
            return session.scalar(select(func.max(LoginSession.expires_at)))

    town.time.pass_(minutes=4)
    _name(town, token)
    assert kept() == expires
    town.time.pass_(minutes=4)
    _name(town, token)
    assert kept() == expires + timedelta(minutes=8)


def test_a_closed_account_is_out_at_once(town: Town) -> None:
    account = _clerk(town)
    token, _ = _log_in(town, "new.clerk", "正确 horse")
    with town.session() as session:
        session.get_one(Account, account).active = False
    assert _name(town, token) is None
    with pytest.raises(LoginRefused):
        _log_in(town, "new.clerk", "正确 horse")


def test_logging_out_ends_one_log_in_and_no_other(town: Town) -> None:
    _clerk(town)
    first, _ = _log_in(town, "new.clerk", "正确 horse")
    second, _ = _log_in(town, "new.clerk", "正确 horse")
    with town.session() as session:
        accounts.log_out(session, first)
        accounts.log_out(session, "never given out")
    assert _name(town, first) is None
    assert _name(town, second) == "王敏"


def test_a_turned_calendar_takes_live_log_ins_along_and_wakes_no_dead_one(town: Town) -> None:
    _clerk(town)
    dead, _ = _log_in(town, "new.clerk", "正确 horse")
    town.time.pass_(hours=3)
    live, _ = _log_in(town, "new.clerk", "正确 horse")
    before = town.time.now()
    town.time.pass_(days=90)
    with town.session() as session:
        accounts.carry_over(session, before, town.time.now())
    assert _name(town, live) == "王敏"
    assert _name(town, dead) is None


@pytest.mark.parametrize("username", ["", "A", "9lives", "has space", "x" * 51, "王敏"])
def test_a_malformed_user_name_is_refused(town: Town, username: str) -> None:
    with pytest.raises(BadInput, match="账号：应为"):
        _clerk(town, username)


def test_a_user_name_is_given_once(town: Town) -> None:
    _clerk(town)
    with pytest.raises(BadInput, match="已被使用"):
        _clerk(town)


@pytest.mark.parametrize("password", ["", "x" * 201])
def test_an_impossible_password_is_refused(password: str) -> None:
    with pytest.raises(BadInput, match="密码"):
        accounts.hash_password(password)


def test_a_password_costs_whoever_guesses_it() -> None:
    """The tests hash lightly; what runs hashes with at least what OWASP asks of argon2id."""
    assert REAL.type is Type.ID
    assert REAL.memory_cost >= 19 * 1024  # KiB
    assert REAL.time_cost >= 2
