"""Keep the files that a party has chosen for its case until it hands them in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "chosen_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_chosen_file_case_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_chosen_file_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chosen_file")),
    )
    op.create_index(op.f("ix_chosen_file_case_id"), "chosen_file", ["case_id"])
    op.create_index(op.f("ix_chosen_file_expires_at"), "chosen_file", ["expires_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE (material), DELETE ON chosen_file TO nuoxin_app")
    op.execute("GRANT USAGE ON SEQUENCE chosen_file_id_seq TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
