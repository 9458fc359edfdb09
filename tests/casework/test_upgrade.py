"""A database of an older release that people have worked with is upgraded: an empty one proves
nothing, for what a migration writes is checked when the next table changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from casework.common.database import engine_for
from casework.common.timekeeping import ZONE
from casework.operations.migration import _alembic, lineage_faults, migrate
from tests.support.town import START

pytestmark = pytest.mark.slow

_FIRST = "0011"  # as commit 0ed1663 left it
_ROWS = (
    """
    INSERT INTO authority (code, name, short, region, matters, address, phone,
        reconsideration_body, reconsideration_online, court)
    VALUES ('CC', '南通市崇川区卫生健康委员会', '崇川区卫健委', '320613', '{}', '政务路1号',
        '0513-80000000', '南通市崇川区人民政府', 'https://fy.example.invalid', '崇川区人民法院')
    """,
    """
    INSERT INTO party (code_kind, code, name, representative, address, phone)
    VALUES ('uscc', '91440300708461136T', '南通滨江宾馆有限公司', '陈志远', '人民中路88号', '1')
    """,
    """
    INSERT INTO case_file (number, tracking_code, process, version_digest, state, tracks, version,
        data, authority_id, party_id, relation, opened_at, effective_at, private, awaiting, due_on,
        head_seq, head_hash)
    SELECT 'CC-GC-2026-000001', 'T', 'place_filing', digest, 'received', '{}', 1, '{}',
        authority.id, party.id, '', now(), now(), false, '{window_clerk}', '2026-09-10', 1, '-'
    FROM authority, party, process_version WHERE process_version.process = 'place_filing'
    """,
    "INSERT INTO person (name) VALUES ('许静')",
    """
    INSERT INTO publication (case_id, log_seq, register, due_on, published_on, channels)
    SELECT id, 1, 'filings', '2026-09-10', day::date, channels::text[] FROM case_file, (VALUES
        ('2026-09-03', '{本机关门户网站,信用中国,信用中国}'), (NULL, '{}')
    ) AS said (day, channels)
    """,
    """
    INSERT INTO case_log (case_id, seq, header, payload, salt, payload_digest, previous, hash)
    SELECT case_file.id, 2,
        json_build_object('kind', 'published', 'officers', json_build_array(person.id),
            'recorded_at', '2026-09-04T09:00:00+08:00'),
        '{"caused": {"published": [{"row": 1, "register": "filings", "withdrawn": false,
            "on": "2026-09-03", "channels": ["本机关门户网站", "信用中国", "信用中国"]}]}}',
        '-', '-', '-', '-'
    FROM case_file, person
    """,
)


@pytest.fixture
def old(server: str) -> Iterator[str]:
    """The URL of a database of that release, in which a case waits for the window."""
    _as_owner(server, 'CREATE DATABASE "upgraded"')
    url = server.replace("/postgres?", "/upgraded?")
    owner = engine_for(url, role=None)
    with owner.begin() as connection:
        command.upgrade(_alembic(connection), _FIRST)
        connection.execute(
            text(
                "INSERT INTO process_version"
                " (digest, process, effective_from, published_at, declaration)"
                " VALUES ('-', 'place_filing', '2020-01-01', now(), '{}')"
            )
        )
        for row in _ROWS:
            connection.execute(text(row))
    owner.dispose()
    yield url
    _as_owner(server, 'DROP DATABASE "upgraded" WITH (FORCE)')


def test_a_database_with_open_cases_is_upgraded(old: str) -> None:
    migrate(old, START)
    owner = engine_for(old, role=None)
    with owner.connect() as connection:
        waiting = connection.execute(text("SELECT role FROM case_waiting ORDER BY role")).scalars()
        assert waiting.all() == ["", "window_clerk"]
    owner.dispose()


def test_a_number_used_twice_and_a_second_head_are_found(tmp_path: Path) -> None:
    assert list(lineage_faults()) == []
    for name in ("0001_a", "0002_b", "0003_c"):
        number = int(name[:4])
        before = f'"{number - 1:04}"' if number > 1 else "None"
        _migration(tmp_path / f"{name}.py", f'"{number:04}"', before)
    assert list(lineage_faults(tmp_path)) == []
    # Two helpers took the same number, each on a branch of its own.
    _migration(tmp_path / "0003_d.py", '"0003"', '"0002"')
    assert [line for line in lineage_faults(tmp_path) if "used twice" in line and "0003_d" in line]
    (tmp_path / "0003_d.py").unlink()
    _migration(tmp_path / "0004_d.py", '"0004"', '"0002"')
    assert [line for line in lineage_faults(tmp_path) if "two heads" in line]
    _migration(tmp_path / "0004_d.py", '"0003"', '"0003"')
    assert [line for line in lineage_faults(tmp_path) if "revision is 0003" in line]


def _migration(file: Path, number: str, before: str) -> None:
    file.write_text(f"revision = {number}\ndown_revision = {before}\n", encoding="utf-8")


def test_what_was_published_before_has_a_line_for_each_of_its_channels(old: str) -> None:
    migrate(old, START)
    owner = engine_for(old, role=None)
    with owner.connect() as connection:
        lines = connection.execute(
            text(
                "SELECT l.channel, l.done_on, l.receipt, l.log_seq, person.name, l.entered_at,"
                " p.published_on FROM publication_line l JOIN publication p"
                " ON p.id = l.publication_id JOIN person ON person.id = l.person_id"
                " ORDER BY l.channel"
            )
        ).all()
        open_still = connection.execute(
            text("SELECT count(*) FROM publication WHERE published_on IS NULL")
        ).scalar()
    owner.dispose()
    day, at = date(2026, 9, 3), datetime(2026, 9, 4, 9, 0, tzinfo=ZONE)
    expected = [
        (channel, day, None, 2, "许静", at, day) for channel in ("信用中国", "本机关门户网站")
    ]
    assert [tuple(line) for line in lines] == expected
    assert open_still == 1


def _as_owner(server: str, statement: str) -> None:
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    owner.dispose()
