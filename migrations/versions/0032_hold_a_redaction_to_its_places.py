"""Hold a redaction to the places that it names: the row of the log loses these, and its salt.

The function of before let the whole row change, once a redaction named it; and taking a file away
said nothing where it knew no such table.
"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION case_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE taken json; place json; remaining jsonb := OLD.payload::jsonb;
    BEGIN
        IF TG_OP = 'UPDATE'
            AND to_jsonb(NEW) - 'payload' - 'salt' = to_jsonb(OLD) - 'payload' - 'salt'
        THEN
            SELECT one INTO taken
            FROM case_log r, json_array_elements(r.header -> 'redacts') one
            WHERE r.case_id = OLD.case_id
                AND r.seq > OLD.seq
                AND r.header ->> 'kind' = 'redacted'
                AND r.xmin::text = (txid_current() % 4294967296)::text
                AND one ->> 'seq' = OLD.seq::text
            LIMIT 1;
            FOR place IN SELECT json_array_elements(taken -> 'places') LOOP
                remaining := jsonb_set(
                    remaining,
                    ARRAY(SELECT json_array_elements_text(place)),
                    '"（已依法删除）"',
                    false
                );
            END LOOP;
            IF taken IS NOT NULL AND NEW.payload::jsonb = remaining THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION 'the log only grows';
    END $$
    """,
    """
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
    """,
)


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")
