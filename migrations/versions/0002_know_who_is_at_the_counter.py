"""Know who is at the counter: documents of identity, and who registered or ended a mandate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("person", sa.Column("id_kind", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("id_code", sa.Text(), nullable=True))
    op.create_index(
        "uq_person_id_kind_id_code",
        "person",
        ["id_kind", "id_code"],
        unique=True,
        postgresql_where=sa.text("id_code IS NOT NULL"),
    )
    op.add_column("mandate", sa.Column("registered_by", sa.BigInteger(), nullable=True))
    op.add_column("mandate", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mandate", sa.Column("ended_because", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_mandate_registered_by"), "mandate", "person", ["registered_by"], ["id"]
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
