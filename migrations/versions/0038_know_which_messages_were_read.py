"""Know which notices a person has opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "notice_read",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_read_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "notice_id", name=op.f("pk_notice_read")),
    )
    op.execute("GRANT SELECT, INSERT ON notice_read TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
