"""Electronic delivery (电子送达): sent by the system, and dated by its arrival (民诉法90).

Whoever serves asks for it, and the act waits (等待到达回执) while the documents go out by an outlet
of the authority. It is taken when the gateway reports that they came to the address that the party
agreed to, and bears that day, not that of our own sending.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import (
    Paper,
    entry_of,
    named,
    papers_of,
    service_of,
    waiting,
    way_of,
)
from casework.acts.notices import ELECTRONIC, PARTY, notice_of
from casework.common.demo_time import is_demo
from casework.common.problems import Misconfigured
from casework.models import Document, ElectronicService, Outlet
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS, Receipt, Way

# By what kind of outlet documents go: to a mail address, or to an account of another system.
MAIL, PROGRAM = "mail", "webhook"


class State(StrEnum):
    """How far a delivery has come; what failed may still arrive late."""

    WAITING = "waiting"
    SERVED = "served"
    FAILED = "failed"
    OVERTAKEN = "overtaken"

    @property
    def label(self) -> str:
        """As people call it."""
        return _STATES[self]


_STATES = {
    State.WAITING: "等待到达回执",
    State.SERVED: "已到达",
    State.FAILED: "没有到达",
    State.OVERTAKEN: "到达时不能再登记",
}


def awaits_arrival(act: Act) -> bool:
    """Whether the act is a delivery that its gateway has yet to report."""
    effect = service_of(act)
    if effect is None or effect.kind != "receipt" or act.ground.arrival:
        return False
    return way_of(act) == Way.ELECTRONIC


def medium_of(address: str) -> str:
    """By what kind of outlet documents go to an address."""
    return MAIL if "@" in address else PROGRAM


def is_reported(session: Session, authority_id: int, address: str) -> bool:
    """Whether documents go to that address by an outlet that reports their arrival; the mailbox of
    a demo does."""
    outlet = session.scalar(
        select(Outlet)
        .where(
            Outlet.authority_id == authority_id,
            Outlet.medium == medium_of(address),
            Outlet.closed_at.is_(None),
        )
        .order_by(Outlet.id)
        .limit(1)
    )
    return bool(outlet.report_name) if outlet else is_demo(session)


def on_their_way(act: Act) -> Iterator[ElectronicService]:
    """The deliveries under way of what the act would send again."""
    wanted = {(paper.key, paper.seq) for paper in _papers(act)}
    for row in _of_case(act, State.WAITING):
        if wanted & papers_in(row):
            yield row


def came_to_nothing(act: Act) -> bool:
    """Whether the gateway said, or its silence, that a delivery of the same thing did not arrive:
    the system's own proof of the try."""
    effect = service_of(act)
    return effect is not None and any(row.of == effect.of for row in _of_case(act, State.FAILED))


def leave(act: Act) -> None:
    """Let the act wait for its arrival, and put what it sends into the outbox."""
    effect, agreed = service_of(act), act.inputs.at(CONFIRM_ADDRESS)
    if effect is None or agreed is None:
        raise Misconfigured(f"步骤“{act.step.label}”不能电子送达")
    papers, address = _papers(act), agreed.electronic_address.strip()
    titles = "、".join(f"《{paper.title}》" for paper in papers)
    notice = notice_of(
        act.session,
        act.case,
        act.process,
        key=f"{act.case.number}/electronic/{secrets.token_hex(8)}",
        kind=ELECTRONIC,
        to=PARTY,
        subject=f"电子送达：{titles}",
        body=f"现以电子方式向您确认的送达地址（{address}）送达{titles}。"
        "以到达该地址所在系统的日期为送达日期。",
        now=act.ground.now,
    )
    act.session.add(notice)
    act.session.flush()
    [officer] = act.hand.officers
    act.session.add(
        ElectronicService(
            case_id=act.case.id,
            notice_id=notice.id,
            of=effect.of,
            step=act.step.name,
            input={**act.input, "documents": [paper.key for paper in papers]},
            papers=[paper.as_served for paper in papers],
            address=address,
            role=act.hand.role.value,
            certificate=officer.certificate,
            person_id=officer.person_id,
            account_id=act.hand.account_id,
            asked_at=act.ground.now,
            state=State.WAITING.value,
        )
    )


def papers_in(row: ElectronicService) -> frozenset[tuple[str, int]]:
    """The keys and log rows of the documents of a delivery."""
    return frozenset((str(one["key"]), int(one["seq"])) for one in row.papers)


def enclosed(session: Session, notice_id: int) -> tuple[tuple[str, bytes], ...]:
    """The documents that go out with a notice, by their file names."""
    row = session.scalars(
        select(ElectronicService).where(ElectronicService.notice_id == notice_id)
    ).one()
    wanted = papers_in(row)
    documents = session.scalars(
        select(Document).where(Document.case_id == row.case_id).order_by(Document.id)
    )
    return tuple(
        (f"{one.title}.docx", one.content) for one in documents if (one.key, one.log_seq) in wanted
    )


def _papers(act: Act) -> tuple[Paper, ...]:
    effect = service_of(act)
    if effect is None:
        return ()
    receipts = entry_of(act.data, effect.of)["receipts"]
    return named(act.filled(Receipt).documents, waiting(papers_of(act, effect), receipts))


def _of_case(act: Act, state: State) -> Iterator[ElectronicService]:
    yield from act.session.scalars(
        select(ElectronicService)
        .where(ElectronicService.case_id == act.case.id, ElectronicService.state == state.value)
        .order_by(ElectronicService.id)
    )
