"""A PDF that somebody presents (电子文书核验): whether it is what was issued.

The file is never opened: it is compared with what was kept, byte by byte, and otherwise searched
for the name of its record. Whoever has the file reads in it more than is told here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from hashlib import sha256

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.common.problems import BadInput, TooLarge
from casework.documents.attachments import LARGEST
from casework.documents.electronic.pdf_signature import record_in
from casework.documents.electronic.sealed import issuer
from casework.documents.marks import marks_of
from casework.documents.openable import is_pdf
from casework.kernel.office import Office
from casework.models import Case, Document, SealedPaper


class Verdict(Enum):
    """What a PDF turns out to be."""

    SAME = "same"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PresentedView:
    """What a PDF turned out to be; of one that was issued which document it is, and in `marks` what
    became of that later."""

    verdict: Verdict
    title: str = ""
    number: str = ""
    issued_on: date | None = None
    authority: str = ""
    marks: tuple[str, ...] = ()


def presented(office: Office, session: Session, content: bytes) -> PresentedView:
    """What a PDF that somebody presents is. Raises BadInput for anything else, TooLarge."""
    if not content:
        raise BadInput("请先选择要核验的 PDF 文件")
    if len(content) > LARGEST:
        raise TooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB，不是本机关签发的电子文书")
    if not is_pdf(content):
        raise BadInput("这不是 PDF 文件，请选择从本系统下载的 PDF 文书")
    digest = sha256(content).hexdigest()
    if found := _document(session, SealedPaper.digest == digest):
        return _view(office, session, Verdict.SAME, found)
    record = record_in(content)
    if record and (found := _document(session, Document.digest == record)):
        return _view(office, session, Verdict.CHANGED, found)
    return PresentedView(Verdict.UNKNOWN)


def _document(session: Session, which: ColumnElement[bool]) -> Document | None:
    """A document that was handed out under a seal."""
    found = select(Document).join(SealedPaper, SealedPaper.document_id == Document.id)
    return session.scalars(found.where(which).order_by(Document.id).limit(1)).first()


def _view(office: Office, session: Session, verdict: Verdict, document: Document) -> PresentedView:
    case = session.get_one(Case, document.case_id)
    return PresentedView(
        verdict=verdict,
        title=document.title,
        number=document.number,
        issued_on=document.issued_on,
        authority=issuer(office, session, case, document).name,
        marks=marks_of(case.data, document.key, document.log_seq),
    )
