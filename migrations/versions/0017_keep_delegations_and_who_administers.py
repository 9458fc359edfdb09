"""Keep by which written delegation the window decides, and who changed posts and delegations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("scope", ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_delegation_authority_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delegation_person_id")),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["person.id"], name=op.f("fk_delegation_granted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_person_id"), "delegation", ["person_id"])
    op.create_index(op.f("ix_delegation_authority_id"), "delegation", ["authority_id"])
    op.create_table(
        "admin_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_admin_entry_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_entry")),
        # One chain per authority: an entry that is taken away, or put between, is missed.
        sa.UniqueConstraint("authority_id", "seq", name=op.f("uq_admin_entry_authority_id_seq")),
    )
    # A post is never deleted, and of a delegation only its last day may come earlier.
    op.execute("REVOKE DELETE ON post FROM nuoxin_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (valid_to) ON delegation TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT ON admin_entry TO nuoxin_app")
    op.execute(
        "CREATE TRIGGER admin_log_only_grows BEFORE UPDATE OR DELETE ON admin_entry"
        " FOR EACH ROW EXECUTE FUNCTION log_only_grows()"
    )
    op.execute(
        "CREATE TRIGGER admin_log_is_never_emptied BEFORE TRUNCATE ON admin_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows()"
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
