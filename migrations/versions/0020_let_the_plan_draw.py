"""Let the plan of checks draw: then nobody drew by hand."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.alter_column("draw", "drawn_by", nullable=True)


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
