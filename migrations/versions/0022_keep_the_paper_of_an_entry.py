"""Keep the paper on which a correction of a party's entry rests, and the mandate of its head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "party_paper",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_paper_party_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_party_paper_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_paper")),
        sa.UniqueConstraint("party_id", "digest", name=op.f("uq_party_paper_party_id_digest")),
    )
    # One may only add: what a correction rested on stays what it was.
    op.execute("GRANT SELECT, INSERT ON party_paper TO nuoxin_app")
    op.add_column("mandate", sa.Column("paper_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_mandate_paper_id"), "mandate", "party_paper", ["paper_id"], ["id"]
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
