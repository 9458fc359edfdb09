"""The decision receipt (决定依据单): what one decision rests on, as its row of the log kept it.

Nothing is worked out again that the log has. The party's own copy leaves out what is not its own:
what guards looked at of others, what officers filled in, reviewed and collected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.access.party_view import PartyView, party_view
from casework.access.readers import Reader, find, sight_of
from casework.acts.actors import Actor
from casework.common.problems import NotFound
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    DailyRoot,
    Document,
    LogRow,
    Party,
    Person,
    ProcessVersion,
)
from casework.reading.basis.fact_words import FactView, in_words
from casework.reading.basis.limits_used import LimitUsed, limits_used
from casework.reading.basis.rested_on import (
    ApprovalGiven,
    EvidenceHeld,
    approvals_given,
    evidence_held,
)
from casework.reading.handed_out import DocumentView, documents_of
from casework.reading.log import LogLine, log_view
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Process


@dataclass(frozen=True)
class LawApplied:
    """An article, and what of the decision it is for."""

    law: str
    what: str


@dataclass(frozen=True)
class VersionUsed:
    """The version of the process that the case runs under: its digest, and its first legal day."""

    label: str
    digest: str
    effective_from: date
    published_at: datetime


@dataclass(frozen=True)
class OfficerNamed:
    """An officer whom a letter names, with the number of the certificate as it stands there."""

    name: str
    certificate: str


@dataclass(frozen=True)
class TemplateUsed:
    """The edition of the Word template of a document."""

    title: str
    digest: str
    valid_from: date | None


@dataclass(frozen=True)
class DelegatedBy:
    """The written delegation under which it was decided (首席代表授权)."""

    number: str
    granted_by: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class DecisionBasis:
    """What a decision rests on.

    `line` is its row of the log with what was filled in, `facts` are what the guards looked at,
    `named` the officers whom its letters name;
    `rules` are the guards of the version, by name and revision. `whole`: nothing is left out, as it
    is from the party's own copy. `sealed_on` is the day of the first daily root that covers it, and
    `root` that root, None while there is none.
    """

    number: str
    authority: str
    party: PartyView
    line: LogLine
    previous_hash: str
    version: VersionUsed
    laws: tuple[LawApplied, ...]
    rules: tuple[str, ...]
    facts: tuple[FactView, ...]
    limits: tuple[LimitUsed, ...]
    approvals: tuple[ApprovalGiven, ...]
    evidence: tuple[EvidenceHeld, ...]
    named: tuple[OfficerNamed, ...]
    delegation: DelegatedBy | None
    documents: tuple[DocumentView, ...]
    templates: tuple[TemplateUsed, ...]
    sealed_on: date | None
    root: str
    whole: bool


def decision_basis(
    office: Office, session: Session, actor: Actor, number: str, seq: int
) -> DecisionBasis:
    """What the decision of that row of the log rests on. Raises NotFound, also for a row that is no
    decision, or none that its reader was told of."""
    case, reader = find(office, session, actor, number)
    line = next((one for one in log_view(office, session, actor, number) if one.seq == seq), None)
    if line is None or not line.decided:
        raise NotFound("本案没有这项决定")
    row = session.scalars(select(LogRow).where(LogRow.case_id == case.id, LogRow.seq == seq)).one()
    process = office.versions.by_digest(session, case.version_digest)
    sight = sight_of(session, reader, case, process)
    rules = office.rules.current(session)
    whole = reader.serves(case)
    own = whole and case.authority_id in reader.authorities
    documents = tuple(one for one in documents_of(office, session, case, reader) if one.seq == seq)
    limits = limits_used(session, rules, case, process, reader, sight, row)
    approvals = approvals_given(session, case, process, reader, sight, row)
    kept = _kept(session, documents)
    authority = session.get_one(Authority, case.authority_id)
    sealed = _root_of(session, row)
    return DecisionBasis(
        number=case.number,
        authority=authority.name,
        party=party_view(session.get_one(Party, case.party_id)),
        line=line,
        previous_hash=row.previous,
        version=_version(session, case, process),
        laws=tuple(_laws(process, line, rules, authority.region, documents, limits, approvals)),
        rules=tuple(guard.key for guard in process.step(line.name).guards),
        facts=in_words(line.facts or {}),
        limits=limits,
        approvals=approvals,
        evidence=evidence_held(session, case, line.recorded_at) if own else (),
        named=tuple(_named(kept)),
        delegation=_delegation(session, row, reader, case),
        documents=documents,
        templates=tuple(_templates(rules, kept)),
        sealed_on=sealed.day if sealed else None,
        root=sealed.root if sealed else "",
        whole=whole,
    )


def _kept(session: Session, documents: Sequence[DocumentView]) -> Sequence[Document]:
    """The rows of these documents, with what was printed on them."""
    wanted = select(Document).where(Document.id.in_([one.id for one in documents]))
    return session.scalars(wanted.order_by(Document.id).options(undefer(Document.context))).all()


def _version(session: Session, case: Case, process: Process) -> VersionUsed:
    row = session.get_one(ProcessVersion, case.version_digest)
    return VersionUsed(process.label, row.digest, row.effective_from, row.published_at)


def _laws(
    process: Process,
    line: LogLine,
    rules: Rules,
    region: str,
    documents: Sequence[DocumentView],
    limits: Sequence[LimitUsed],
    approvals: Sequence[ApprovalGiven],
) -> Iterator[LawApplied]:
    """Each article once for each thing that it is for."""
    found = [
        (process.law, process.label),
        (process.step(line.name).law, line.label),
        *((rules.document(d.key, d.issued_on, region).law, f"《{d.title}》") for d in documents),
        *((one.law, one.label) for one in approvals),
        *((one.law, one.label) for one in limits),
    ]
    yield from (LawApplied(law, what) for law, what in dict.fromkeys(found) if law)


def _named(kept: Sequence[Document]) -> Iterator[OfficerNamed]:
    """The officers whom these letters name, each once."""
    printed = (one for document in kept for one in _officers(document.context))
    yield from dict.fromkeys(OfficerNamed(one["name"], one["certificate"]) for one in printed)


def _officers(printed: Any) -> Iterator[Mapping[str, str]]:
    """Whatever of what was printed is an officer: a name with a certificate."""
    if isinstance(printed, Mapping):
        if printed.keys() >= {"name", "certificate"} and printed["certificate"]:
            yield printed
        for inner in printed.values():
            yield from _officers(inner)
    elif isinstance(printed, list):
        for inner in printed:
            yield from _officers(inner)


def _templates(rules: Rules, kept: Sequence[Document]) -> Iterator[TemplateUsed]:
    for document in kept:
        edition = rules.edition(document.template_digest)
        first = edition.valid_from if edition else None
        yield TemplateUsed(document.title, document.template_digest, first)


def _delegation(session: Session, row: LogRow, reader: Reader, case: Case) -> DelegatedBy | None:
    said = row.payload.get("delegation")
    if not said:
        return None
    name = session.get_one(Person, said["granted_by"]).name if reader.serves(case) else ""
    first, last = (date.fromisoformat(said[day]) for day in ("valid_from", "valid_to"))
    return DelegatedBy(said["number"], name, first, last)


def _root_of(session: Session, row: LogRow) -> DailyRoot | None:
    """The first daily root that was sealed after the row was written."""
    at = datetime.fromisoformat(row.header["recorded_at"])
    sealed = select(DailyRoot).where(DailyRoot.sealed_at > at).order_by(DailyRoot.id).limit(1)
    return session.scalar(sealed)
