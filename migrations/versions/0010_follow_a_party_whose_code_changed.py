"""Follow a party whose code changed (统一社会信用代码变更): which party continues which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "party_succession",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("old_party_id", sa.BigInteger(), nullable=False),
        sa.Column("new_party_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("log_seq", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["old_party_id"], ["party.id"], name=op.f("fk_party_succession_old_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["new_party_id"], ["party.id"], name=op.f("fk_party_succession_new_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_party_succession_case_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_succession")),
        sa.UniqueConstraint("old_party_id", name=op.f("uq_party_succession_old_party_id")),
    )
    op.create_index(op.f("ix_party_succession_new_party_id"), "party_succession", ["new_party_id"])
    op.create_index(op.f("ix_party_succession_case_id"), "party_succession", ["case_id"])
    op.execute("GRANT SELECT, INSERT ON party_succession TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
