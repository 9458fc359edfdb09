"""Find among a million cases: what is searched, what waits for whom, and an index for each list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"


# Both are built from PostgreSQL's own functions only: a restore builds the indexes on them while
# nothing else can be found by name.
_FUNCTIONS = (
    # Width, ligatures and case do not matter in a search, nor do blanks.
    r"""
    CREATE FUNCTION search_text(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT lower(regexp_replace(normalize(said, NFKC), '\s+', '', 'g'))
    $$
    """,
    # Each character, and each two that stand side by side; line breaks keep fields apart.
    r"""
    CREATE FUNCTION search_grams(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT gram), '{}')
        FROM generate_series(1, char_length(said)) AS n,
            LATERAL (VALUES (substr(said, n, 1)), (substr(said, n, 2))) AS grams (gram)
        WHERE gram !~ '\n'
    $$
    """,
)

# The database keeps what follows from a case by itself, so that no writer can forget it.
_TRIGGERS = (
    """
    CREATE FUNCTION case_said(of_party bigint, of_place bigint, data json) RETURNS text
    LANGUAGE sql STABLE AS $$
        SELECT concat_ws(E'\\n',
            search_text((SELECT name FROM party WHERE id = of_party)),
            search_text(data #>> '{application,place_name}'),
            search_text((SELECT address FROM place WHERE id = of_place)))
    $$
    """,
    """
    CREATE FUNCTION keep_case_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO case_search (case_id, number, said, authorities)
        VALUES (
            NEW.id,
            NEW.number,
            case_said(NEW.party_id, NEW.place_id, NEW.data),
            ARRAY(
                SELECT NEW.authority_id
                UNION SELECT authority_id FROM participant WHERE case_id = NEW.id
            )
        )
        ON CONFLICT (case_id) DO UPDATE
            SET number = excluded.number, said = excluded.said, authorities = excluded.authorities;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER search_of_new_case AFTER INSERT ON case_file"
    " FOR EACH ROW EXECUTE FUNCTION keep_case_search()",
    # Most steps change none of it, and are to cost nothing.
    """
    CREATE TRIGGER search_of_case AFTER UPDATE ON case_file FOR EACH ROW
    WHEN (
        (OLD.number, OLD.authority_id, OLD.party_id, OLD.place_id)
            IS DISTINCT FROM (NEW.number, NEW.authority_id, NEW.party_id, NEW.place_id)
        OR OLD.data #>> '{application,place_name}'
            IS DISTINCT FROM NEW.data #>> '{application,place_name}'
    )
    EXECUTE FUNCTION keep_case_search()
    """,
    """
    CREATE FUNCTION keep_search_of_party() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE case_search SET said = case_said(c.party_id, c.place_id, c.data)
        FROM case_file c WHERE c.party_id = NEW.id AND case_id = c.id;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER search_of_party AFTER UPDATE ON party FOR EACH ROW"
    " WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION keep_search_of_party()",
    """
    CREATE FUNCTION keep_search_of_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE case_search SET said = case_said(c.party_id, c.place_id, c.data)
        FROM case_file c WHERE c.place_id = NEW.id AND case_id = c.id;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER search_of_place AFTER UPDATE ON place FOR EACH ROW"
    " WHEN (OLD.address IS DISTINCT FROM NEW.address) EXECUTE FUNCTION keep_search_of_place()",
    """
    CREATE FUNCTION keep_search_of_guest() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE case_search SET authorities = authorities || NEW.authority_id
        WHERE case_id = NEW.case_id AND NOT authorities @> ARRAY[NEW.authority_id];
        INSERT INTO case_waiting (case_id, role, authority_id, due_on)
        SELECT id, role, NEW.authority_id, coalesce(due_on, DATE '9999-12-31')
        FROM case_file, unnest(array_append(awaiting, '')) AS role
        WHERE id = NEW.case_id AND ended_at IS NULL AND NOT private
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER search_of_guest AFTER INSERT OR UPDATE ON participant"
    " FOR EACH ROW EXECUTE FUNCTION keep_search_of_guest()",
    """
    CREATE FUNCTION keep_case_waiting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM case_waiting WHERE case_id = NEW.id;
        END IF;
        INSERT INTO case_waiting (case_id, role, authority_id, due_on)
        SELECT NEW.id, role, seen_by, coalesce(NEW.due_on, DATE '9999-12-31')
        FROM unnest(array_append(NEW.awaiting, '')) AS role, (
            SELECT NEW.authority_id
            UNION SELECT authority_id FROM participant WHERE case_id = NEW.id
        ) AS seen (seen_by)
        WHERE NEW.ended_at IS NULL AND NOT NEW.private;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER waiting_of_new_case AFTER INSERT ON case_file"
    " FOR EACH ROW EXECUTE FUNCTION keep_case_waiting()",
    """
    CREATE TRIGGER waiting_of_case AFTER UPDATE ON case_file FOR EACH ROW
    WHEN (
        (OLD.authority_id, OLD.awaiting, OLD.due_on, OLD.ended_at, OLD.private)
        IS DISTINCT FROM (NEW.authority_id, NEW.awaiting, NEW.due_on, NEW.ended_at, NEW.private)
    )
    EXECUTE FUNCTION keep_case_waiting()
    """,
)

