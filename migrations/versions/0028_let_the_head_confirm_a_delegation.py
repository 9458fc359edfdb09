"""Let a delegation wait for the head who signed it; those that there are stand as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column(
        "delegation",
        sa.Column("unconfirmed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("GRANT UPDATE (unconfirmed) ON delegation TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("what was confirmed stays confirmed; restore a backup")
