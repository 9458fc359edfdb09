"""Seal what is proved: roots tell where they end, versions their order, and no payload is redacted.

A redaction was let through by the trigger and by the proof, though there is no act that makes one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the log only grows';
        END $$
        """
    )
    # A day may be sealed by hand, and again at its end.
    op.drop_constraint(op.f("pk_daily_root"), "daily_root")
    op.add_column("daily_root", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.create_primary_key(op.f("pk_daily_root"), "daily_root", ["id"])
    op.create_index(op.f("ix_daily_root_day"), "daily_root", ["day"])
    op.add_column("daily_root", sa.Column("parts", sa.JSON(), nullable=True))
    op.add_column(
        "process_version", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)
    )
    op.create_unique_constraint(op.f("uq_process_version_id"), "process_version", ["id"])


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
