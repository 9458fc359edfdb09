"""Let personal data be taken out of the log, by a redaction that is a row of the log itself.

The application may still change no row, and no file. Two functions do it for what may change, and
only within the transaction that wrote the redaction's own row, which names the row, or the file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_FUNCTIONS = (
    """
    CREATE FUNCTION case_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
            AND to_jsonb(NEW) - 'payload' - 'salt' = to_jsonb(OLD) - 'payload' - 'salt'
            AND EXISTS (
                SELECT FROM case_log r, json_array_elements(r.header -> 'redacts') one
                WHERE r.case_id = OLD.case_id
                    AND r.seq > OLD.seq
                    AND r.header ->> 'kind' = 'redacted'
                    AND r.xmin::text = (txid_current() % 4294967296)::text
                    AND one ->> 'seq' = OLD.seq::text
            )
        THEN RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the log only grows';
    END $$
    """,
    """
    CREATE FUNCTION redact_log_row(of_case bigint, of_seq bigint, remaining json, new_salt text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE case_log SET payload = remaining, salt = new_salt
        WHERE case_id = of_case AND seq = of_seq;
        IF NOT FOUND THEN RAISE EXCEPTION 'no such row of the log'; END IF;
    END $$
    """,
    """
    CREATE FUNCTION redact_file(of_case bigint, of_table text, of_id bigint)
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
            UPDATE document SET content = '', context = format('{"redacted":%s}', by_row)::json
            WHERE id = of_id AND case_id = of_case;
        ELSIF of_table = 'attachment' THEN
            UPDATE attachment SET content = '' WHERE id = of_id AND case_id = of_case;
        ELSIF of_table = 'evidence' THEN
            UPDATE evidence SET content = '' WHERE id = of_id AND case_id = of_case;
        END IF;
        IF NOT FOUND THEN RAISE EXCEPTION 'no such file'; END IF;
    END $$
    """,
)
_CALLED = ("redact_log_row(bigint, bigint, json, text)", "redact_file(bigint, text, bigint)")


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    op.create_index(
        "ix_case_log_redacted",
        "case_log",
        ["case_id"],
        postgresql_where=sa.text("header ->> 'kind' = 'redacted'"),
    )
    op.execute("DROP TRIGGER log_only_grows ON case_log")
    op.execute(
        "CREATE TRIGGER log_only_grows BEFORE UPDATE OR DELETE ON case_log"
        " FOR EACH ROW EXECUTE FUNCTION case_log_only_grows()"
    )
    for function in _CALLED:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO nuoxin_app")


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
