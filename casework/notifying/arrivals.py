"""What gateways report back (到达回执): that a message has come to its address, or never will.

A report is signed over its instant and its bytes with a secret that only the gateway and this
server know (`X-Nuoxin-Signature: t=SECONDS,v1=HEX`, HMAC-SHA256). It may come twice, late, or
before the answer to the sending, or under the key of an earlier sending; one that was told before
changes nothing, and nothing takes an arrival back.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.notices import CODE, ELECTRONIC, TAKEN_BACK
from casework.common.demo_time import is_demo
from casework.common.problems import NotFound, Problem, bad_field
from casework.kernel.office import Office
from casework.models import Message, Notice, Outlet
from casework.notifying.arrived_deliveries import settle
from casework.notifying.dead_letters import key_again
from casework.notifying.states import State

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
# As far as the gateway's clock may be from ours, and as long as a report may be under way.
_SPAN = timedelta(minutes=10)
_LATEST = timedelta(minutes=1)
# So many sendings of a message, and the key of the first is known no longer.
_SENDINGS = 20


class NotSigned(Problem):
    """A report that does not bear the gateway's signature."""

    type = "not-signed"
    title = "回执签名无效"
    status = 401


@dataclass(frozen=True)
class Report:
    """What a gateway says of one message: its `key`, whether it `arrived` or `failed`, when it came
    to the address, and why it did not."""

    key: str
    state: State
    at: datetime | None
    reason: str


def sign(secret: str, seconds: int, body: bytes) -> str:
    """The signature that a gateway puts on a report."""
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def report(
    office: Office,
    outlet_id: int,
    signature: str,
    body: bytes,
    environment: Mapping[str, str] = os.environ,
) -> State:
    """Take a gateway's report; gives how the message stands then. Raises NotSigned, BadInput,
    NotFound for a message that did not go by this outlet."""
    machine_now = office.machine.now()

    def work(session: Session) -> tuple[State, int | None]:
        outlet = session.get(Outlet, outlet_id)
        secret = environment.get(outlet.report_name, "") if outlet and outlet.report_name else ""
        _judge_signature(secret, signature, body, machine_now)
        said = _read(body)
        keys = _keys(said.key)
        message = session.scalar(
            select(Message)
            .where(Message.key.in_(keys), Message.outlet_id == outlet_id)
            .with_for_update()
        )
        if message is None:
            raise NotFound("没有由该渠道发出的这条消息")
        kind = session.get_one(Notice, message.notice_id).kind
        serves = message.id if kind == ELECTRONIC else None
        if serves and said.state is State.ARRIVED and said.at is None:
            # Our own clock tells when the report came, not when what it is about arrived.
            raise bad_field("at", "到达时间", "送达文书的到达回执须写明到达时间")
        shift = office.time.now() - machine_now if is_demo(session) else timedelta()
        said = _judged(said, message, machine_now, shift)
        if said.state is not State.ARRIVED and message.key != said.key:
            return State(message.state), serves  # it was sent again since
        return _put_down(office, kind, message, said), serves

    state, served = office.database.in_transaction(work)
    if served is not None:  # what is held by somebody else now, the sweep serves
        settle(office, Message.id == served)
    return state


def _keys(key: str) -> list[str]:
    """The key of a sending, and of those by which the same message was sent again since."""
    keys = [key]
    while len(keys) < _SENDINGS:
        keys.append(key_again(keys[-1]))
    return keys


def _put_down(office: Office, kind: str, message: Message, said: Report) -> State:
    state = State(message.state)
    if state is State.ARRIVED or state is said.state:
        return state
    # Documents that arrived are served, whatever was done meanwhile.
    if state is State.PAPER and not (kind == ELECTRONIC and said.state is State.ARRIVED):
        return state
    now = office.time.now()
    message.state = said.state.value
    message.sent_at = message.sent_at or now
    message.lease = message.leased_until = None
    if kind == CODE:
        message.text = TAKEN_BACK
    if said.state is State.ARRIVED:
        message.arrived_at, message.failed_at, message.error = said.at or now, None, None
    else:
        message.failed_at, message.error = now, f"网关报告：{said.reason or '没有到达'}"
    return said.state


def _judge_signature(secret: str, signature: str, body: bytes, now: datetime) -> None:
    """Raise NotSigned; an outlet that there is not, or that has no secret, answers the same."""
    found = _SIGNATURE.fullmatch(signature)
    seconds = int(found[1]) if found else 0
    expected = sign(secret or "-", seconds, body)
    if not hmac.compare_digest(expected.encode(), signature.encode()) or not secret or not found:
        raise NotSigned("回执没有有效的签名")
    if abs(now.timestamp() - seconds) > _SPAN.total_seconds():
        raise NotSigned("回执签名的时间与服务器时间相差过大")


def _judged(said: Report, message: Message, machine_now: datetime, shift: timedelta) -> Report:
    """A report with its instant by the calendar of this installation, to which it is so far from
    the machine's: that of a demo is turned, and no gateway knows. Raises BadInput for an arrival
    that cannot be: still to come, or before it was sent."""
    if said.at is None:
        return said
    if said.at > machine_now + _LATEST:
        raise bad_field("at", "到达时间", "不能晚于现在")
    if message.tried_at is not None and said.at + shift < message.created_at - _LATEST:
        raise bad_field("at", "到达时间", "不能早于消息产生的时间")
    return replace(said, at=said.at + shift)


def _read(body: bytes) -> Report:
    """What the body of a report says. Raises BadInput."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise bad_field("", "回执", "应为一个 JSON 对象")
    key, state, at = (told.get(name) for name in ("key", "state", "at"))
    if not isinstance(key, str) or not key or len(key) > 200 or not key.isprintable():
        raise bad_field("key", "消息标识", "应为发送时给出的 key")
    if state not in (State.ARRIVED.value, State.FAILED.value):
        raise bad_field("state", "状态", "应为 arrived 或者 failed")
    instant = None
    if at is not None:
        try:
            instant = datetime.fromisoformat(str(at))
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise bad_field("at", "到达时间", "应为带时区的时间，如 2026-01-05T09:30:00+08:00")
    reason = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", str(told.get("reason") or ""))
    return Report(key, State(state), instant, reason[:200])
