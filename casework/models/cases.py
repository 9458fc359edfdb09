"""Cases, their clocks, their log, who takes part, and acts that wait for a second signature."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from casework.models.base import Base, Json, JsonList, Key, of_case


class Case(Base):
    """A case (案件) at its present state, which its log replays to.

    `private` while it is still its party's own paper;
    `version` counts the steps taken; `data` holds the latest input of each step by its name;
    `awaiting` names the roles that the present state waits for; `next_due` is the next instant
    at which a clock has something to do; `family` is the case that all relatives stem from.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("origin_id", "origin_seq", "relation"),
        Index("ix_case_file_next_due", "next_due", postgresql_where=text("next_due IS NOT NULL")),
        Index("ix_case_file_authority_id_id", "authority_id", "id"),
        Index(None, "authority_id", "process", "id"),
        Index(None, "authority_id", "state", "id"),
        Index(None, "authority_id", "opened_at", "id"),
        Index(
            "ix_case_file_ended",
            "authority_id",
            "ended_at",
            "id",
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        Index(None, "party_id", "id"),
        Index(
            "ix_case_file_late",
            "authority_id",
            "process",
            "due_on",
            postgresql_where=text("ended_at IS NULL AND NOT private"),
        ),
        Index(
            "ix_case_file_graded",
            "ended_at",
            "id",
            postgresql_where=text("process = 'place_grading'"),
        ),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    tracking_code: Mapped[str] = mapped_column(index=True)
    process: Mapped[str]
    version_digest: Mapped[str] = mapped_column(ForeignKey("process_version.digest"))
    state: Mapped[str]
    tracks: Mapped[Json]
    version: Mapped[int]
    data: Mapped[Json]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    family_id: Mapped[int | None] = mapped_column(index=True)
    origin_id: Mapped[int | None] = mapped_column(of_case())
    origin_seq: Mapped[int | None]
    relation: Mapped[str]
    opened_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    private: Mapped[bool]
    awaiting: Mapped[list[str]] = mapped_column(ARRAY(Text))
    due_on: Mapped[date | None]
    next_due: Mapped[datetime | None]
    head_seq: Mapped[int]
    head_hash: Mapped[str]


class CaseSearch(Base):
    """What a case is searched by. The database keeps it itself (migration 0013).

    `said` holds the names of its party and place and the address, a line each, as `search_text`
    makes them; `authorities` are those that own it, take part in it or once did.
    """

    __tablename__ = "case_search"
    __table_args__ = (
        Index(
            "ix_case_search_grams",
            text("search_grams(said)"),
            "authorities",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index("ix_case_search_number_end", text("reverse(number) text_pattern_ops")),
    )

    case_id: Mapped[int] = mapped_column(of_case(ondelete="CASCADE"), primary_key=True)
    number: Mapped[str]
    said: Mapped[str]
    authorities: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class CaseWaiting(Base):
    """That an open case waits: for a role, or ("") for anybody, at each authority that owns it,
    takes part in it or once did. The database keeps it itself (migration 0013); `due_on` is
    9999-12-31 where nothing is due."""

    __tablename__ = "case_waiting"
    __table_args__ = (Index("ix_case_waiting_desk", "authority_id", "role", "due_on", "case_id"),)

    case_id: Mapped[int] = mapped_column(of_case(ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_on: Mapped[date]


class CaseHandler(Base):
    """Who handles a case (承办人): each account that its filing, assignment or hand-over named
    last. The database keeps it itself (migration 0036); `due_on` is 9999-12-31 where nothing is
    due, and null once the case has ended."""

    __tablename__ = "case_handler"
    __table_args__ = (
        Index("ix_case_handler_desk", "username", "due_on", "case_id"),
        Index(None, "username", "case_id"),
    )

    case_id: Mapped[int] = mapped_column(of_case(ondelete="CASCADE"), primary_key=True)
    username: Mapped[str] = mapped_column(primary_key=True)
    due_on: Mapped[date | None]


class CaseClock(Base):
    """One run of one clock of a case, with the derivation of its due date. `reminded` lists the
    reminders that went out, by the ends of their keys (due date, days before it, addressee)."""

    __tablename__ = "case_clock"
    __table_args__ = (
        UniqueConstraint("case_id", "name", "run"),
        Index(
            "ix_case_clock_reminders",
            "name",
            "due_on",
            postgresql_include=["reminded", "id", "case_id"],
            postgresql_where=text("status = 'running'"),
        ),
        {"info": {"replaces": ("case_id", "name", "run")}},
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    name: Mapped[str]
    run: Mapped[int]
    status: Mapped[str]
    started_at: Mapped[datetime]
    stops: Mapped[JsonList]
    extended: Mapped[bool]
    edition: Mapped[str | None]
    due_on: Mapped[date | None]
    fires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    derivation: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    reminded: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class LogRow(Base):
    """One row of the log (全过程记录, 处罚法47). It can only be added; only a redaction takes texts
    out of its payload, with its salt.

    `header` and the salted digest of `payload` make `hash`, together with the hash before.
    """

    __tablename__ = "case_log"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        Index(
            "ix_case_log_redacted",
            "case_id",
            postgresql_where=text("header ->> 'kind' = 'redacted'"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    seq: Mapped[int]
    header: Mapped[Json]
    payload: Mapped[Json]
    salt: Mapped[str]
    payload_digest: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class Participant(Base):
    """An authority that takes part in a case it does not own, in one track of it."""

    __tablename__ = "participant"
    __table_args__ = (Index(None, "authority_id", "case_id"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    track: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Recusal(Base):
    """An officer who stands aside (回避) from a case and from those that come from it."""

    __tablename__ = "recusal"

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    log_seq: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class PendingSignature(Base):
    """The first officer's act, waiting for the second one's confirmation at the same version.
    `backfill` is under what it is entered afterwards, with its paper and numbers."""

    __tablename__ = "pending_signature"
    __table_args__ = (UniqueConstraint("case_id", "case_version", "step"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    case_version: Mapped[int]
    step: Mapped[str]
    input: Mapped[Json]
    effective_at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime]
    backfill: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class IdempotentReply(Base):
    """What was answered to a request, so that sending it again does nothing twice."""

    __tablename__ = "idempotent_reply"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    reply: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    created_at: Mapped[datetime]
