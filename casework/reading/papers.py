"""Papers of a case (文书与材料): what was issued and what was handed in, listed and downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from casework.actors import Actor
from casework.models import Attachment, Authority, Case, Document
from casework.office import Office
from casework.problems import NotFound
from casework.reading.access import find

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class DocumentView:
    """An issued document; `digest` is the SHA-256 of its bytes, `size` their number."""

    id: int
    key: str
    title: str
    number: str
    issued_on: date
    digest: str
    size: int
    internal: bool


@dataclass(frozen=True)
class AttachmentView:
    """A file handed in; `digest` is the SHA-256 of its bytes."""

    id: int
    material: str
    filename: str
    media_type: str
    size: int
    digest: str
    received_at: datetime


@dataclass(frozen=True)
class File:
    """A file to hand out."""

    filename: str
    media_type: str
    content: bytes


def document_bytes(
    office: Office, session: Session, actor: Actor, number: str, document_id: int
) -> File:
    """An issued document as it left the house. Raises NotFound, also for an internal one that the
    party asks for."""
    case, reader = find(office, session, actor, number)
    authority = session.get_one(Authority, case.authority_id)
    shown = documents_of(office, session, case, authority, as_officer=reader.serves(case))
    if document_id not in {document.id for document in shown}:
        raise NotFound("本案没有这份文书")
    row = session.get_one(Document, document_id, options=[undefer(Document.content)])
    name = "-".join(part for part in (row.title, row.number) if part)
    return File(f"{name}.docx", DOCX, row.content)


def attachment_bytes(
    office: Office, session: Session, actor: Actor, number: str, attachment_id: int
) -> File:
    """A file as it was handed in. Raises NotFound."""
    case, _ = find(office, session, actor, number)
    row = session.get(Attachment, attachment_id, options=[undefer(Attachment.content)])
    if row is None or row.case_id != case.id:
        raise NotFound("本案没有这份材料")
    return File(row.filename, row.media_type, row.content)


def documents_of(
    office: Office, session: Session, case: Case, authority: Authority, *, as_officer: bool
) -> tuple[DocumentView, ...]:
    """The documents of a case in order of issue; internal ones for officers only."""
    rules = office.rules.current(session)
    rows = session.execute(
        select(Document, func.octet_length(Document.content))
        .where(Document.case_id == case.id)
        .order_by(Document.id)
    )
    listed = (
        DocumentView(
            row.id,
            row.key,
            row.title,
            row.number,
            row.issued_on,
            row.digest,
            size,
            rules.document(row.key, row.issued_on, authority.region).internal,
        )
        for row, size in rows
    )
    return tuple(view for view in listed if as_officer or not view.internal)


def attachments_of(session: Session, case: Case) -> tuple[AttachmentView, ...]:
    """The files handed in for a case, in order of receipt."""
    rows = session.scalars(
        select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id)
    )
    return tuple(
        AttachmentView(
            row.id,
            row.material,
            row.filename,
            row.media_type,
            row.size,
            row.digest,
            row.received_at,
        )
        for row in rows
    )
