"""An older database, whose codes were kept as typed, comes into form, and no two rows into one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from casework.audit.proof import verify_database
from casework.common.database import Database, engine_for
from casework.kernel.office import Office
from casework.operations.migration import _alembic, migrate
from nuoxin import main
from tests.support.journeys import follow
from tests.support.town import APPLICANT, START, StoppedTime, Town, application, settle

pytestmark = pytest.mark.slow

PLAIN, SAME = "11010519491231002X", "11010519491231００２X"
ALONE, ALONE_PLAIN = "٣20602199001010017", "320602199001010017"


@pytest.fixture
def old(server: str) -> Iterator[str]:
    """The URL of a database as the release before left it, with codes of every look."""
    _as_owner(server, 'CREATE DATABASE "old_codes"')
    url = server.replace("/postgres?", "/old_codes?")
    engine = engine_for(url, role=None)
    with engine.begin() as connection:
        config = _alembic(connection)
        before = ScriptDirectory.from_config(config).get_revision("0015").down_revision
        command.upgrade(config, before)
        for code in (ALONE, SAME, PLAIN):
            _party(connection, code)
            _person(connection, code)
    engine.dispose()
    yield url
    _as_owner(server, 'DROP DATABASE "old_codes" WITH (FORCE)')


def test_codes_come_into_form_and_two_rows_stay_two(
    old: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate(old, START)
    assert [line for line in left if PLAIN in line and "主体代码变更" in line] == [left[0]]
    assert migrate(old, START) == left, "what people have to do is told until it is done"
    with closing(Database(old)) as database, database.session() as session:
        assert session.scalars(text("SELECT code FROM party ORDER BY id")).all() == [
            ALONE_PLAIN,
            f"{PLAIN}-2",
            PLAIN,
        ]
        assert session.scalars(text("SELECT id_code FROM person ORDER BY id")).all() == [
            ALONE_PLAIN,
            f"{PLAIN}-2",
            PLAIN,
        ]
    monkeypatch.setenv("NUOXIN_DATABASE_URL", old)
    assert main(["migrate"]) == 0
    assert f"{PLAIN}-2" in capsys.readouterr().out


def test_a_clerk_makes_them_one_with_proof(old: str) -> None:
    """The row that was set apart can be named at the counter, and is told of no more."""
    migrate(old, START)
    with closing(Database(old)) as database:
        with database.session() as session:
            people = settle(session)
        time = StoppedTime()
        office = Office(database, time, public_url="http://127.0.0.1:8000")
        town = Town(old, database, time, office, people)
        claim = {
            "old_code": f"{PLAIN.lower()}－2",
            "ground": "公民身份号码更正（升位、重号更正）",
            "changed_on": "2026-08-01",
            "paper": "同一身份证，系统升级前后各登记一次",
        }
        opened = office.open_case("code_change", claim, people["window"], party=PLAIN)
        town.attach(opened.number, "change_proof", "new_licence", by="window")
        follow(town, opened.number, ("submit_claim", "window"))
        town.time.pass_(days=4)
        follow(town, opened.number, ("confirm_succession", "reviewer"))
        with town.session() as session:
            assert verify_database(session, office.versions).faults == ()
        number = office.open_case(
            "instant_licence", application(), people["applicant"], party=APPLICANT
        ).number
        assert town.case(number).state == "draft"
    assert not [line for line in migrate(old, START) if "当事人" in line]


def _party(connection: Connection, code: str) -> None:
    connection.execute(
        text(
            "INSERT INTO party (code_kind, code, name, representative, address, phone)"
            " VALUES ('id', :code, '陆安', '陆安', '南通市崇川区和平桥1号', '13800000001')"
        ),
        {"code": code},
    )


def _person(connection: Connection, code: str) -> None:
    person = connection.scalar(
        text(
            "INSERT INTO person (name, id_kind, id_code) VALUES ('陆安', 'id', :code) RETURNING id"
        ),
        {"code": code},
    )
    connection.execute(
        text(
            "INSERT INTO mandate (party_id, person_id, capacity, scope, valid_from)"
            " SELECT id, :person, 'representative', '{}', '2020-01-01' FROM party"
            " WHERE code = :code"
        ),
        {"person": person, "code": code},
    )
    connection.execute(
        text(
            "INSERT INTO account (person_id, username, password_hash, active, id_kind, id_code)"
            " VALUES (:person, :name, '-', true, 'id', :code)"
        ),
        {"person": person, "name": f"old{person}", "code": code},
    )


def _as_owner(server: str, statement: str) -> None:
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    owner.dispose()
