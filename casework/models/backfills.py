"""专项补录: what was done on paper while the system was down, or before there was one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Key, of_case


class Backfill(Base):
    """What lets acts bear an earlier day (专项补录): a span of days in which the system was down
    (`outage`), or one old case on paper (`paper`), with its scan.

    It lets nothing in before a second person confirmed it, after the day `enter_by`, or once it is
    closed. `case_id` is the old case, `opening` what an officer entered to open it, which waits for
    a second person.
    """

    __tablename__ = "backfill"

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    kind: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    enter_by: Mapped[date]
    reason: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    case_id: Mapped[int | None] = mapped_column(of_case())
    opening: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    opened_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
