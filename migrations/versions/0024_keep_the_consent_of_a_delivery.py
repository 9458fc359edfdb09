"""Keep under which consent a delivery was sent, and tell silence from the word of a gateway."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("electronic_service", sa.Column("consented_on", sa.Date(), nullable=True))
    op.add_column(
        "electronic_service", sa.Column("sent_again_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.drop_index("ix_electronic_service_open", "electronic_service")
    # Of what was given up so far, no gateway had said that it never arrived.
    op.execute(
        "UPDATE electronic_service SET state = 'stopped'"
        " WHERE state = 'failed' AND outcome LIKE '%日内没有到达回执'"
    )
    op.create_index(
        "ix_electronic_service_open",
        "electronic_service",
        ["id"],
        postgresql_where=sa.text("state IN ('waiting', 'failed', 'stopped')"),
    )
    op.execute("GRANT UPDATE (sent_again_at) ON electronic_service TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
