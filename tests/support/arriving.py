"""A mail server of which somebody reports what arrived (到达回执), for deliveries of a town."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from casework.duties.handing_over import deliver_notices, send_messages
from casework.models import ElectronicService, Outlet
from casework.notifying import arrivals, outlets
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import Gateways, Letter, Way
from tests.support.town import StoppedTime, Town

_NAME, _SECRET = "NUOXIN_SECRET_CC_REPORT", "r3port"


@dataclass
class Postman(Gateways):
    """Takes whatever it is handed, and keeps it."""

    letters: list[Letter] = field(default_factory=list)

    def hand_over(self, way: Way, letter: Letter) -> str:
        """Keep it; gives a receipt."""
        self.letters.append(letter)
        return f"R-{letter.key}"


def open_mail(town: Town) -> int:
    """Open an outlet for mail that reports arrivals, with the machine's clock at the town's."""
    town.office.machine = StoppedTime()
    return outlets.open_outlet(
        town.office,
        town.people["admin"],
        medium="mail",
        label="电子邮件",
        address="127.0.0.1:25",
        security="plain",
        sender="wjw@city.example",
        report_name=_NAME,
        ground="崇卫办〔2026〕3号",
    )


def send_out(town: Town) -> list[Letter]:
    """Let what waits go out; gives the letters that bear documents."""
    postman = Postman()
    deliver_notices(town.office, Outlets(town.office))
    send_messages(town.office, postman)
    return [letter for letter in postman.letters if letter.papers]


def report(
    town: Town, letter: Letter, *, at: datetime | None = None, dated: bool = True, **said: str
) -> None:
    """Let the gateway report that a letter arrived, now or at that instant or without one, or what
    else is `said`."""
    town.office.machine.instant = town.time.now()  # type: ignore[attr-defined]
    with town.session() as session:
        outlet = session.scalars(select(Outlet.id).where(Outlet.report_name == _NAME)).one()
    instant = {"at": (at or town.time.now()).isoformat()} if dated else {}
    body = json.dumps({"key": letter.key, "state": "arrived", **instant, **said}).encode()
    seconds = int(town.time.now().timestamp())
    signature = arrivals.sign(_SECRET, seconds, body)
    arrivals.report(town.office, outlet, signature, body, {_NAME: _SECRET})


def arrive(town: Town) -> list[Letter]:
    """Let what was asked for go out and arrive at once; gives the letters."""
    letters = send_out(town)
    for letter in letters:
        report(town, letter)
    return letters


def deliveries(town: Town) -> list[ElectronicService]:
    """What was sent to be served, in order."""
    with town.session() as session:
        return list(session.scalars(select(ElectronicService).order_by(ElectronicService.id)))
