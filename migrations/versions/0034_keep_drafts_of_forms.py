"""Keep drafts of forms beside what was left when a log-in ended: one of each person and form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    for name in ("title", "mark"):
        op.add_column("kept_form", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.execute("GRANT UPDATE ON kept_form TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
