"""Electronic delivery (电子送达): sent by the system, and dated by its arrival (民诉法90).

Whoever serves asks for it, and the act waits (等待到达回执) while the documents go out by an outlet
of the authority. It is taken when the gateway reports that they came to the address that the party
agreed to, and bears that day, not that of our own sending.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import (
    Paper,
    entry_of,
    named,
    papers_as,
    papers_of,
    service_of,
    waiting,
    way_of,
)
from casework.acts.dossier import dossier_of
from casework.acts.notices import ELECTRONIC, PARTY, notice_of
from casework.common.demo_time import is_demo
from casework.common.problems import GuardRefused, Misconfigured
from casework.common.typed_inputs import read
from casework.models import Case, Document, ElectronicService, Outlet
from casework.rules.versions import VersionCache
from state_machines.language.vocabulary import Process, Refusal
from state_machines.parts.delivery.forms import (
    CONFIRM_ADDRESS,
    AddressConfirmation,
    Receipt,
    Way,
)

# Why a delivery has no use any more.
SERVED_OTHERWISE = "文书已另行送达或者重新制作"
ADDRESS_GIVEN_UP = "当事人已另行确认送达地址"

# By what kind of outlet documents go: to a mail address, or to an account of another system.
MAIL, PROGRAM = "mail", "webhook"


class State(StrEnum):
    """How far a delivery has come. `failed`: so the sending system said; `stopped`: waited for no
    longer, though nothing was said. Either may still arrive late."""

    WAITING = "waiting"
    SERVED = "served"
    FAILED = "failed"
    STOPPED = "stopped"
    OVERTAKEN = "overtaken"

    @property
    def label(self) -> str:
        """As people call it."""
        return _STATES[self]


_STATES = {
    State.WAITING: "等待到达回执",
    State.SERVED: "已到达",
    State.FAILED: "没有到达",
    State.STOPPED: "不再等待到达",
    State.OVERTAKEN: "到达时不能再登记",
}
# What is served if it arrives.
OPEN = (State.WAITING, State.FAILED, State.STOPPED)


def awaits_arrival(act: Act) -> bool:
    """Whether the act is a delivery that its gateway has yet to report."""
    effect = service_of(act)
    if effect is None or effect.kind != "receipt" or act.context.arrival:
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
    for row in _of_case(act, State.WAITING):
        if _wanted(act) & papers_sent(row) and not given_up_at(act.session, act.case, row):
            yield row


def came_to_nothing(act: Act) -> bool:
    """Whether the sending system said that a delivery of the same papers did not arrive: its own
    proof of the try. Its silence proves nothing (民诉法解释135)."""
    return any(_wanted(act) & papers_sent(row) for row in _of_case(act, State.FAILED))


def over(session: Session, versions: VersionCache, row: ElectronicService) -> str:
    """Why a delivery has no use any more; empty while it has."""
    case = session.get_one(Case, row.case_id)
    process = versions.by_digest(session, case.version_digest)
    if not still_wait(session, process, case, row):
        return SERVED_OTHERWISE
    return ADDRESS_GIVEN_UP if given_up_at(session, case, row) else ""


def still_wait(
    session: Session, process: Process, case: Case, row: ElectronicService
) -> frozenset[tuple[str, int]]:
    """Those papers of a delivery that no receipt covers yet and nothing replaced. Raises
    Misconfigured if the process serves no such thing."""
    issued = papers_as(session, case, process, row.of)
    left = waiting(issued, entry_of(case.data, row.of)["receipts"])
    return papers_sent(row) & {(paper.key, paper.seq) for paper in left}


def to_record(
    session: Session, process: Process, case: Case, row: ElectronicService, arrived_at: datetime
) -> list[str]:
    """The keys of the documents to record of what arrived; none if nothing waits any more. Raises
    GuardRefused if it came to an address that the party had given up."""
    given_up = given_up_at(session, case, row)
    waits = {key for key, _ in still_wait(session, process, case, row)}
    if waits and given_up and given_up < arrived_at:
        law = "《民事诉讼法》第九十条"
        raise GuardRefused([Refusal("address_given_up", ADDRESS_GIVEN_UP, law)])
    return [paper["key"] for paper in row.papers if paper["key"] in waits]


def given_up_at(session: Session, case: Case, row: ElectronicService) -> datetime | None:
    """When the party agreed to another address than that of a delivery, or to none; None while it
    stands."""
    said = case.data.get(CONFIRM_ADDRESS)
    agreed = read(AddressConfirmation, said) if said else None
    if agreed and agreed.electronic and agreed.electronic_address.strip() == row.address:
        return None
    last = dossier_of(session, case).last(CONFIRM_ADDRESS)
    return datetime.fromisoformat(last["recorded_at"]) if last else None


def leave(act: Act) -> None:
    """Let the act wait for its arrival, and put what it sends into the outbox. Raises Misconfigured
    if the step serves nothing."""
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
        now=act.context.now,
    )
    act.session.add(notice)
    act.session.flush()
    [officer] = act.execution.officers
    act.session.add(
        ElectronicService(
            case_id=act.case.id,
            notice_id=notice.id,
            of=effect.of,
            step=act.step.name,
            input={**act.input, "documents": [paper.key for paper in papers]},
            papers=[paper.as_served for paper in papers],
            address=address,
            consented_on=agreed.signed_on,
            role=act.execution.role.value,
            certificate=officer.certificate,
            person_id=officer.person_id,
            account_id=act.execution.account_id,
            asked_at=act.context.now,
            state=State.WAITING.value,
        )
    )


def papers_sent(row: ElectronicService) -> frozenset[tuple[str, int]]:
    """The keys and log rows of the documents of a delivery."""
    return frozenset((str(paper["key"]), int(paper["seq"])) for paper in row.papers)


def enclosed(session: Session, notice_id: int) -> tuple[tuple[str, bytes], ...]:
    """The documents that go out with a notice, by their file names."""
    row = session.scalars(
        select(ElectronicService).where(ElectronicService.notice_id == notice_id)
    ).one()
    wanted = papers_sent(row)
    documents = session.scalars(
        select(Document).where(Document.case_id == row.case_id).order_by(Document.id)
    )
    return tuple(
        (f"{document.title}.docx", document.content)
        for document in documents
        if (document.key, document.log_seq) in wanted
    )


def _papers(act: Act) -> tuple[Paper, ...]:
    effect = service_of(act)
    if effect is None:
        return ()
    receipts = entry_of(act.data, effect.of)["receipts"]
    return named(act.filled(Receipt).documents, waiting(papers_of(act, effect), receipts))


def _wanted(act: Act) -> frozenset[tuple[str, int]]:
    return frozenset((paper.key, paper.seq) for paper in _papers(act))


def _of_case(act: Act, state: State) -> Iterator[ElectronicService]:
    yield from act.session.scalars(
        select(ElectronicService)
        .where(ElectronicService.case_id == act.case.id, ElectronicService.state == state.value)
        .order_by(ElectronicService.id)
    )
