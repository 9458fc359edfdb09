"""Keep the sealed PDF of a document beside it; a redaction that takes one away takes both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_REDACT_FILE = """
    CREATE OR REPLACE FUNCTION redact_file(of_case bigint, of_table text, of_id bigint)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE by_row bigint;
    BEGIN
        SELECT r.seq INTO by_row
        FROM case_log r, json_array_elements(r.header -> 'removes') one
        WHERE r.case_id = of_case
            AND r.header ->> 'kind' = 'redacted'
            AND r.xmin::text = (txid_current() % 4294967296)::text
            AND one ->> 'table' = of_table
            AND one ->> 'id' = of_id::text
        LIMIT 1;
        IF NOT FOUND THEN RAISE EXCEPTION 'only a redaction takes a file away'; END IF;
        IF of_table = 'document' THEN
            UPDATE sealed_paper SET content = '' WHERE document_id = of_id;
            UPDATE document SET content = '', context = format('{"redacted":%s}', by_row)::json
            WHERE id = of_id AND case_id = of_case;
        ELSIF of_table = 'attachment' THEN
            UPDATE attachment SET content = '' WHERE id = of_id AND case_id = of_case;
        ELSIF of_table = 'evidence' THEN
            UPDATE evidence SET content = '' WHERE id = of_id AND case_id = of_case;
        ELSE
            RAISE EXCEPTION 'no such file';
        END IF;
        IF NOT FOUND THEN RAISE EXCEPTION 'no such file'; END IF;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "sealed_paper",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_sealed_paper_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_paper")),
        sa.UniqueConstraint("document_id", name=op.f("uq_sealed_paper_document_id")),
    )
    op.create_index(op.f("ix_sealed_paper_digest"), "sealed_paper", ["digest"])
    # By what a PDF says of its record, whoever holds one is told which document that was.
    op.create_index(op.f("ix_document_digest"), "document", ["digest"])
    op.execute("GRANT SELECT, INSERT ON sealed_paper TO nuoxin_app")
    op.execute("GRANT USAGE ON SEQUENCE sealed_paper_id_seq TO nuoxin_app")
    op.execute(_REDACT_FILE)


def downgrade() -> None:
    raise NotImplementedError("what was sealed cannot be made again; restore a backup")
