"""What is told and published, and what went wrong in a sweep."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Key, of_case


class NoticeRead(Base):
    """That a person has opened a notice (已读)."""

    __tablename__ = "notice_read"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[datetime]


class Notice(Base):
    """The outbox (通知): written in the transaction of its cause, under a key that is unique.

    `to_role` with the case's authority, or `to_party`; both are of a case, and `kind` is step,
    reminder, breach or lapse. A `digest` or an `alarm` goes to a role and is of no case. A `code`
    goes `to_phone` and is of no case; its body holds a one-time code, and is emptied once it is
    delivered.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_undelivered", "next_try_at", postgresql_where=text("delivered_at IS NULL")
        ),
        Index("ix_notice_to_party", "to_party_id", "created_at", "id"),
        Index("ix_notice_to_role", "authority_id", "to_role", "created_at", "id"),
        Index(
            "ix_notice_breach",
            "authority_id",
            "created_at",
            "id",
            postgresql_where=text("kind = 'breach'"),
        ),
        Index(
            "ix_notice_refused",
            "authority_id",
            postgresql_where=text("delivered_at IS NULL AND attempts > 0"),
        ),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(of_case(), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    to_party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    to_role: Mapped[str | None]
    to_phone: Mapped[str | None]
    subject: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    next_try_at: Mapped[datetime]


class Publication(Base):
    """An entry that must be published (公示) by `due_on`; with `withdrawn_because`, one that must
    be withdrawn by then, and why. `published_on` is the last day of its lines, once no channel that
    shows such a party lacks one. `shows` is the number of the case whose decision it shows again;
    `not_before` the first day on which it may be done, of one that waits for a term to end."""

    __tablename__ = "publication"
    __table_args__ = (
        Index(None, "due_on", "id"),
        Index(
            "ix_publication_open",
            "due_on",
            "id",
            postgresql_where=text("published_on IS NULL"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    log_seq: Mapped[int]
    register: Mapped[str]
    due_on: Mapped[date]
    published_on: Mapped[date | None]
    withdrawn_because: Mapped[str | None]
    shows: Mapped[str | None] = mapped_column(index=True)
    not_before: Mapped[date | None]


class PublicationLine(Base):
    """That an entry was published, or withdrawn, through one channel on a day, by the scan that
    proves it (none before scans were asked for). `log_seq` is the row that tells of it. Nobody put
    down what the channel's own receipt says (`person_id`)."""

    __tablename__ = "publication_line"
    __table_args__ = (UniqueConstraint("publication_id", "channel"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    channel: Mapped[str]
    done_on: Mapped[date]
    receipt: Mapped[str | None] = mapped_column(
        ForeignKey("publication_receipt.digest"), index=True
    )
    log_seq: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class PublicationReceipt(Base):
    """The scan of a channel's receipt (回执、截图), for any number of entries; by its SHA-256. One
    that the channel itself gave was handed in by nobody."""

    __tablename__ = "publication_receipt"

    digest: Mapped[str] = mapped_column(primary_key=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]


class SweepFailure(Base):
    """A case that a sweep could not take further, and when it will try again."""

    __tablename__ = "sweep_failure"

    case_id: Mapped[int] = mapped_column(of_case(), primary_key=True)
    sweep: Mapped[str] = mapped_column(primary_key=True)
    error: Mapped[str]
    attempts: Mapped[int]
    failed_at: Mapped[datetime]
    next_try_at: Mapped[datetime]


class DutyRun(Base):
    """When a duty that the house does by itself (自动值守) was last begun, ended and done for an
    authority (its code; empty: for the whole house).

    All by the machine's clock, but `done_to`: the instant by the office's calendar, which a demo
    turns, up to which everything has been done. `error` says why the last run that ended failed;
    `done` and `failed` count what it did. While it is `paused` it is not done for that authority.
    From `gap_from` to `gap_to` it was last left undone for longer than it may be, unless it rested,
    or after a run that was broken off: then `gap_to` is open until it has been done again.
    """

    __tablename__ = "duty_run"

    duty: Mapped[str] = mapped_column(primary_key=True)
    authority: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    done_to: Mapped[datetime | None]
    error: Mapped[str | None]
    done: Mapped[int | None]
    failed: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    paused_because: Mapped[str | None]
    resumed_at: Mapped[datetime | None]
    gap_from: Mapped[datetime | None]
    gap_to: Mapped[datetime | None]


class DailyRoot(Base):
    """One hash over all that is proved, at one moment (`roots`); a copy leaves the database.

    `parts` is what the root says of each part; none for roots of the former format, which tell no
    position. A day that was sealed by hand is sealed again at its end if something came since.
    """

    __tablename__ = "daily_root"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(index=True)
    root: Mapped[str]
    cases: Mapped[int]
    sealed_at: Mapped[datetime]
    parts: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
