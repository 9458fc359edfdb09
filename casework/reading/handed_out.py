"""Papers of a case (文书与材料): what was issued and what was handed in, listed and downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import Reader, find, sight_of
from casework.acts.actors import Actor
from casework.acts.redactions import GROUND
from casework.common.problems import DocumentProblem, Misconfigured, NotFound
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.electronic.pictures import pages_of, picture_of
from casework.documents.electronic.sealed import pdf_of
from casework.documents.files import DOCX, PDF, File
from casework.documents.marks import marks_of
from casework.documents.materials import papers_of_the_file
from casework.documents.private_reading import note_reading
from casework.kernel.office import Office
from casework.models import Attachment, Authority, Case, Document, LogRow
from casework.reading.basis.decisions import decides
from casework.rules.counting import CalendarUnknown, count
from casework.rules.rule_cache import Rules

# What a document prints that tells how it may be contested.
_CONTESTED = frozenset({"authority.reconsideration_body", "authority.reconsideration_online"})


@dataclass(frozen=True)
class DocumentView:
    """An issued document; `digest` is the SHA-256 of its bytes, `size` their number. `marks` say
    what became of it later (corrected, overturned); `remedies` until when it may be contested,
    where no clock of its case tells that. `seq` is the row of the log that issued it, `decided`
    whether that is a decision."""

    id: int
    seq: int
    decided: bool
    key: str
    title: str
    number: str
    issued_on: date
    digest: str
    size: int
    internal: bool
    marks: tuple[str, ...]
    remedies: str


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
class Until:
    """Up to where a file is read: a row of its log, the day at the end of which that was the last
    one, and what had been filled in by then."""

    seq: int
    day: date
    data: Mapping[str, Any]


@dataclass(frozen=True)
class PaperView:
    """An issued document as a PDF: how many pages it has, none if it cannot be made; `note` says
    why not, or that it bears no seal."""

    pages: int
    note: str


def document_bytes(
    office: Office, session: Session, actor: Actor, number: str, document_id: int
) -> File:
    """An issued document as it left the house. Raises NotFound, also for an internal one that the
    party asks for. That the party reads what is not served on it yet is put down in the log."""
    _, row = _read(office, session, actor, number, document_id)
    return File(f"{_filename(row)}.docx", DOCX, row.content)


def document_pdf(
    office: Office, session: Session, actor: Actor, number: str, document_id: int
) -> File:
    """An issued document as a PDF, under the authority's seal if it bears one; the name of the file
    says so if it has none yet. Raises as `document_bytes` and `pdf_of` do."""
    case, row = _read(office, session, actor, number, document_id)
    pdf = pdf_of(office, session, case, row)
    note = f"（{pdf.note}）" if pdf.note else ""
    return File(f"{_filename(row)}{note}.pdf", PDF, pdf.content)


def document_picture(
    office: Office, session: Session, actor: Actor, number: str, document_id: int, page: int
) -> File:
    """A page of an issued document as a picture, counted from 1. Raises as `document_pdf` does, and
    NotFound if it has no such page."""
    pdf = document_pdf(office, session, actor, number, document_id)
    return File(f"{page}.png", "image/png", picture_of(pdf.content, page))


def paper_view(
    office: Office, session: Session, actor: Actor, number: str, document_id: int
) -> PaperView:
    """How an issued document can be read and saved. Raises as `document_bytes` does."""
    case, row = _read(office, session, actor, number, document_id)
    try:
        pdf = pdf_of(office, session, case, row)
    except (DocumentProblem, Misconfigured) as problem:
        return PaperView(0, problem.detail)
    return PaperView(pages_of(pdf.content) if pdf.content else 0, pdf.note)


def _read(
    office: Office, session: Session, actor: Actor, number: str, document_id: int
) -> tuple[Case, Document]:
    """A document that somebody reads, with its case."""
    case, reader = find(office, session, actor, number)
    shown = documents_of(office, session, case, reader)
    if document_id not in {document.id for document in shown}:
        raise NotFound("本案没有这份文书")
    row = session.get_one(Document, document_id, options=[undefer(Document.content)])
    note_reading(office, session, reader, case, row)
    return case, row


def _filename(row: Document) -> str:
    return "-".join(part for part in (row.title, row.number) if part)


def attachment_bytes(
    office: Office, session: Session, actor: Actor, number: str, attachment_id: int
) -> File:
    """A file as it was handed in. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    row = session.get(Attachment, attachment_id, options=[undefer(Attachment.content)])
    if (
        row is None
        or row.case_id != case.id
        or not shown_materials(office, session, reader, case)(row.material)
    ):
        raise NotFound("本案没有这份材料")
    return File(row.filename, row.media_type, row.content)


