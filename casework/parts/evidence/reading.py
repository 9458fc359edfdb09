"""The evidence register of a case for its officers (证据登记), every version of every item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.common.problems import NotFound
from casework.documents.files import DOCX, File
from casework.kernel.office import Office
from casework.models import Case, Document, Evidence, LogRow, Person
from casework.parts.evidence.register import latest, rows_of
from state_machines.parts.legal_review.forms import PASS_REVIEW


@dataclass(frozen=True)
class EvidenceView:
    """One version of an item. `current` is the latest one, `after_review` entered after the latest
    legal review passed; `digest` is the SHA-256 of its file, None for a thing."""

    n: int
    version: int
    current: bool
    withdrawn: bool
    after_review: bool
    kind: str
    title: str
    origin: str
    collectors: tuple[str, ...]
    collected_on: date
    place: str
    proves: str
    storage: str
    description: str
    legal_review: str
    technical_review: str
    reason: str
    filename: str
    size: int | None
    digest: str | None
    document: int | None
    recorded_by: str
    recorded_at: datetime


def evidence_view(
    office: Office, session: Session, actor: Actor, number: str, by_seq: int | None = None
) -> tuple[EvidenceView, ...]:
    """The register, in order of item and version; as of a log row if one is given. Raises NotFound,
    also for the party and guests: it is the authority's own until it is told to the party."""
    case = _own(office, session, actor, number)
    rows = rows_of(session, case.id, by_seq)
    newest = latest(rows)
    passed = _review_passed(session, case, by_seq)
    people = {row.person_id for row in rows}
    names = {p.id: p.name for p in session.scalars(select(Person).where(Person.id.in_(people)))}
    issued = {
        (paper.log_seq, paper.key): paper.id
        for paper in session.scalars(select(Document).where(Document.case_id == case.id))
    }
    return tuple(
        EvidenceView(
            n=row.n,
            version=row.version,
            current=newest[row.n] is row,
            withdrawn=row.withdrawn,
            after_review=passed is not None and row.log_seq > passed,
            kind=row.said["kind"],
            title=row.said["title"],
            origin=row.said["origin"],
            collectors=tuple(
                f"{one['name']}（{one['certificate']}）" for one in row.said["collectors"]
            ),
            collected_on=date.fromisoformat(row.said["collected_on"]),
            place=row.said["place"],
            proves=row.said["proves"],
            storage=row.said["storage"],
            description=row.said["description"],
            legal_review=row.said["legal_review"],
            technical_review=row.said["technical_review"],
            reason=row.said["reason"],
            filename=row.filename or "",
            size=row.size,
            digest=row.digest,
            document=issued.get((row.log_seq, row.document or "")),
            recorded_by=names.get(row.person_id or 0, ""),
            recorded_at=row.recorded_at,
        )
        for row in rows
    )


def evidence_bytes(
    office: Office, session: Session, actor: Actor, number: str, n: int, version: int
) -> File:
    """The file of one version of an item. Raises NotFound."""
    case = _own(office, session, actor, number)
    row = session.scalar(
        select(Evidence)
        .where(Evidence.case_id == case.id, Evidence.n == n, Evidence.version == version)
        .options(undefer(Evidence.content))
    )
    if row is not None and row.content is not None:
        return File(row.filename or "", row.media_type or "", row.content)
    paper = row and session.scalar(
        select(Document)
        .where(
            Document.case_id == case.id,
            Document.log_seq == row.log_seq,
            Document.key == row.document,
        )
        .options(undefer(Document.content))
    )
    if not paper:
        raise NotFound("这份证据没有电子文件")
    return File(f"{paper.title}-{paper.number}.docx", DOCX, paper.content)


def _own(office: Office, session: Session, actor: Actor, number: str) -> Case:
    """The case, if the actor holds a post at its own authority and does not act for its party.
    Raises NotFound."""
    case, reader = find(office, session, actor, number)
    if case.authority_id not in reader.authorities or reader.represents(case):
        raise NotFound("没有可以查阅的证据登记")
    return case


def _review_passed(session: Session, case: Case, by_seq: int | None) -> int | None:
    """The log row of the latest legal review that passed, up to a row if one is given; None if none
    did."""
    rows = session.execute(select(LogRow.seq, LogRow.header).where(LogRow.case_id == case.id))
    return max(
        (
            seq
            for seq, header in rows
            if header["name"] == PASS_REVIEW and (by_seq is None or seq <= by_seq)
        ),
        default=None,
    )
