"""Keep when a duty was last done for each authority apart, what a run found, and whether a
supervisor has let it rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # What was known of the two duties of before says nothing of those that took their place.
    op.execute("DELETE FROM duty_run")
    # What stands aside does so for the duty, under its new name.
    op.execute("UPDATE sweep_failure SET sweep = 'due-clocks' WHERE sweep = 'clocks'")
    op.add_column("duty_run", sa.Column("authority", sa.Text(), nullable=False, server_default=""))
    op.alter_column("duty_run", "authority", server_default=None)
    op.drop_constraint("pk_duty_run", "duty_run", type_="primary")
    op.create_primary_key("pk_duty_run", "duty_run", ["duty", "authority"])
    op.alter_column("duty_run", "begun_at", nullable=True)
    op.add_column("duty_run", sa.Column("done", sa.Integer(), nullable=True))
    op.add_column("duty_run", sa.Column("failed", sa.Integer(), nullable=True))
    op.add_column("duty_run", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("duty_run", sa.Column("paused_by", sa.BigInteger(), nullable=True))
    op.add_column("duty_run", sa.Column("paused_because", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_duty_run_paused_by"), "duty_run", "person", ["paused_by"], ["id"]
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
