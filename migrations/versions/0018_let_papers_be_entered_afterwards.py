"""Keep under what papers of an outage, or of an old case, were entered afterwards, and which
numbers were set aside for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "backfill",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("enter_by", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("opening", sa.JSON(), nullable=True),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_backfill_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_backfill_case_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_backfill_opened_by")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["person.id"], name=op.f("fk_backfill_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_backfill_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill")),
    )
    op.create_index(op.f("ix_backfill_authority_id"), "backfill", ["authority_id"])
    # What it lets in, and why, never changes; nor does it ever go away.
    op.execute(
        "GRANT SELECT, INSERT, UPDATE"
        " (case_id, opening, confirmed_by, confirmed_at, closed_by, closed_at)"
        " ON backfill TO nuoxin_app"
    )
    op.add_column("pending_signature", sa.Column("backfill", sa.JSON(), nullable=True))
    # A number that was set aside is of no case yet.
    op.alter_column("number_entry", "case_id", nullable=True)
    op.add_column("number_entry", sa.Column("backfill_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_number_entry_backfill_id"), "number_entry", "backfill", ["backfill_id"], ["id"]
    )
    op.create_index(op.f("ix_number_entry_backfill_id"), "number_entry", ["backfill_id"])


def downgrade() -> None:
    raise NotImplementedError("what was entered stays entered; restore a backup")
