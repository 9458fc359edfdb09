"""Doing a request once: the same key from the same account gives the same reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.acts.journal import canonical
from casework.common.problems import KeyReused
from casework.models import IdempotentReply


@dataclass(frozen=True)
class Outcome:
    """Where a case stands after an act. `awaits_signature`: the second officer must confirm;
    `awaits_arrival`: what was sent electronically must be reported to have arrived; `seq` is the
    row of the log that the act made, 0 if it made none yet."""

    number: str
    state: str
    version: int
    tracking_code: str
    awaits_signature: bool = False
    awaits_arrival: bool = False
    seq: int = 0


def once(
    session: Session,
    account_id: int,
    key: str | None,
    request: Any,
    now: datetime,
    work: Callable[[Session], Outcome],
) -> Outcome:
    """Do the work, or give the reply it got before under this key.

    A second request with the key waits for the first one to end. Raises KeyReused if the key came
    with another request.
    """
    if key is None:
        return work(session)
    digest = sha256(canonical(request).encode(errors="surrogatepass")).hexdigest()
    fresh = session.scalar(
        insert(IdempotentReply)
        .values(account_id=account_id, key=key, request_digest=digest, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotentReply.key)
    )
    if fresh is None:
        row = session.get_one(IdempotentReply, (account_id, key))
        if row.request_digest != digest:
            raise KeyReused("同一请求标识（Idempotency-Key）不能用于不同的内容")
        return Outcome(**row.reply)
    outcome = work(session)
    session.execute(
        update(IdempotentReply)
        .where(IdempotentReply.account_id == account_id, IdempotentReply.key == key)
        .values(reply=asdict(outcome))
        .execution_options(synchronize_session=False)
    )
    return outcome
