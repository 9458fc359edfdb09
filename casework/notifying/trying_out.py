"""Trying an outlet out (发送测试消息): one message, at once, by exactly that outlet."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from casework.acts.actors import Actor
from casework.common.problems import Problem, TooMany
from casework.common.retries import reason
from casework.common.timekeeping import in_chinese, legal_date
from casework.kernel.office import Office
from casework.models import AdminEntry, Outlet
from casework.notifying.gateways import Gateways, Letter
from casework.notifying.outlets import desk_address, of_own_outlet
from casework.notifying.sending import asked_within_a_minute, handed_over, way_of
from casework.notifying.states import Medium, NoAnswer
from casework.people.administration.staffing import Desk, administer

_GROUND = "发送测试消息"
_KIND = "outlet_tried"


class NotTaken(Problem):
    """A test message that the outlet did not take; the detail is what it said."""

    type = "test-not-sent"
    title = "测试消息没有发出"
    status = 409


def try_out(office: Office, actor: Actor, outlet: int, to: str, gateways: Gateways) -> str:
    """Send a test message by an outlet; gives the gateway's receipt, empty if it gives none.

    Raises NotFound, NotAllowed as `close_outlet`, BadInput for an address that is none, TooMany if
    the outlet was asked as often within a minute as it may be, NotTaken.
    """
    code = of_own_outlet(office, actor, outlet)

    def work(desk: Desk) -> Letter:
        row = desk.session.get_one(Outlet, outlet, with_for_update=True)
        _judge_rate(office, desk, row)
        address = "" if row.medium == Medium.CHAT.value else desk_address(Medium(row.medium), to)
        text = f"这是{desk.authority.name}在{in_chinese(desk.today)}发送的测试消息，请勿回复。"
        desk.log(_KIND, _GROUND, legal_date(office.time.now()), [row])
        return Letter(f"test-{secrets.token_hex(16)}", address, "测试消息", text)

    letter = administer(office, actor, code, work)
    with office.database.session() as session:
        way = way_of(office, session, session.get_one(Outlet, outlet))
    try:
        return handed_over(gateways, way, letter) or ""
    except NoAnswer:  # what else is there, or that nothing is, concerns nobody
        raise NotTaken("连接不上，或者对方没有按约定答复：请核对地址、端口和加密方式") from None
    except Problem:
        raise
    except Exception as error:  # whatever a library raises
        raise NotTaken(str(error) or reason(error)) from None


def _judge_rate(office: Office, desk: Desk, outlet: Outlet) -> None:
    """Raise TooMany: test messages count as any other."""
    tried = desk.session.scalars(
        select(AdminEntry.said)
        .where(
            AdminEntry.authority_id == desk.authority.id,
            AdminEntry.said["kind"].as_string() == _KIND,
        )
        .order_by(AdminEntry.seq.desc())
        .limit(outlet.per_minute)
    )
    since = office.time.now() - timedelta(minutes=1)
    trials = sum(
        [one["id"] for one in said["rows"]] == [outlet.id]
        and datetime.fromisoformat(said["at"]) > since
        for said in tried
    )
    asked = asked_within_a_minute(desk.session, outlet, office.machine.now())
    if trials + asked >= outlet.per_minute:
        raise TooMany(f"“{outlet.label}”已达到每分钟上限，请稍后再试")
