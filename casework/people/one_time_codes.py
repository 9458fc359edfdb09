"""Codes for one use (一次性验证码): given out once in the clear, kept as a hash, soon worthless."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.orm import Session

from casework.common.problems import TooMany, bad_field
from casework.common.texts import token
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Account, OneTimeCode
from casework.people.accounts import hash_password, matches

Purpose = Literal["counter", "firm"]
_DIGITS = 6


@dataclass(frozen=True)
class CodeRules:
    """What the rulebook's `account.binding` says: minutes, tries, codes an hour to one party, and
    years that a mandate confirmed by code holds."""

    code_minutes: int
    code_tries: int
    codes_an_hour: int
    mandate_years: int


def rules_of(office: Office, session: Session) -> CodeRules:
    """The rules in force today. Raises Misconfigured if there are none."""
    today = legal_date(office.time.now())
    said: Any = office.rules.current(session).value("account.binding", today, "")
    return CodeRules(**said)


def issue(
    office: Office,
    session: Session,
    account_id: int,
    purpose: Purpose,
    *,
    party_id: int | None = None,
    scope: Sequence[str] = (),
) -> tuple[str, OneTimeCode]:
    """A fresh code of six digits in the clear, and as it is kept; the one before is worthless.

    Raises TooMany if the account or the party, whose row the caller has locked, has had as many
    within an hour as are allowed.
    """
    session.get_one(Account, account_id, with_for_update=True)
    now, rules = office.time.now(), rules_of(office, session)
    same = OneTimeCode.account_id == account_id
    if party_id is not None:
        same |= OneTimeCode.party_id == party_id
    lately = select(func.count()).where(
        same, OneTimeCode.purpose == purpose, OneTimeCode.created_at > now - timedelta(hours=1)
    )
    if session.scalars(lately).one() >= rules.codes_an_hour:
        raise TooMany("一小时内获取验证码的次数过多，请稍后再试，或者到窗口办理")
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    kept = OneTimeCode(
        account_id=account_id,
        purpose=purpose,
        party_id=party_id,
        scope=list(scope),
        code_hash=hash_password(code),
        created_at=now,
        expires_at=now + timedelta(minutes=rules.code_minutes),
        tries=0,
    )
    session.add(kept)
    session.flush()
    return code, kept


def count_try(office: Office, account_id: int, purpose: Purpose) -> None:
    """Count a try at the account's latest code, in a transaction of its own: whatever becomes of
    the try, it has been made. Comes before `redeem`."""
    with office.database.session() as session:
        session.execute(
            update(OneTimeCode)
            .where(OneTimeCode.id == _latest(account_id, purpose))
            .values(tries=OneTimeCode.tries + 1)
        )


def redeem(
    office: Office, session: Session, account_id: int, purpose: Purpose, said: str
) -> OneTimeCode:
    """The account's latest code, used up by this. Raises BadInput unless what was said is right,
    in time, and none too many tries."""
    code = session.scalar(
        select(OneTimeCode).where(OneTimeCode.id == _latest(account_id, purpose)).with_for_update()
    )
    now, most = office.time.now(), rules_of(office, session).code_tries
    if code is None or code.used_at is not None or code.expires_at <= now:
        raise bad_field("code", "验证码", "没有获取、已经使用或者已过有效时间，请重新获取")
    if code.tries > most:
        raise bad_field("code", "验证码", "输错次数过多，已经作废，请重新获取")
    if not matches(code.code_hash, token(said)):
        left = most - code.tries
        text = f"不正确，还可以再试{left}次" if left else "不正确，已经作废，请重新获取"
        raise bad_field("code", "验证码", text)
    code.used_at = now
    session.flush()
    return code


def live(office: Office, session: Session, account_id: int, purpose: Purpose) -> OneTimeCode | None:
    """The account's latest code, if it may still be entered."""
    code = session.scalar(select(OneTimeCode).where(OneTimeCode.id == _latest(account_id, purpose)))
    now, most = office.time.now(), rules_of(office, session).code_tries
    if code is None or code.used_at is not None or code.expires_at <= now or code.tries >= most:
        return None
    return code


def _latest(account_id: int, purpose: Purpose) -> ScalarSelect[int]:
    return (
        select(OneTimeCode.id)
        .where(OneTimeCode.account_id == account_id, OneTimeCode.purpose == purpose)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
        .scalar_subquery()
    )
