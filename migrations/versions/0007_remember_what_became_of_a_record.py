"""Remember what became of a credit record, and how a party was rated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # No release ever marked an event as repaired, so nothing is to be carried over.
    op.drop_column("credit_event", "repaired_on")
    op.create_table(
        "credit_mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("log_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["credit_event.id"], name=op.f("fk_credit_mark_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_credit_mark_case_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_mark")),
        sa.UniqueConstraint(
            "event_id", "case_id", "log_seq", name=op.f("uq_credit_mark_event_id_case_id_log_seq")
        ),
    )
    op.create_index(op.f("ix_credit_mark_event_id"), "credit_mark", ["event_id"])
    op.create_index(op.f("ix_credit_mark_case_id"), "credit_mark", ["case_id"])
    op.create_table(
        "credit_rating",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_credit_rating_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_rating")),
    )
    op.create_index(op.f("ix_credit_rating_party_id"), "credit_rating", ["party_id"])
    op.execute("GRANT SELECT, INSERT ON credit_mark, credit_rating TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
