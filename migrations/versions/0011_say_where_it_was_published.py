"""Say of an entry that was published where it was (公示渠道)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "publication",
        sa.Column("channels", ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
