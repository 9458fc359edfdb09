"""Reconciliation (对账): what a platform has, row by row, against what the ledger says it should.

Rows are known by the number of their decision, as anybody knows them. What is on its way is no
difference: missing is what the platform once took, or the ledger has as shown there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.common.database import by_index
from casework.common.sweep_report import SweepReport
from casework.common.texts import tidy
from casework.exchange.pushing.packing import Listed, answers, listed_in
from casework.exchange.pushing.platforms import Counterpart, said_of
from casework.exchange.pushing.push_states import Operation, State, Unreadable
from casework.exchange.pushing.queueing import in_force, latest_of, record_of
from casework.exchange.pushing.transports import Transport
from casework.kernel.office import Office
from casework.models import Case, Publication, PublicationLine, Push, Reconciliation
from casework.publicity.decided import decided_entries
from casework.publicity.national_fields import REGISTERS

KEPT = 500  # differences that are kept of one comparison
_BATCH = 500
_NUMBERS = {"licences": "XK_WSH", "penalties": "CF_WSH"}

Kind = Literal["missing", "only_there", "different", "still_shown", "doubled"]
KINDS: Mapping[Kind, str] = {
    "missing": "平台没有",
    "only_there": "只有平台有",
    "different": "内容不一致",
    "still_shown": "已撤下，平台仍在公示",
    "doubled": "平台重复",
}


@dataclass(frozen=True)
class FieldApart:
    """A field that says something else there."""

    code: str
    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Difference:
    """A decision, by its number, of which a platform has something else than the ledger."""

    kind: Kind
    register: str
    number: str
    case: str
    fields: tuple[FieldApart, ...] = ()


@dataclass(frozen=True)
class _Ours:
    case_id: int
    said: Mapping[str, str]
    shown: bool
    given: bool


def is_time(session: Session, at: Counterpart) -> bool:
    """Whether a platform took something, and was not compared for as long as it may be."""
    took = select(Push.id).where(
        Push.authority_id == at.authority_id,
        Push.platform == at.key,
        Push.state == State.TAKEN.value,
    )
    last = session.scalar(
        select(Reconciliation.at)
        .where(Reconciliation.authority_id == at.authority_id, Reconciliation.platform == at.key)
        .order_by(Reconciliation.id.desc())
        .limit(1)
    )
    if last is None:
        return session.scalar(took.limit(1)) is not None
    return at.now - last >= timedelta(days=at.platform.reconcile_days)


def compare(office: Office, at: Counterpart, transport: Transport, report: SweepReport) -> None:
    """Compare what a platform has with the ledger, and keep what differs. Raises Unreachable."""
    found: list[Difference] = []
    ours = theirs = 0
    for register in at.platform.registers:
        data = transport.get(f"records/{register}.{answers(at.platform)}")
        if data is None:
            report.notes.append(f"{at.platform.label}：没有给出{register}的清单，没有对账")
            return
        try:
            listed = listed_in(at.platform, data)
        except Unreadable as error:
            report.failed.append(f"{at.platform.label}：{register}的清单不能读取：{error}")
            return
        with office.database.session() as session:
            by_index(session)
            known = _ours(office, session, at, register)
            apart = list(_apart(register, known, listed))
            found += _with_cases(session, known, apart)
        ours += sum(one.shown and one.given for one in known.values())
        theirs += sum(one.shown for one in listed)
    with office.database.session() as session:
        session.add(
            Reconciliation(
                authority_id=at.authority_id,
                platform=at.key,
                at=at.now,
                ours=ours,
                theirs=theirs,
                found=len(found),
                differences=[asdict(one) for one in found[:KEPT]],
            )
        )
    report.done.append(f"{at.platform.label}：对账完成，{len(found)} 条不一致")


def _ours(office: Office, session: Session, at: Counterpart, register: str) -> dict[str, _Ours]:
    """By the number of the decision, what a platform should have of it: what came last counts."""
    rules = office.rules.current(session)
    found: dict[str, _Ours] = {}
    after = 0
    while True:
        wanted = (
            in_force(rules, at, lacking=False)
            & (Publication.register == register)
            & (Publication.id > after)
        )
        entries = decided_entries(session, rules, at.today, wanted, Publication.id, _BATCH)
        latest = latest_of(session, at, {record_of(at, entry) for entry in entries})
        given = _given(session, at, [entry.publication.id for entry in entries])
        for entry in entries:
            row = entry.publication
            operation, amended = latest.get(record_of(at, entry), ("", {}))
            said = {**said_of(entry), **amended}
            shown = row.withdrawn_because is None
            has = row.id in given and operation != Operation.VOID.value
            found[said[_NUMBERS[register]]] = _Ours(row.case_id, said, shown, has)
        if len(entries) < _BATCH:
            return found
        after = entries[-1].publication.id


def _given(session: Session, at: Counterpart, entries: list[int]) -> set[int]:
    """Which of these entries a platform took, or the ledger has as done there."""
    took = select(Push.publication_id).where(
        Push.platform == at.key,
        Push.publication_id.in_(entries),
        Push.state == State.TAKEN.value,
    )
    lines = select(PublicationLine.publication_id).where(
        PublicationLine.publication_id.in_(entries),
        PublicationLine.channel == at.platform.channel,
    )
    return set(session.scalars(took.union(lines)))


def _apart(register: str, ours: Mapping[str, _Ours], listed: list[Listed]) -> Iterator[Difference]:
    code = _NUMBERS[register]
    theirs = {one.said.get(code, ""): one for one in listed if one.shown}
    times = Counter(one.said.get(code, "") for one in listed if one.shown)
    for number, one in ours.items():
        there = theirs.get(tidy(number))
        if one.shown and one.given and there is None:
            yield Difference("missing", register, number, "")
        elif there is not None and not one.shown:
            yield Difference("still_shown", register, number, "")
        elif there is not None and (fields := tuple(_fields(register, one.said, there.said))):
            yield Difference("different", register, number, "", fields)
    known = {tidy(number) for number in ours}
    for number in sorted(theirs.keys() - known):
        yield Difference("only_there", register, number, "")
    for number, count in times.items():
        if count > 1:
            yield Difference("doubled", register, number, "")


def _fields(
    register: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[FieldApart]:
    for field in REGISTERS[register]:
        if field.code in theirs and tidy(ours[field.code]) != theirs[field.code]:
            yield FieldApart(field.code, field.label, ours[field.code], theirs[field.code])


def _with_cases(
    session: Session, ours: Mapping[str, _Ours], apart: list[Difference]
) -> list[Difference]:
    """The differences, each with the number of its case if it has one here."""
    cases = {one.number: ours[one.number].case_id for one in apart if one.number in ours}
    found = session.execute(
        select(Case.id, Case.number).where(Case.id.in_(set(cases.values())))
    ).tuples()
    numbers = dict(found.all())
    return [
        Difference(
            one.kind,
            one.register,
            one.number,
            numbers.get(cases.get(one.number, 0), ""),
            one.fields,
        )
        for one in apart
    ]
