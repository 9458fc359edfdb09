"""Trying an outlet out (发送测试消息): one message, at once, by exactly that outlet."""

from __future__ import annotations

import secrets

from casework.acts.actors import Actor
from casework.common.problems import Problem
from casework.common.retries import reason
from casework.common.timekeeping import in_chinese, legal_date
from casework.kernel.office import Office
from casework.models import Outlet
from casework.notifying.gateways import Gateways, Letter
from casework.notifying.outlets import desk_address, of_own_outlet
from casework.notifying.sending import handed_over, way_of
from casework.notifying.states import Medium
from casework.people.administration.staffing import Desk, administer

_GROUND = "发送测试消息"


class NotTaken(Problem):
    """A test message that the outlet did not take; the detail is what it said."""

    type = "test-not-sent"
    title = "测试消息没有发出"
    status = 409


def try_out(office: Office, actor: Actor, outlet: int, to: str, gateways: Gateways) -> str:
    """Send a test message by an outlet; gives the gateway's receipt, empty if it gives none.

    Raises NotFound, NotAllowed as `close_outlet`, BadInput for an address that is none, NotTaken.
    """
    code = of_own_outlet(office, actor, outlet)

    def work(desk: Desk) -> Letter:
        row = desk.session.get_one(Outlet, outlet)
        address = "" if row.medium == Medium.CHAT.value else desk_address(Medium(row.medium), to)
        text = f"这是{desk.authority.name}在{in_chinese(desk.today)}发送的测试消息，请勿回复。"
        desk.log("outlet_tried", _GROUND, legal_date(office.time.now()), [row])
        return Letter(f"test-{secrets.token_hex(16)}", address, "测试消息", text)

    letter = administer(office, actor, code, work)
    with office.database.session() as session:
        way = way_of(office, session, session.get_one(Outlet, outlet))
    try:
        return handed_over(gateways, way, letter) or ""
    except Problem:
        raise
    except Exception as error:  # whatever a library raises
        raise NotTaken(str(error) or reason(error)) from None
