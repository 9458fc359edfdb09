"""Let accounts be made and bound: stated identities, one-time codes, and a party's corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, kind in (
        ("id_kind", sa.Text()),
        ("id_code", sa.Text()),
        ("phone", sa.Text()),
        ("registered_at", sa.DateTime(timezone=True)),
        ("bound_by", sa.BigInteger()),
        ("bound_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("account", sa.Column(name, kind, nullable=True))
    op.create_foreign_key(op.f("fk_account_bound_by"), "account", "person", ["bound_by"], ["id"])
    op.add_column("party", sa.Column("dissolved_on", sa.Date(), nullable=True))
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("scope", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_one_time_code_account_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_one_time_code_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(op.f("ix_one_time_code_account_id"), "one_time_code", ["account_id"])
    op.create_index(op.f("ix_one_time_code_party_id"), "one_time_code", ["party_id"])
    op.create_table(
        "party_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_change_party_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_party_change_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_change")),
    )
    op.create_index(op.f("ix_party_change_party_id"), "party_change", ["party_id"])
    # A message to a telephone is of no case, and of no authority.
    op.alter_column("notice", "case_id", nullable=True)
    op.alter_column("notice", "authority_id", nullable=True)
    op.add_column("notice", sa.Column("to_phone", sa.Text(), nullable=True))
    op.execute("GRANT SELECT, INSERT, UPDATE ON one_time_code TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT ON party_change TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
