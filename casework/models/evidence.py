"""The evidence register (证据登记)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, Key, of_case


class Evidence(Base):
    """One version of one item of evidence (证据); a later one, or a withdrawal, is its own row.

    `said` is what was entered about it. Its file is in `content`, or is the document under
    `document` that the step of the same log row issued; a thing has neither, and no `digest`.
    """

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("case_id", "n", "version"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    n: Mapped[int]
    version: Mapped[int]
    log_seq: Mapped[int]
    case_version: Mapped[int]
    withdrawn: Mapped[bool]
    said: Mapped[Json]
    document: Mapped[str | None]
    filename: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int | None]
    digest: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
