"""What goes to the systems of other authorities (对接平台), and what they say of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, JsonList, Key, of_case


class PushBatch(Base):
    """A batch (批次) of rows of one `register` for a platform, under the `name` of its file, which
    stays the same however often it is sent. `put_at` is when it was last left there whole, and
    `settled_at` when the receipt had told of its last row; until then none follows it."""

    __tablename__ = "push_batch"
    __table_args__ = (
        Index(None, "authority_id", "platform", "register", "id"),
        Index(
            "ix_push_batch_open",
            "authority_id",
            "platform",
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    platform: Mapped[str]
    register: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    put_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Push(Base):
    """One entry of the ledger on its way to one platform (推送), under the `key` that the platform
    knows it by; `record` is what it calls the decision itself, the same for all that is ever said
    of it, and `operation` whether that is new there, changed or void.

    `said` is the row under the nation's codes as it was sent, `amended` what of it the publicity
    officer filled in. `seen_seq` is how far the log of the case was, and `seen_at` when, as the row
    was last compared with the file. Of the platform are the `reason` of a refusal, the `number` of
    its receipt, and `taken_at`; `receipt` is the receipt itself. `ticked_at` is when the line of
    the ledger was put down by it, `untickable` why it was not.
    """

    __tablename__ = "push"
    __table_args__ = (
        Index(None, "publication_id", "platform"),
        Index(None, "platform", "record", "id"),
        Index(None, "authority_id", "state", "id"),
        Index(None, "batch_id"),
        Index(None, "case_id"),
    )

    id: Mapped[Key]
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    case_id: Mapped[int] = mapped_column(of_case())
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    platform: Mapped[str]
    register: Mapped[str]
    record: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    operation: Mapped[str]
    state: Mapped[str]
    said: Mapped[Json]
    amended: Mapped[Json]
    seen_seq: Mapped[int]
    seen_at: Mapped[datetime]
    created_at: Mapped[datetime]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("push_batch.id"))
    reason: Mapped[str | None]
    number: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(ForeignKey("publication_receipt.digest"))
    ticked_at: Mapped[datetime | None]
    untickable: Mapped[str | None]
    amended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    amended_at: Mapped[datetime | None]


class Reconciliation(Base):
    """A comparison (对账) of what a platform has of an authority with the ledger: how many rows
    each has, how many `differences` there were in all, and the first of them."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index(None, "authority_id", "platform", "id"),)

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    platform: Mapped[str]
    at: Mapped[datetime]
    ours: Mapped[int]
    theirs: Mapped[int]
    found: Mapped[int]
    differences: Mapped[JsonList]
