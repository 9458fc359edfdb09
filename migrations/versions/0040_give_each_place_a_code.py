"""Give each place a code for the sheet on its wall (一码通)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    drawn = sa.text("replace(gen_random_uuid()::text, '-', '')")
    op.add_column("place", sa.Column("code", sa.Text(), nullable=False, server_default=drawn))
    op.create_unique_constraint(op.f("uq_place_code"), "place", ["code"])


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
