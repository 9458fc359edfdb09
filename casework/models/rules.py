"""Editions of rules and templates, versions of processes, settings of this installation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Identity, Index, LargeBinary
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


class CatalogueImport(Base):
    """A file of the violation catalogue that an administrator entered, with the scan of the paper
    it was taken from. It loads nothing before a second person has confirmed it, and nothing at all
    once it was given back; either settles it."""

    __tablename__ = "catalogue_import"

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    source: Mapped[str]
    filename: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    paper_name: Mapped[str]
    paper_type: Mapped[str]
    paper_digest: Mapped[str]
    paper: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]


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
