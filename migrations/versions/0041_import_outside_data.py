"""Keep what is imported from other systems, row by row, and what it says of parties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

_KEPT_UP = (
    'state, total, read_to, "new", changed, unchanged, refused, outcome, attempts, next_try_at,'
    " ended_at"
)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=optional)


def _instant(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        "data_file",
        _text("digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_data_file"),
    )
    # A file is read a part at a time, for which none of it has to be unpacked.
    op.execute("ALTER TABLE data_file ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "data_import",
        _key(),
        _number("authority_id"),
        *map(_text, ("kind", "source", "filename", "digest")),
        sa.Column("dry", sa.Boolean(), nullable=False),
        *map(_number, ("person_id", "account_id")),
        _instant("entered_at"),
        sa.Column("heading", sa.JSON(), nullable=False),
        _text("state"),
        _number("total", optional=True),
        *map(_number, ("read_to", "new", "changed", "unchanged", "refused")),
        _text("outcome"),
        _number("attempts"),
        _instant("next_try_at"),
        _instant("ended_at", optional=True),
        _of("data_import", "authority_id", "authority"),
        _of("data_import", "person_id", "person"),
        _of("data_import", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_data_import"),
    )
    op.create_index("ix_data_import_authority_id_id", "data_import", ["authority_id", "id"])
    op.create_index("ix_data_import_digest", "data_import", ["digest"])
    op.create_index(
        "ix_data_import_waiting",
        "data_import",
        ["next_try_at"],
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "import_row",
        *map(_number, ("import_id", "line")),
        *map(_text, ("outcome", "told")),
        _text("key", optional=True),
        _text("digest", optional=True),
        sa.Column("cells", sa.JSON(), nullable=True),
        _of("import_row", "import_id", "data_import"),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_import_row"),
    )
    of_outcome = ["import_id", "outcome", "line"]
    op.create_index("ix_import_row_import_id_outcome_line", "import_row", of_outcome)
    op.create_index("ix_import_row_import_id_key", "import_row", ["import_id", "key"])
    op.create_table(
        "outside_record",
        _key(),
        *map(_text, ("kind", "key", "digest", "code", "name", "label", "number", "organ")),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("holds_until", sa.Date(), nullable=True),
        _text("source"),
        sa.Column("said", sa.JSON(), nullable=False),
        *map(_number, ("import_id", "line")),
        _instant("recorded_at"),
        _of("outside_record", "import_id", "data_import"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_record"),
    )
    op.create_index("ix_outside_record_key_id", "outside_record", ["key", "id"])
    op.create_index("ix_outside_record_code_id", "outside_record", ["code", "id"])
    op.execute("GRANT SELECT, INSERT, DELETE ON data_file, import_row TO nuoxin_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_KEPT_UP}) ON data_import TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT ON outside_record TO nuoxin_app")
    for table in ("data_import", "outside_record"):
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
