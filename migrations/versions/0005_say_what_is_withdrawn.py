"""Say of an entry that it is withdrawn, and why; and of a document which one it corrects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("publication", sa.Column("withdrawn_because", sa.Text(), nullable=True))
    op.add_column("document", sa.Column("corrects", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_document_corrects"), "document", "document", ["corrects"], ["id"]
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
