"""Documents that left the house, their numbers, and what was handed in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, Key, of_case


class Document(Base):
    """An issued document (文书), frozen: bytes, number, template and context. `corrects` is the
    former version whose slips (笔误) it puts right, under the same number."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "case_id", "log_seq"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    log_seq: Mapped[int]
    key: Mapped[str]
    title: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    template_digest: Mapped[str]
    context: Mapped[Json] = mapped_column(deferred=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(index=True)
    corrects: Mapped[int | None] = mapped_column(ForeignKey("document.id"))


class SealedPaper(Base):
    """The PDF of an issued document under its authority's seal (电子文书): made the first time that
    somebody asks, and kept, since nobody can make the same bytes again. `certificate` is the serial
    number of what it was signed with, in hexadecimal digits."""

    __tablename__ = "sealed_paper"

    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(index=True)
    certificate: Mapped[str]
    sealed_at: Mapped[datetime]


class NumberCounter(Base):
    """The last number given out in a series: one per kind, year and authority, without gaps."""

    __tablename__ = "number_counter"

    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class NumberEntry(Base):
    """A number given out, and why it was voided if it was; none is ever used twice.

    One that was set aside (预留) is of no case until a paper that bears it is entered; then, or
    once an outage began, it belongs to a `backfill`.
    """

    __tablename__ = "number_entry"
    __table_args__ = (UniqueConstraint("authority_id", "series", "year", "n"),)

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    series: Mapped[str]
    year: Mapped[int]
    n: Mapped[int]
    text: Mapped[str] = mapped_column(index=True)
    case_id: Mapped[int | None] = mapped_column(of_case())
    voided_because: Mapped[str | None]
    backfill_id: Mapped[int | None] = mapped_column(ForeignKey("backfill.id"), index=True)


class Attachment(Base):
    """A file handed in for an item of the materials list; a later one for it does not erase it.

    `log_seq` is the row that tells of it; none for what was kept before the log told of files.
    """

    __tablename__ = "attachment"

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    material: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    log_seq: Mapped[int | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]


class ChosenFile(Base):
    """A file that a party has chosen for its case and not handed in yet (待提交的文件).

    Until it is handed in it is the party's: it may be put under another `material`, empty while
    nobody said which, or be taken away. What is left lies until `expires_at`.
    """

    __tablename__ = "chosen_file"

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    material: Mapped[str]
    filename: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    chosen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
