"""What a decision was bound by (审批、审核) and which evidence stood in the register then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, Sight
from casework.acts.dossier import dossier_of
from casework.models import Case, LogRow, Person
from casework.parts.evidence.register import latest, rows_of
from state_machines.language.vocabulary import Process


@dataclass(frozen=True)
class ApprovalGiven:
    """An approval that the decision was held to: who gave it by which step and when, the SM3 of
    what it bound, and that of what was decided (the same, or what is milder)."""

    label: str
    law: str
    step: str
    by: tuple[str, ...]
    given_at: datetime | None
    seq: int
    bound: str
    decided: str


@dataclass(frozen=True)
class EvidenceHeld:
    """An item of evidence as it stood in the register; `digest` is the SHA-256 of its file, empty
    for a thing."""

    n: int
    version: int
    kind: str
    title: str
    collected_on: date
    digest: str


def approvals_given(
    session: Session, case: Case, process: Process, reader: Reader, sight: Sight, row: LogRow
) -> tuple[ApprovalGiven, ...]:
    """The approvals that the decision of a row kept to. The party reads of those that letters told
    it, and of no officer by name."""
    kept = row.payload.get("caused", {}).get("kept", [])
    if not kept:
        return ()
    before = session.scalars(
        select(LogRow)
        .where(
            LogRow.case_id == case.id,
            LogRow.seq <= row.seq,
            LogRow.payload["caused"]["bound"].as_string().is_not(None),
        )
        .order_by(LogRow.seq.desc())
    ).all()
    names = _names(session, before)
    as_officer = reader.serves(case)
    return tuple(
        approval
        for one in kept
        for approval in _given(process, before, one, names if as_officer else {})
        if as_officer or (approval.seq and _told(session, case, process, sight, approval))
    )


def _given(
    process: Process, before: Sequence[LogRow], kept: dict[str, str], names: dict[int, str]
) -> Iterator[ApprovalGiven]:
    binds = {bind.name: bind for bind in process.binds}
    bind = binds[kept["binding"]]
    by = next((row for row in before if (bind.name, kept["to"]) in _bound(row)), None)
    yield ApprovalGiven(
        label=bind.label,
        law=bind.law,
        step=process.step(by.header["name"]).label if by else "",
        by=tuple(names[one] for one in by.header["officers"] if one in names) if by else (),
        given_at=datetime.fromisoformat(by.header["recorded_at"]) if by else None,
        seq=by.seq if by else 0,
        bound=kept["to"],
        decided=kept["digest"],
    )


def _bound(row: LogRow) -> set[tuple[str, str]]:
    return {(one["binding"], one["digest"]) for one in row.payload["caused"]["bound"]}


def _told(
    session: Session, case: Case, process: Process, sight: Sight, given: ApprovalGiven
) -> bool:
    """Whether the party was told by a letter: of its own notice, and of no review."""
    header = next(one for one in dossier_of(session, case).headers if one["seq"] == given.seq)
    notices = {step for bind in process.binds if bind.name == "notice" for step in bind.by}
    return header["name"] in notices and sight.shows_step(process, header["name"])


def _names(session: Session, rows: Iterable[LogRow]) -> dict[int, str]:
    ids = {person for row in rows for person in row.header["officers"]}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    return {person.id: person.name for person in people}


def evidence_held(session: Session, case: Case, at: datetime) -> tuple[EvidenceHeld, ...]:
    """What the case could rest on at an instant: of the case that handed it over first (随案移交),
    then its own; nothing that was withdrawn by then."""
    cases = [one for one in (case.origin_id, case.id) if one is not None]
    return tuple(
        EvidenceHeld(
            n=row.n,
            version=row.version,
            kind=row.said["kind"],
            title=row.said["title"],
            collected_on=date.fromisoformat(row.said["collected_on"]),
            digest=row.digest or "",
        )
        for one in cases
        for row in latest([r for r in rows_of(session, one) if r.recorded_at <= at]).values()
        if not row.withdrawn
    )
