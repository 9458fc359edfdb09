"""Editions of rules and templates, versions of processes, settings of this installation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, Key


class EditionRow(Base):
    """An immutable edition of a rule, a calendar or a template (`blob`)."""

    __tablename__ = "edition"
    __table_args__ = (Index(None, "kind", "key"),)

    id: Mapped[Key]
    kind: Mapped[str]
    key: Mapped[str]
    scope: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    content: Mapped[Json]
    blob: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    law: Mapped[str]
    mark: Mapped[str]
    source: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    loaded_at: Mapped[datetime]


class ProcessVersion(Base):
    """A published declaration: its canonical form under its hash, with labels beside it. `id`
    tells the order in which versions first came."""

    __tablename__ = "process_version"

    id: Mapped[int] = mapped_column(Identity(), unique=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(index=True)
    effective_from: Mapped[date]
    published_at: Mapped[datetime]
    declaration: Mapped[Json]


class Setting(Base):
    """A fact about this installation, such as whether it is a demo and how far its calendar is
    turned."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
