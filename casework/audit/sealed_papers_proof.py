"""Proving that each sealed PDF is the one that was made: byte by byte, by its own signature, and of
the very record beside which it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, undefer

from casework.audit.faults import Fault
from casework.audit.salvage import salvaged
from casework.common.texts import reason
from casework.documents.electronic.pdf_signature import signature_of
from casework.models import Case, Document, SealedPaper

_Row = tuple[SealedPaper, Document, int, str]


def faults_of_sealed_papers(session: Session) -> list[Fault]:
    """A line for each sealed PDF that is not what its row, its signature or its record says."""
    faults = []
    for key, found in salvaged(session, SealedPaper.id, lambda ids: _papers(session, ids)):
        if isinstance(found, Exception):
            faults.append(Fault(f"第 {key} 份电子文书", None, f"不能读取（{reason(found)}）"))
            continue
        paper, document, left, number = found
        if wrong := _wrong(paper, document, left):
            text = f"文书“{document.key}”加盖印章的 PDF {wrong}"
            faults.append(Fault(number, document.log_seq, text))
    lost = session.scalars(
        select(SealedPaper.id).where(~exists().where(Document.id == SealedPaper.document_id))
    )
    return [*faults, *(Fault(f"第 {key} 份电子文书", None, "没有对应的文书") for key in lost)]


def _papers(session: Session, ids: Sequence[int]) -> dict[int, _Row]:
    """Each with its document, of how many bytes that still is, and the number of its case."""
    rows = session.execute(
        select(SealedPaper, Document, func.octet_length(Document.content), Case.number)
        .join(Document, Document.id == SealedPaper.document_id)
        .join(Case, Case.id == Document.case_id)
        .where(SealedPaper.id.in_(ids))
        .options(undefer(SealedPaper.content))
    ).tuples()
    return {row[0].id: row for row in rows}


def _wrong(paper: SealedPaper, document: Document, left: int) -> str:
    """What is wrong with it, in Chinese; empty if nothing is."""
    if not left:  # the case's own proof asks by which redaction
        return "没有随文书一并删除" if paper.content else ""
    if sha256(paper.content).hexdigest() != paper.digest:
        return "与登记的校验值不一致"
    try:
        signature = signature_of(paper.content)
    except Exception as error:  # whatever a forger left there
        return f"的签名不成立（{reason(error)}）"
    told = (signature.certificate, signature.at, signature.record)
    if told != (paper.certificate, paper.sealed_at, document.digest):
        return "与登记的证书、时间或者文书不一致"
    return ""
