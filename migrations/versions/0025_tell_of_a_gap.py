"""Keep when a duty was last left undone for too long, so that it is told after it goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for name in ("gap_from", "gap_to", "resumed_at"):
        op.add_column("duty_run", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
