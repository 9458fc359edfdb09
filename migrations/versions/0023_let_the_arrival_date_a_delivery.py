"""Keep what was sent to be served, until its gateway reports that it arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "electronic_service",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        *_texts("of", "step"),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        *_texts("address", "role", "certificate"),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("state"),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_electronic_service_case_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_electronic_service_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_electronic_service_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_electronic_service_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electronic_service")),
    )
    op.create_index(op.f("ix_electronic_service_case_id"), "electronic_service", ["case_id"])
    op.create_index(
        op.f("ix_electronic_service_notice_id"), "electronic_service", ["notice_id"], unique=True
    )
    op.create_index(
        "ix_electronic_service_open",
        "electronic_service",
        ["id"],
        postgresql_where=sa.text("state IN ('waiting', 'failed')"),
    )
    # What was sent, where to and by whom never changes, and no row goes away.
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, outcome, ended_at)"
        " ON electronic_service TO nuoxin_app"
    )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