def documents_of(
    office: Office, session: Session, case: Case, reader: Reader, until: Until | None = None
) -> tuple[DocumentView, ...]:
    """The documents of a case that its reader may see, in order of issue: internal ones, and those
    of internal steps, are for officers, and those of another department's matter for that one.
    `until`: as they were then."""
    until = until or Until(case.head_seq, reader.today, case.data)
    process = office.versions.by_digest(session, case.version_digest)
    sight = sight_of(session, reader, case, process)
    region = session.get_one(Authority, case.authority_id).region
    rules = office.rules.current(session)
    told = any((clock.limit or "").startswith("remedy.") for clock in process.every_clock)
    rows = session.execute(
        select(Document, func.octet_length(Document.content), LogRow.header)
        .join(LogRow, (LogRow.case_id == Document.case_id) & (LogRow.seq == Document.log_seq))
        .where(Document.case_id == case.id, Document.log_seq <= until.seq)
        .order_by(Document.id)
    )
    shown = []
    for row, size, header in rows:
        kind = rules.document(row.key, row.issued_on, region)
        if kind.internal and not reader.serves(case):
            continue
        if not sight.shows_step(process, header["name"]) or not sight.shows_matter(kind.matter):
            continue
        shown.append(
            DocumentView(
                row.id,
                row.log_seq,
                decides(process, header, issued=True),
                row.key,
                row.title,
                row.number,
                row.issued_on,
                row.digest,
                size,
                kind.internal,
                (
                    *marks_of(until.data, row.key, row.log_seq),
                    *_afterwards(header),
                    *([] if size else ["内容已依法删除（《个人信息保护法》第四十七条）"]),
                ),
                "" if told or kind.internal else _remedies(rules, row, region, until.day),
            )
        )
    return tuple(shown)


def _afterwards(header: Mapping[str, Any]) -> Iterator[str]:
    """That a document was issued on paper, and entered afterwards (专项补录)."""
    if "backfill" in header:
        entered = legal_date(datetime.fromisoformat(header["recorded_at"]))
        yield f"补录：{in_chinese(entered)}按纸质文书录入（第{header['backfill']}号专项补录）"


def _remedies(rules: Rules, document: Document, region: str, today: date) -> str:
    """Until when a decision that names where it may be contested may be (复议、诉讼); empty for any
    other document, and once that is over."""
    if not rules.template_by_digest(document.template_digest).fields >= _CONTESTED:
        return ""
    terms, days = [], []
    for key in ("remedy.reconsideration", "remedy.litigation"):
        limit, _ = rules.limit(key, document.issued_on, region)
        terms.append(limit.text)
        try:
            days.append(count(limit, document.issued_on, (), rules.calendar).due)
        except CalendarUnknown:
            return ""
    first, last = days
    if first is None or last is None or last < today:
        return ""
    return (
        f"不服的，自收到之日起{terms[0]}内申请行政复议，或者{terms[1]}内提起行政诉讼"
        f"（作出当日收到的，至 {first}、{last}）"
    )


def shown_materials(
    office: Office, session: Session, reader: Reader, case: Case
) -> Callable[[str], bool]:
    """Whether the reader may see what was handed in for an item of the list, by the item's key."""
    process = office.versions.by_digest(session, case.version_digest)
    # Who asked for a redaction, and why, is read where it was proposed: it may be a witness.
    hidden = {GROUND}
    if not reader.serves(case):
        hidden |= {item.key for item in papers_of_the_file(office, session, case, process)}
    if process.materials is not None:
        region = session.get_one(Authority, case.authority_id).region
        listed = office.rules.current(session).materials(process.materials, reader.today, region)
        sight = sight_of(session, reader, case, process)
        hidden |= {item.key for item in listed.items if not sight.shows_matter(item.matter)}
    return lambda key: key not in hidden


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
