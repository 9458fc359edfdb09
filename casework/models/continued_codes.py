"""Parties whose code changed (主体代码变更)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Key, of_case


class PartySuccession(Base):
    """That one party continues another: the same subject under a new code. It can only be added,
    and each old party is continued once. Both rows of `party` stay as they are."""

    __tablename__ = "party_succession"

    id: Mapped[Key]
    old_party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), unique=True)
    new_party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    case_id: Mapped[int] = mapped_column(of_case(), index=True)
    log_seq: Mapped[int]
    since: Mapped[date]