_WHAT_WAS_THERE = (
    """
    INSERT INTO case_search (case_id, number, said, authorities)
    SELECT id, number, case_said(party_id, place_id, data), ARRAY(
        SELECT c.authority_id UNION SELECT authority_id FROM participant WHERE case_id = c.id
    )
    FROM case_file c
    """,
    """
    INSERT INTO case_waiting (case_id, role, authority_id, due_on)
    SELECT id, role, seen_by, coalesce(due_on, DATE '9999-12-31')
    FROM case_file, unnest(array_append(awaiting, '')) AS role, LATERAL (
        SELECT case_file.authority_id
        UNION SELECT authority_id FROM participant WHERE case_id = case_file.id
    ) AS seen (seen_by)
    WHERE ended_at IS NULL AND NOT private
    """,
    # Which reminders of a clock went out stands in their keys: reminder/case/clock/run/due/days/to.
    """
    UPDATE case_clock SET reminded = sent.what
    FROM (
        SELECT split_part(key, '/', 2)::bigint AS case_id, split_part(key, '/', 3) AS name,
            split_part(key, '/', 4)::bigint AS run,
            array_agg(concat_ws('/', split_part(key, '/', 5), split_part(key, '/', 6),
                split_part(key, '/', 7))) AS what
        FROM notice WHERE kind = 'reminder' GROUP BY 1, 2, 3
    ) AS sent
    WHERE case_clock.case_id = sent.case_id AND case_clock.name = sent.name
        AND case_clock.run = sent.run
    """,
)

_INDEXES = (
    # Updated in place: what waits on a list for a later hand-over would slow every search down.
    "CREATE INDEX ix_case_search_grams ON case_search"
    " USING gin (search_grams(said), authorities) WITH (fastupdate = off)",
    "CREATE INDEX ix_case_search_number_end ON case_search (reverse(number) text_pattern_ops)",
    "CREATE INDEX ix_party_grams ON party USING gin (search_grams(search_text(name)))"
    " WITH (fastupdate = off)",
    "DROP INDEX ix_case_file_awaiting",
    "DROP INDEX ix_case_file_party_id",
    "CREATE INDEX ix_case_file_party_id_id ON case_file (party_id, id)",
    "CREATE INDEX ix_case_file_authority_id_process_id ON case_file (authority_id, process, id)",
    "CREATE INDEX ix_case_file_authority_id_state_id ON case_file (authority_id, state, id)",
    "CREATE INDEX ix_case_file_tracking_code ON case_file (tracking_code)",
    "CREATE INDEX ix_case_file_late ON case_file (authority_id, process, due_on)"
    " WHERE ended_at IS NULL AND NOT private",
    "CREATE INDEX ix_case_file_graded ON case_file (ended_at, id) WHERE process = 'place_grading'",
    "DROP INDEX ix_participant_authority_id",
    "CREATE INDEX ix_participant_authority_id_case_id ON participant (authority_id, case_id)",
    "CREATE INDEX ix_number_entry_text ON number_entry (text)",
    "DROP INDEX ix_case_clock_due_on",
    "CREATE INDEX ix_case_clock_reminders ON case_clock (name, due_on)"
    " INCLUDE (reminded, id, case_id) WHERE status = 'running'",
    "DROP INDEX ix_notice_authority_id_to_role",
    "DROP INDEX ix_notice_to_party_id",
    "CREATE INDEX ix_notice_to_role ON notice (authority_id, to_role, created_at, id)",
    "CREATE INDEX ix_notice_to_party ON notice (to_party_id, created_at, id)",
    "CREATE INDEX ix_notice_breach ON notice (authority_id, created_at, id) WHERE kind = 'breach'",
    "CREATE INDEX ix_notice_refused ON notice (authority_id)"
    " WHERE delivered_at IS NULL AND attempts > 0",
    "DROP INDEX ix_credit_rating_party_id",
    "CREATE INDEX ix_credit_rating_party_id_id ON credit_rating (party_id, id)",
    "CREATE INDEX ix_credit_rating_grade_id ON credit_rating (grade, id)",
    "CREATE INDEX ix_publication_due_on_id ON publication (due_on, id)",
    "CREATE INDEX ix_publication_open ON publication (due_on, id) WHERE published_on IS NULL",
)


def upgrade() -> None:
    of_case = {"ondelete": "CASCADE", "deferrable": True, "initially": "DEFERRED"}
    op.create_table(
        "case_search",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("authorities", ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_search_case_id"), **of_case
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_search")),
    )
    op.create_table(
        "case_waiting",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_waiting_case_id"), **of_case
        ),
        sa.PrimaryKeyConstraint("case_id", "role", "authority_id", name=op.f("pk_case_waiting")),
    )
    op.add_column(
        "case_clock",
        sa.Column("reminded", ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    for statement in (*_FUNCTIONS, *_TRIGGERS, *_WHAT_WAS_THERE):
        op.execute(statement)
    op.create_index(
        "ix_case_waiting_desk", "case_waiting", ["authority_id", "role", "due_on", "case_id"]
    )
    for statement in _INDEXES:
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE ON case_search TO nuoxin_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON case_waiting TO nuoxin_app")
    for table in ("case_search", "case_waiting", "case_clock", "party"):
        op.execute(f"ANALYZE {table}")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
