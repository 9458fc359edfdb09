"""The PDF of an issued document (电子文书): sealed once, when somebody first asks, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.documents.electronic.pdf_signature import RECORD
from casework.documents.electronic.seals import sealer_of
from casework.documents.electronic.typesetting import Set, typeset
from casework.documents.issuing import issuer_of
from casework.kernel.office import Office
from casework.models import Authority, Case, Document, LogRow, SealedPaper
from rulebook.models import DocumentKind

UNSEALED = "供阅读，未加盖电子印章"
# Kinds that are completed and signed by hand after they were made: no seal of before covers that.
_BY_HAND = "documents.by_hand"


@dataclass(frozen=True)
class Pdf:
    """A document as a PDF. `note` says in words that it bears no seal although its letter wants
    one; it is empty for what is sealed, and for what never is."""

    content: bytes
    note: str = ""


def pdf_of(office: Office, session: Session, case: Case, document: Document) -> Pdf:
    """An issued document as a PDF; of one whose content was taken away nothing is left.

    Raises DocumentProblem for what cannot be set as a PDF, Misconfigured for a certificate that
    cannot be used, Busy while the case is somebody else's.
    """
    if kept := _kept(session, document):
        return Pdf(kept.content)
    if not document.content:
        return Pdf(b"")
    if not _wants_seal(office, session, case, document):
        return Pdf(_plain(document.content, document.title).pdf)
    return _sealed(office, session, case, document)


@lru_cache(maxsize=8)
def _plain(content: bytes, title: str, note: str = "") -> Set:
    """A document without a seal. It is not kept, and its pages are read one after the other; who
    asks for it by its very content may see it, and no longer has that once it was taken away."""
    return typeset(content, title, note=note)


def _kept(session: Session, document: Document) -> SealedPaper | None:
    found = select(SealedPaper).where(SealedPaper.document_id == document.id)
    return session.scalar(found.options(undefer(SealedPaper.content)))


def _wants_seal(office: Office, session: Session, case: Case, document: Document) -> bool:
    """Whether it is the authority's own act, which leaves the house under its seal."""
    region = session.get_one(Authority, case.authority_id).region
    by_hand = office.rules.current(session).value(_BY_HAND, document.issued_on, region)
    internal = _kind(office, session, case, document).internal
    return not internal and document.key not in by_hand


def _sealed(office: Office, session: Session, case: Case, document: Document) -> Pdf:
    authority = issuer(office, session, case, document)
    now = office.time.now().astimezone(UTC).replace(microsecond=0)
    sealer = sealer_of(authority.code, authority.name, now)
    if sealer is None:
        plain = _plain(document.content, document.title)
        if plain.place is None:
            return Pdf(plain.pdf)
        return Pdf(_plain(document.content, document.title, UNSEALED).pdf, UNSEALED)
    # Whoever asks at the same time waits, and so does a redaction: what it took away is not kept.
    session.refresh(case, with_for_update={"of": Case})
    session.refresh(document, ["content"])
    if (kept := _kept(session, document)) or not document.content:
        return Pdf(kept.content if kept else b"")
    paper = typeset(document.content, document.title, keywords=(f"{RECORD}{document.digest}",))
    if paper.place is None:
        return Pdf(paper.pdf)
    content = sealer.seal(paper.pdf, paper.place, now)
    session.add(
        SealedPaper(
            document_id=document.id,
            content=content,
            digest=sha256(content).hexdigest(),
            certificate=sealer.serial,
            sealed_at=now,
        )
    )
    session.flush()
    return Pdf(content)


def issuer(office: Office, session: Session, case: Case, document: Document) -> Authority:
    """Whose document it is."""
    process = office.versions.by_digest(session, case.version_digest)
    row = select(LogRow).where(LogRow.case_id == case.id, LogRow.seq == document.log_seq)
    step = session.scalars(row).one().header["name"]
    matter = _kind(office, session, case, document).matter
    return session.get_one(Authority, issuer_of(session, case, process, step, matter))


def _kind(office: Office, session: Session, case: Case, document: Document) -> DocumentKind:
    region = session.get_one(Authority, case.authority_id).region
    return office.rules.current(session).document(document.key, document.issued_on, region)
