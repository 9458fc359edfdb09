"""What is remembered of a party (信用档案): events, what became of them, and the rating."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, JsonList, Key, of_case


class CreditEvent(Base):
    """What is remembered of a party (信用记录), and from which case. How long it counts and who may
    see it is the catalogue's to say; nothing is ever deleted."""

    __tablename__ = "credit_event"

    id: Mapped[Key]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    log_seq: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    occurred_on: Mapped[date]
    bars_promise: Mapped[bool]


class CreditMark(Base):
    """What became of an event (信用记录的处理), by which case, on which legal date. Of several the
    latest holds: `repaired` 已修复, `reopened` 修复被撤销, `corrected` 异议成立，更正."""

    __tablename__ = "credit_mark"
    __table_args__ = (UniqueConstraint("event_id", "case_id", "log_seq"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(ForeignKey("credit_event.id"), index=True)
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    log_seq: Mapped[int]
    kind: Mapped[str]
    marked_on: Mapped[date]


class CreditRating(Base):
    """A party's rating (信用等级) as it was calculated: by which edition of the table, as of which
    day, explained item by item. Of several the latest holds; what did not change is not written
    again."""

    __tablename__ = "credit_rating"
    __table_args__ = (Index(None, "party_id", "id"), Index(None, "grade", "id"))

    id: Mapped[Key]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    as_of: Mapped[date]
    grade: Mapped[str]
    score: Mapped[int]
    lines: Mapped[JsonList]
    edition: Mapped[str]
    reckoned_at: Mapped[datetime]
