"""What comes in from other systems (数据导入): files, their imports by row, and what they say."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, JsonList, Key


class DataFile(Base):
    """A file that was handed in to be imported, once for all imports of the same bytes; it is
    deleted some time after the last of them."""

    __tablename__ = "data_file"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class DataImport(Base):
    """An import (导入) of a file of `kind` by an authority; one that is `dry` changes nothing.

    `digest` is the SHA-256 of the file, `heading` what stands above its columns, below which
    `total` rows were counted. `read_to` is the row, as a spreadsheet counts, up to which it has
    come, and `new`, `changed`, `unchanged` and `refused` how many rows so far. `state` is one of
    `import_states`; `outcome` says why nothing was taken of the file, or what went wrong at the
    last of `attempts`.
    """

    __tablename__ = "data_import"
    __table_args__ = (
        Index(None, "authority_id", "id"),
        Index(None, "digest"),
        Index(
            "ix_data_import_waiting",
            "next_try_at",
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    kind: Mapped[str]
    source: Mapped[str]
    filename: Mapped[str]
    digest: Mapped[str]
    dry: Mapped[bool]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    heading: Mapped[JsonList]
    state: Mapped[str]
    total: Mapped[int | None]
    read_to: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportRow(Base):
    """What became of a row of an import: `outcome` is one of `import_states`, `told` says why, or
    what is to be known. `key` and `digest` tell whether another row of the file is of the same, and
    says the same; of a refused row `cells` are what stood in it. Deleted some time after the
    import."""

    __tablename__ = "import_row"
    __table_args__ = (
        Index(None, "import_id", "outcome", "line"),
        Index(None, "import_id", "key"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    told: Mapped[str]
    key: Mapped[str | None]
    digest: Mapped[str | None]
    cells: Mapped[JsonList | None]


class OutsideRecord(Base):
    """What another system says of a party (外部数据), by the import and line it came with. Nothing
    of a case is derived of it. Rows are only added: of several with one `key` the latest holds.

    `code` is the party's, who need not be registered. `said` holds all that came, by column;
    `label`, `number`, `organ`, `decided_on` and `holds_until` are of it, for reading, and `source`
    is who says so.
    """

    __tablename__ = "outside_record"
    __table_args__ = (Index(None, "key", "id"), Index(None, "code", "id"))

    id: Mapped[Key]
    kind: Mapped[str]
    key: Mapped[str]
    digest: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    label: Mapped[str]
    number: Mapped[str]
    organ: Mapped[str]
    decided_on: Mapped[date | None]
    holds_until: Mapped[date | None]
    source: Mapped[str]
    said: Mapped[Json]
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"))
    line: Mapped[int]
    recorded_at: Mapped[datetime]
