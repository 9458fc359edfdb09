"""Keep the ways by which notices leave the house, and each message on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "outlet",
        _id(),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        *_texts("medium", "label", "address", "security", "sender", "username", "secret_name"),
        sa.Column("report_name", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_outlet_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet")),
    )
    op.create_index(op.f("ix_outlet_authority_id"), "outlet", ["authority_id"])
    op.create_table(
        "desk_address",
        _id(),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        *_texts("role", "medium", "address"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_desk_address_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_address")),
    )
    op.create_index(op.f("ix_desk_address_authority_id"), "desk_address", ["authority_id"])
    op.create_table(
        "message",
        _id(),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=True),
        *_texts("medium", "address", "key", "subject", "text"),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        *_texts("state"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outlet_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_message_notice_id")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_message_authority_id")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlet.id"], name=op.f("fk_message_outlet_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_message_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["next_try_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_message_dead",
        "message",
        ["authority_id", "id"],
        postgresql_where=sa.text("state IN ('dead', 'failed')"),
    )
    op.create_index(op.f("ix_message_notice_id"), "message", ["notice_id"])
    op.create_index(op.f("ix_message_outlet_id_tried_at"), "message", ["outlet_id", "tried_at"])
    op.create_index(
        "ix_message_receipt",
        "message",
        ["outlet_id", "receipt"],
        postgresql_where=sa.text("receipt IS NOT NULL"),
    )
    # Where an outlet leads never changes, and no row of any of them goes away.
    op.execute("GRANT SELECT, INSERT, UPDATE (shared, closed_at) ON outlet TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (closed_at) ON desk_address TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON message TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
