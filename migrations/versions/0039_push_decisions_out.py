"""Keep what is pushed to the systems of other authorities, and what they say of it.

A line of the ledger that is put down by a platform's own receipt is put down by nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    for table in ("publication_line", "publication_receipt"):
        op.alter_column(table, "person_id", nullable=True)
    op.create_table(
        "push_batch",
        _id(),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        *_texts("platform", "register", "name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _instant("created_at", nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        _instant("next_try_at", nullable=False),
        _instant("put_at"),
        _instant("settled_at"),
        sa.Column("error", sa.Text(), nullable=True),
        _to("push_batch", "authority_id", "authority.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_batch")),
        sa.UniqueConstraint("name", name=op.f("uq_push_batch_name")),
    )
    _index("push_batch", "authority_id", "platform", "register", "id")
    op.create_index(
        "ix_push_batch_open",
        "push_batch",
        ["authority_id", "platform"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "push",
        _id(),
        *_numbers("publication_id", "case_id", "authority_id"),
        *_texts("platform", "register", "record", "key", "operation", "state"),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("amended", sa.JSON(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        _instant("seen_at", nullable=False),
        _instant("created_at", nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        _instant("taken_at"),
        sa.Column("receipt", sa.Text(), nullable=True),
        _instant("ticked_at"),
        sa.Column("untickable", sa.Text(), nullable=True),
        sa.Column("amended_by", sa.BigInteger(), nullable=True),
        _instant("amended_at"),
        _to("push", "publication_id", "publication.id"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_push_case_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        _to("push", "authority_id", "authority.id"),
        _to("push", "batch_id", "push_batch.id"),
        _to("push", "receipt", "publication_receipt.digest"),
        _to("push", "amended_by", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push")),
        sa.UniqueConstraint("key", name=op.f("uq_push_key")),
    )
    for columns in (
        ("publication_id", "platform"),
        ("platform", "record", "id"),
        ("authority_id", "state", "id"),
        ("batch_id",),
        ("case_id",),
    ):
        _index("push", *columns)
    op.create_table(
        "reconciliation",
        _id(),
        *_numbers("authority_id"),
        *_texts("platform"),
        _instant("at", nullable=False),
        *_numbers("ours", "theirs", "found"),
        sa.Column("differences", sa.JSON(), nullable=False),
        _to("reconciliation", "authority_id", "authority.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    _index("reconciliation", "authority_id", "platform", "id")
    # What was sent, and what was said of it, goes away with nobody.
    op.execute("GRANT SELECT, INSERT, UPDATE ON push, push_batch TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT ON reconciliation TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [key], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
