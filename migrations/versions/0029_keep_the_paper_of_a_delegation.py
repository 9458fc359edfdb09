"""Keep the scan of a delegation with it; those that were confirmed before stand without one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    for name in ("filename", "media_type", "digest"):
        op.add_column("delegation", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("delegation", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute("GRANT UPDATE (filename, media_type, digest, content) ON delegation TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a paper that was kept is not thrown away; restore a backup")
