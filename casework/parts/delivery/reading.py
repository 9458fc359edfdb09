"""Service of documents (送达) for people: what is to be served, each receipt, each failed try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts import arrival
from casework.acts.deliveries import Paper, entry_of, papers_as, waiting
from casework.acts.electronic import State
from casework.acts.redactions import MARK
from casework.common.timekeeping import legal_date
from casework.models import Case, ElectronicService
from state_machines.language.vocabulary import Process, RecordService
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS


@dataclass(frozen=True)
class ReceiptView:
    """One receipt (送达回证): how, on which legal date, to whom, and which documents it covers."""

    way: str
    on: date
    place: str
    recipient: str
    receiver: str
    documents: tuple[str, ...]
    proof: tuple[str, ...]
    servers: tuple[str, ...]


@dataclass(frozen=True)
class TryView:
    """One try that failed."""

    way: str
    on: date
    place: str
    outcome: str
    servers: tuple[str, ...]


@dataclass(frozen=True)
class SentView:
    """What was sent electronically and has not been served: where to, and how far that is."""

    address: str
    asked_on: date
    documents: tuple[str, ...]
    state: str
    outcome: str


@dataclass(frozen=True)
class PaperView:
    """A document that waits to be served."""

    key: str
    title: str
    number: str


@dataclass(frozen=True)
class ServiceView:
    """Serving one thing (`decision`). `served_on` is the day of the last receipt needed, None while
    something is `waiting`; `announced_on` the day of a 公告送达 that ran or runs."""

    of: str
    served_on: date | None
    waiting: tuple[PaperView, ...]
    receipts: tuple[ReceiptView, ...]
    tries: tuple[TryView, ...]
    announced_on: date | None
    announcement: str
    sent: tuple[SentView, ...]


def service_of(
    session: Session, case: Case, process: Process, *, as_officer: bool
) -> tuple[ServiceView, ...]:
    """Everything that the process serves and has issued by now, in the order it declares it. What
    gateways and the server say of what was not served is for officers."""
    told = (effect for step in process.every_step for effect in step.effects)
    wanted = dict.fromkeys(one.of for one in told if isinstance(one, RecordService))
    found = ((of, papers_as(session, case, process, of)) for of in wanted)
    sent = _sent(session, case, as_officer=as_officer)
    return tuple(
        _view(of, entry_of(case.data, of), papers, sent.get(of, ()))
        for of, papers in found
        if papers
    )


def _sent(session: Session, case: Case, *, as_officer: bool) -> dict[str, tuple[SentView, ...]]:
    """The electronic deliveries that have not been served, by what they serve."""
    found: dict[str, tuple[SentView, ...]] = {}
    agreed = case.data.get(CONFIRM_ADDRESS, {}).get("electronic_address")
    rows = session.scalars(
        select(ElectronicService)
        .where(
            ElectronicService.case_id == case.id,
            ElectronicService.state != State.SERVED.value,
        )
        .order_by(ElectronicService.id)
    )
    for row in rows:
        view = SentView(
            MARK if agreed == MARK else row.address,
            legal_date(row.asked_at),
            tuple(paper["title"] for paper in row.papers),
            State(row.state).label,
            (row.outcome or "") if as_officer else "",
        )
        found[row.of] = (*found.get(row.of, ()), view)
    return found


def _view(
    of: str, entry: Mapping[str, Any], papers: tuple[Paper, ...], sent: tuple[SentView, ...]
) -> ServiceView:
    told = entry["announced"] or {}
    left = waiting(papers, entry["receipts"])
    return ServiceView(
        of=of,
        served_on=date.fromisoformat(entry["served_on"])
        if entry["served_on"] and not left
        else None,
        waiting=tuple(PaperView(paper.key, paper.title, paper.number) for paper in left),
        receipts=tuple(_receipt(one) for one in entry["receipts"]),
        tries=tuple(
            TryView(
                one["way"],
                date.fromisoformat(one["on"]),
                one["place"],
                one["outcome"],
                tuple(one["servers"]),
            )
            for one in entry["tries"]
        ),
        announced_on=date.fromisoformat(told["on"]) if told else None,
        announcement=f"{told['ground']}；{told['medium']}；{told['reason']}" if told else "",
        sent=sent,
    )


# What a receipt proves its service by, and what each is called.
_PROOF = (
    ("mailing_number", "邮件号码"),
    ("refusal", "拒收事由"),
    ("witness", "见证人"),
    ("witness_unit", "见证人单位"),
    ("through", "受托、转交单位"),
    ("note", "备注"),
)


def _receipt(one: Mapping[str, Any]) -> ReceiptView:
    return ReceiptView(
        way=one["way"],
        on=date.fromisoformat(one["on"]),
        place=one.get("place", ""),
        recipient=one.get("recipient", ""),
        receiver=one.get("receiver", ""),
        documents=tuple(
            f"{paper['title']}（{paper['number']}）" if paper["number"] else paper["title"]
            for paper in one["documents"]
        ),
        proof=(
            *(f"{label}：{one[name]}" for name, label in _PROOF if one.get(name)),
            *((arrival.in_words(one["arrival"]),) if "arrival" in one else ()),
        ),
        servers=tuple(one["servers"]),
    )
