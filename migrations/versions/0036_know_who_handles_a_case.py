"""Know who handles a case: whom its filing, assignment or hand-over named last, and by what days
cases were filed and ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

# As letters print it (`handlers_of`): of all forms that name officers, the last one that was given.
_NAMED = """
    CREATE FUNCTION handlers_named(data json) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce((
            SELECT ARRAY(SELECT DISTINCT json_array_elements_text(officers) ORDER BY 1)
            FROM (
                SELECT CASE
                    WHEN json_typeof(given -> 'handlers') = 'array'
                        AND given ->> 'handlers' <> '[]' THEN given -> 'handlers'
                    WHEN json_typeof(given -> 'inspectors') = 'array' THEN given -> 'inspectors'
                    ELSE '[]'
                END AS officers
                FROM json_each(data) WITH ORDINALITY AS steps (step, given, place)
                WHERE json_typeof(given) = 'object' AND (
                    json_typeof(given -> 'handlers') = 'array'
                    OR json_typeof(given -> 'inspectors') = 'array'
                )
                ORDER BY place DESC
                LIMIT 1
            ) AS named
        ), '{}')
    $$
"""
_KEPT = """
    CREATE FUNCTION keep_case_handler() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        named text[] := handlers_named(NEW.data);
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF named = handlers_named(OLD.data)
                AND (OLD.due_on, OLD.ended_at) IS NOT DISTINCT FROM (NEW.due_on, NEW.ended_at)
            THEN
                RETURN NULL;
            END IF;
            DELETE FROM case_handler WHERE case_id = NEW.id;
        END IF;
        INSERT INTO case_handler (case_id, username, due_on)
        SELECT NEW.id, username, CASE WHEN NEW.ended_at IS NULL
            THEN coalesce(NEW.due_on, DATE '9999-12-31') END
        FROM unnest(named) AS username;
        RETURN NULL;
    END $$
"""
# Most cases name nobody, and are to cost nothing.
_OF_THESE = """
    {0}.data::text LIKE '%"handlers"%' OR {0}.data::text LIKE '%"inspectors"%'
"""
_TRIGGERS = (
    "CREATE TRIGGER handler_of_new_case AFTER INSERT ON case_file FOR EACH ROW"
    f" WHEN ({_OF_THESE.format('NEW')}) EXECUTE FUNCTION keep_case_handler()",
    "CREATE TRIGGER handler_of_case AFTER UPDATE ON case_file FOR EACH ROW"
    f" WHEN ({_OF_THESE.format('OLD')} OR {_OF_THESE.format('NEW')})"
    " EXECUTE FUNCTION keep_case_handler()",
)
_WHAT_WAS_THERE = """
    INSERT INTO case_handler (case_id, username, due_on)
    SELECT id, username,
        CASE WHEN ended_at IS NULL THEN coalesce(due_on, DATE '9999-12-31') END
    FROM case_file, unnest(handlers_named(data)) AS username
"""


def upgrade() -> None:
    of_case = {"ondelete": "CASCADE", "deferrable": True, "initially": "DEFERRED"}
    op.create_table(
        "case_handler",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_handler_case_id"), **of_case
        ),
        sa.PrimaryKeyConstraint("case_id", "username", name=op.f("pk_case_handler")),
    )
    for statement in (_NAMED, _KEPT, *_TRIGGERS, _WHAT_WAS_THERE):
        op.execute(statement)
    op.create_index("ix_case_handler_desk", "case_handler", ["username", "due_on", "case_id"])
    op.create_index("ix_case_handler_username_case_id", "case_handler", ["username", "case_id"])
    op.create_index(
        "ix_case_file_authority_id_opened_at_id", "case_file", ["authority_id", "opened_at", "id"]
    )
    op.create_index(
        "ix_case_file_ended",
        "case_file",
        ["authority_id", "ended_at", "id"],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON case_handler TO nuoxin_app")
    op.execute("ANALYZE case_handler")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
