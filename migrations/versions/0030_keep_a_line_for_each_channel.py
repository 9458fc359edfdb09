"""Keep a line for each channel through which an entry was published, with the scan that proves it.

What was published before bears a line for each of its channels, without a scan, and stays done. An
entry may show again what another case's was of, and one may wait for its day to be taken down.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

# Who put it down, and when, is what the row of the log has that tells of it.
_TAKEN_OVER = """
    INSERT INTO publication_line
        (case_id, publication_id, channel, done_on, log_seq, person_id, entered_at)
    SELECT DISTINCT ON (p.id, c.channel)
        p.case_id, p.id, c.channel, p.published_on, l.seq,
        (l.header -> 'officers' ->> 0)::bigint, (l.header ->> 'recorded_at')::timestamptz
    FROM publication p
    CROSS JOIN unnest(p.channels) AS c (channel)
    JOIN case_log l ON l.case_id = p.case_id AND l.header ->> 'kind' = 'published'
    CROSS JOIN LATERAL (SELECT l.payload #> '{caused,published,0}' AS said) AS t
    WHERE p.published_on IS NOT NULL
        AND t.said ->> 'row' = p.log_seq::text
        AND t.said ->> 'register' = p.register
        AND (t.said ->> 'withdrawn')::boolean = (p.withdrawn_because IS NOT NULL)
    ORDER BY p.id, c.channel, l.seq
"""


def upgrade() -> None:
    op.create_table(
        "publication_receipt",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_publication_receipt_person_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_publication_receipt")),
    )
    op.create_table(
        "publication_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("log_seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
            name=op.f("fk_publication_line_case_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name=op.f("fk_publication_line_publication_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt"], ["publication_receipt.digest"], name=op.f("fk_publication_line_receipt")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_publication_line_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_line")),
        sa.UniqueConstraint(
            "publication_id", "channel", name=op.f("uq_publication_line_publication_id_channel")
        ),
    )
    for column in ("case_id", "receipt"):
        op.create_index(op.f(f"ix_publication_line_{column}"), "publication_line", [column])
    op.execute(_TAKEN_OVER)
    op.drop_column("publication", "channels")
    op.add_column("publication", sa.Column("shows", sa.Text(), nullable=True))
    op.add_column("publication", sa.Column("not_before", sa.Date(), nullable=True))
    op.create_index(op.f("ix_publication_shows"), "publication", ["shows"])
    # What was put down stays what it was.
    op.execute("GRANT SELECT, INSERT ON publication_line, publication_receipt TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
