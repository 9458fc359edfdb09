"""Backup and restore (备份与恢复): a drill under load, and what stops either halfway."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from casework.audit.root_file import files_of
from casework.common.database import Database, engine_for
from casework.kernel.office import Office
from casework.operations import backup, migration, pg_tools, restoring
from casework.operations.backup import Manifest, read_backup
from casework.operations.embedded import embedded_database
from casework.operations.installation import CannotStart
from rulebook.tree import ROOT
from tests.support.front import Front
from tests.support.town import Town, application
from tests.test_command_line import nuoxin

pytestmark = pytest.mark.slow

_numbers = count(1)
OWNER, WEB = "drill_owner", "drill_web"
# The application's rights, what guards the tables, and their indexes and constraints.
BUILT = (
    "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
    " WHERE grantee = 'nuoxin_app'",
    "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
    " WHERE grantee = 'nuoxin_app'",
    "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
)
OWNERS = (
    "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
)


def asked(url: str, *statements: str) -> list[list[tuple[Any, ...]]]:
    """What a database answers its owner, in order."""
    with psycopg.connect(url, autocommit=True) as owner:
        return [
            sorted(owner.execute(one).fetchall(), key=str)  # type: ignore[call-overload]
            for one in statements
        ]


def tell(url: str, *statements: str) -> None:
    """Do something to a database as its owner."""
    with psycopg.connect(url, autocommit=True) as owner:
        for one in statements:
            owner.execute(one)  # type: ignore[call-overload]


def rows_of(url: str) -> dict[str, Any]:
    """What a database holds, table by table."""
    [names] = asked(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    said = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM"
    return {name: asked(url, f"{said} {name} t") for (name,) in names}


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """The owner's URL of an empty database, made as docs/production.md says."""
    name = f"drill_{next(_numbers)}"
    for role, more in ((OWNER, ""), (WEB, "IN ROLE nuoxin_app")):
        if (role,) not in asked(server, "SELECT rolname FROM pg_roles")[0]:
            tell(server, f"CREATE ROLE {role} LOGIN {more}")
    tell(
        server,
        f"CREATE DATABASE {name} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0",
        f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {WEB}",
    )
    yield as_user(server, OWNER).replace("/postgres?", f"/{name}?")
    tell(server, f"DROP DATABASE {name} WITH (FORCE)")


def as_user(url: str, user: str) -> str:
    """The same database for another log-in."""
    return url.replace("//postgres:", f"//{user}:").replace(f"//{OWNER}:", f"//{user}:")


@pytest.fixture
def kept(town: Town, tmp_path: Path) -> Path:
    """A backup of a town in which a certificate was granted, and a day sealed."""
    town.granted()
    assert nuoxin("seal", url=town.url, data=tmp_path / "data").returncode == 0
    done = nuoxin("backup", tmp_path / "kept", url=town.url, data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    return tmp_path / "kept"


def manifest_of(folder: Path) -> Manifest:
    return read_backup(folder, say=print)[0]


def begin(folder: Path, url: str, data: Path, **more: Any) -> subprocess.Popen[str]:
    """Begin `nuoxin backup` as a program of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "nuoxin.py"), "backup", str(folder), "--data", str(data)],
        env={**os.environ, "NUOXIN_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_a_drill_under_load(town: Town, empty: str, tmp_path: Path) -> None:
    """While firms apply and hand in papers a backup is made; it is restored from the embedded
    superuser's database to one of the documented owner, and people go on there."""
    town.granted()
    data = tmp_path / "data"
    assert nuoxin("seal", url=town.url, data=data).returncode == 0
    begun, over = Event(), Event()

    def apply(of: int) -> list[tuple[datetime, str, str]]:
        front, done = Front(town), []
        for n in count():
            if over.is_set():
                return done
            said = application(place_name=f"宾馆{of}号{n}", address=f"人民中路{of}-{n}号")
            body = {"process": "instant_licence", "data": said}
            opened = front.post("applicant", "/cases", body, key=str(uuid4()))
            assert opened.status_code == 201, opened.text
            number = opened.json()["number"]
            done.append((datetime.now(UTC), "case_file", number))
            handed = front.upload("applicant", number)
            assert handed.status_code == 201, handed.text
            done.append((datetime.now(UTC), "attachment", number))
            begun.set()
        return done

    with ThreadPoolExecutor(3) as firms:
        working = [firms.submit(apply, of) for of in range(3)]
        assert begun.wait(60)
        program = begin(tmp_path / "kept", town.url, data)
        said, wrong = program.communicate(timeout=300)
        over.set()
        acts = [act for one in working for act in one.result()]
    assert program.returncode == 0, wrong
    assert "正在导出数据库" in wrong
    manifest = manifest_of(tmp_path / "kept")
    assert f"{manifest.rows} 行" in said

    back = nuoxin("restore", tmp_path / "kept", url=empty, data=tmp_path / "elsewhere")
    assert back.returncode == 0, back.stderr
    found = {
        "case_file": asked(empty, "SELECT number FROM case_file")[0],
        "attachment": asked(
            empty, "SELECT number FROM attachment JOIN case_file ON case_file.id = case_id"
        )[0],
    }
    before = [act for act in acts if act[0] < manifest.as_of]
    assert before, "nothing was acknowledged before the snapshot"
    assert len(before) < len(acts), "nothing was done while it was written"
    lost = [act for act in before if (act[2],) not in found[act[1]]]
    assert lost == []

    assert asked(empty, *BUILT) == asked(town.url, *BUILT)
    assert asked(empty, OWNERS) == [[(OWNER,)]]
    with pytest.raises(psycopg.errors.RaiseException, match="the log only grows"):
        tell(empty, "UPDATE case_log SET salt = 'x'")
    web = as_user(empty, WEB)
    assert nuoxin("verify", url=web, data=tmp_path / "elsewhere").returncode == 0
    with closing(Database(web)) as database:
        office = Office(database, town.time, public_url="http://127.0.0.1:8000")
        again = office.open_case("instant_licence", application(), town.people["applicant"])
    assert (again.number,) not in found["case_file"]
    assert nuoxin("verify", url=web, data=tmp_path / "elsewhere").returncode == 0


def test_what_is_restored_is_what_there_was(
    town: Town, kept: Path, empty: str, tmp_path: Path
) -> None:
    back = nuoxin("restore", kept, url=empty, data=tmp_path / "elsewhere")
    assert back.returncode == 0, back.stderr
    assert "3 个案件" in back.stdout
    assert rows_of(empty) == rows_of(town.url)
    assert asked(empty, *BUILT) == asked(town.url, *BUILT)
    for name in ("root_keys.pub", *(file.name for file in files_of(tmp_path / "data"))):
        there = (tmp_path / "data" / name).read_bytes()
        assert (tmp_path / "elsewhere" / name).read_bytes() == there
    assert not (tmp_path / "elsewhere" / "root_key.pem").exists()
    # Migrating again as the owner finds nothing to do, and may do it.
    assert nuoxin("migrate", url=empty).returncode == 0
    assert rows_of(empty) == rows_of(town.url)


def test_long_work_says_how_far_it_is(
    town: Town, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_TELL_EVERY", -1)
    done = nuoxin("backup", tmp_path / "kept", url=town.url, data=tmp_path)
    assert "  已写 0 MB" in done.stderr
    back = nuoxin("restore", tmp_path / "kept", url=empty, data=tmp_path)
    assert "  已核对 0 MB，共 0 MB" in back.stderr
    assert "  已恢复 1 行\n  已恢复 2 行\n" in back.stderr


@pytest.mark.parametrize("at", ["正在导出数据库", "正在核对写下的内容"])
def test_a_backup_that_is_killed_leaves_the_former_one(
    town: Town, kept: Path, tmp_path: Path, at: str
) -> None:
    before = manifest_of(kept)
    program = begin(kept, town.url, tmp_path / "data")
    assert program.stderr is not None
    for line in program.stderr:
        if at in line:
            program.kill()
    program.communicate(timeout=60)
    assert program.returncode == -9
    assert manifest_of(kept) == before
    # A first one that is killed is no backup at all; nor does the next one mind what it left.
    shutil.copytree(kept, tmp_path / "first")
    (tmp_path / "first" / "manifest.json").unlink()
    with pytest.raises(CannotStart, match="没有写完"):
        manifest_of(tmp_path / "first")
    for folder in (kept, tmp_path / "first"):
        done = nuoxin("backup", folder, url=town.url, data=tmp_path / "data")
        assert done.returncode == 0, done.stderr
        after = manifest_of(folder)
        assert after.as_of > before.as_of
        assert sorted(os.listdir(folder)) == [after.run, "manifest.json"]


def test_a_full_disk_leaves_the_former_backup(town: Town, kept: Path, tmp_path: Path) -> None:
    before = manifest_of(kept)

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    program = begin(kept, town.url, tmp_path / "data", preexec_fn=little)
    _, wrong = program.communicate(timeout=60)
    assert program.returncode == 2
    assert "原有的备份没有改动" in wrong
    assert "Traceback" not in wrong
    assert manifest_of(kept) == before
    assert sorted(os.listdir(kept)) == [before.run, "manifest.json"]


def test_what_was_written_is_read_again(
    town: Town, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is no backup if rows are missing there."""
    before = manifest_of(kept)
    nothing = nullcontext([(b"COPY public.case_log (id) FROM stdin;\n", iter(()))])
    monkeypatch.setattr("casework.operations.backup.data_of", lambda *_: nothing)
    done = nuoxin("backup", kept, url=town.url, data=tmp_path / "data")
    assert done.returncode == 1
    assert "应有 36 行，实有 0 行" in done.stderr
    assert manifest_of(kept) == before


def test_a_folder_with_other_things_in_it_is_left_alone(town: Town, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("x", encoding="utf-8")
    done = nuoxin("backup", tmp_path / "letters", url=town.url, data=tmp_path)
    assert (done.returncode, "letter.txt" in done.stderr) == (2, True)
    assert os.listdir(tmp_path / "letters") == ["letter.txt"]


def test_secrets_stay_where_they_are_and_roots_that_came_later_too(
    town: Town, empty: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    for name, said in (
        ("daily_roots.jsonl", ""),
        ("offices.toml", "a = 1\n"),
        ("seal.pub", "a key for everybody\n"),
        ("seal.pem", "-----BEGIN PRIVATE KEY-----\n"),
        ("mail.toml", "-----BEGIN PRIVATE KEY-----\n"),
        ("database_url", town.url),
    ):
        (data / name).write_text(said, encoding="utf-8")
    done = nuoxin("backup", tmp_path / "kept", url=town.url, data=data)
    assert done.returncode == 0, done.stderr
    held = {file.path for file in manifest_of(tmp_path / "kept").files}
    assert held == {
        "database.dump",
        "data/daily_roots.jsonl",
        "data/offices.toml",
        "data/seal.pub",
    }
    assert "没有备份的：mail.toml、seal.pem" in done.stdout
    for path in (tmp_path / "kept").iterdir():
        assert path.stat().st_mode & 0o077 == 0
    (data / "offices.toml").write_text("a = 2\n", encoding="utf-8")
    (data / "seal.pub").unlink()
    back = nuoxin("restore", tmp_path / "kept", url=empty, data=data)
    assert back.returncode == 0, back.stderr
    assert "已有另一份 offices.toml，没有改动" in back.stdout
    assert (data / "offices.toml").read_text(encoding="utf-8") == "a = 2\n"
    assert (data / "seal.pub").exists()


def altered(folder: Path, **changes: Any) -> None:
    """Write a manifest that says something else, and agrees with itself."""
    manifest = manifest_of(folder).model_copy(update=changes)
    (folder / "manifest.json").write_text(manifest.text, encoding="utf-8")


def _cut(folder: Path) -> None:
    dump = folder / manifest_of(folder).run / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1])


def _add(folder: Path) -> None:
    (folder / manifest_of(folder).run / "data" / "more.toml").write_text("", encoding="utf-8")


def _lose(folder: Path) -> None:
    (folder / manifest_of(folder).run / "database.dump").unlink()


def _edit(folder: Path) -> None:
    file = folder / "manifest.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["tables"]["public.case_log"] += 1
    file.write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "status", "said"),
    [
        (_cut, 1, "database.dump 与清单不符"),
        (_lose, 1, "读不到 database.dump"),
        (_add, 1, "清单以外的文件 data/more.toml"),
        (_edit, 1, "清单 manifest.json 被改动或者损坏"),
        (lambda folder: (folder / "manifest.json").write_text("{"), 1, "不能读取"),
        (lambda folder: (folder / "manifest.json").unlink(), 1, "不是备份"),
        (lambda folder: altered(folder, format="nuoxin-backup@2"), 1, "本版本不认识"),
        (lambda folder: altered(folder, migration="9999"), 2, "较新的版本"),
        (lambda folder: altered(folder, release="99.0"), 2, "较新的版本 99.0"),
        (lambda folder: altered(folder, tables={"public.case_log": 1}), 1, "与清单不符"),
    ],
)  # fmt: skip
def test_a_backup_that_does_not_agree_is_refused(
    kept: Path,
    empty: str,
    tmp_path: Path,
    harm: Callable[[Path], object],
    status: int,
    said: str,
) -> None:
    harm(kept)
    back = nuoxin("restore", kept, url=empty, data=tmp_path / "elsewhere")
    assert (back.returncode, said in back.stderr) == (status, True), back.stderr
    assert "Traceback" not in back.stderr
    assert rows_of(empty) == {}
    assert not list((tmp_path / "elsewhere").glob("*"))


def test_a_database_in_use_is_replaced_by_name_only(
    town: Town, kept: Path, empty: str, server: str, tmp_path: Path
) -> None:
    here = tmp_path / "elsewhere"
    assert nuoxin("restore", kept, url=empty, data=here).returncode == 0
    tell(empty, "INSERT INTO setting VALUES ('later', '1')", "CREATE VIEW mine AS SELECT 1 AS n")
    later = rows_of(empty)
    name = empty.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(as_user(empty, "postgres")):
        for url, more, said in (
            (empty, (), "还有 1 个连接"),
            (as_user(empty, WEB), (), f"所有者是 {OWNER}"),
            (empty, ("--replace", "other"), f"连接的数据库是 {name}"),
        ):
            back = nuoxin("restore", kept, *more, url=url, data=here)
            assert (back.returncode, said in back.stderr) == (2, True), back.stderr
    back = nuoxin("restore", kept, url=empty, data=here)
    assert (back.returncode, f"--replace {name}" in back.stderr) == (2, True)
    assert rows_of(empty) == later
    # The database's administrator may do it for the owner, whose everything then is.
    back = nuoxin("restore", kept, "--replace", name, url=as_user(empty, "postgres"), data=here)
    assert back.returncode == 0, back.stderr
    assert rows_of(empty) == rows_of(town.url)
    assert asked(empty, OWNERS) == [[(OWNER,)]]


def test_a_restore_that_fails_leaves_the_old_state(
    town: Town, kept: Path, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "elsewhere"
    assert nuoxin("restore", kept, url=empty, data=here).returncode == 0
    tell(empty, "INSERT INTO setting VALUES ('later', '1')")
    before, name = rows_of(empty), empty.partition("?")[0].rpartition("/")[2]
    replace = ("restore", tmp_path / "forged", "--replace", name)

    # Somebody changed a letter before the backup was made.
    tell(town.url, "UPDATE document SET content = 'x'")
    forged = nuoxin("backup", tmp_path / "forged", url=town.url, data=tmp_path / "data")
    assert forged.returncode == 0, forged.stderr
    for file in here.iterdir():
        file.unlink()
    back = nuoxin(*replace, url=empty, data=here)
    assert back.returncode == 1
    assert "核验不通过" in back.stdout
    assert rows_of(empty) == before
    assert not list(here.glob("*"))

    # What a release cannot migrate, and whatever else goes wrong late.
    def fail(*_: object) -> None:
        raise CannotStart("不行")

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "migrate_within", fail)
        assert nuoxin(*replace, url=empty, data=here).returncode == 2
    assert rows_of(empty) == before

    back = nuoxin(*replace, "--despite-faults", url=empty, data=here)
    assert back.returncode == 1
    assert "注意：" in back.stderr
    assert rows_of(empty) == rows_of(town.url)


def test_a_backup_of_an_earlier_release_is_migrated(
    server: str, empty: str, tmp_path: Path
) -> None:
    tell(server, "CREATE DATABASE earlier")
    url = server.replace("/postgres?", "/earlier?")
    owner = engine_for(url, role=None)
    with owner.begin() as connection:
        command.upgrade(migration._alembic(connection), "0011")
    owner.dispose()
    done = nuoxin("backup", tmp_path / "kept", url=url, data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert manifest_of(tmp_path / "kept").migration == "0011"
    back = nuoxin("restore", tmp_path / "kept", url=empty, data=tmp_path / "data")
    assert back.returncode == 0, back.stderr
    [head] = asked(empty, "SELECT version_num FROM alembic_version")
    assert head == [(sorted(migration.MIGRATIONS.glob("*.py"))[-1].name[:4],)]
    tell(server, "DROP DATABASE earlier WITH (FORCE)")


def test_only_who_may_read_everything_makes_a_backup(town: Town, tmp_path: Path) -> None:
    tell(town.url, "DO $$ BEGIN CREATE ROLE reader LOGIN IN ROLE nuoxin_app; END $$")
    done = nuoxin("backup", tmp_path / "kept", url=as_user(town.url, "reader"), data=tmp_path)
    assert (done.returncode, "用数据库的所有者备份" in done.stderr) == (2, True), done.stderr
    tell(town.url, "DROP ROLE reader")


def test_without_the_programs_of_postgresql_it_is_said_what_to_install(
    town: Town, kept: Path, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_tools, "_tools", lambda _: ())
    done = nuoxin("backup", tmp_path / "other", url=town.url, data=tmp_path)
    assert (done.returncode, "没有可用的备份工具" in done.stderr) == (2, True)
    back = nuoxin("restore", kept, url=empty, data=tmp_path)
    assert (back.returncode, "没有可用的恢复工具" in back.stderr) == (2, True)


def test_a_trial_installation_that_stands_still_is_moved_to_another_folder(
    town: Town, kept: Path, tmp_path: Path
) -> None:
    """Each with the database of its data folder, which is started for that alone."""
    here, there = tmp_path / "here", tmp_path / "there"
    back = nuoxin("restore", kept, data=here)
    assert back.returncode == 0, back.stderr
    done = nuoxin("backup", tmp_path / "second", data=here)
    assert done.returncode == 0, done.stderr
    assert manifest_of(tmp_path / "second").tables == manifest_of(kept).tables
    back = nuoxin("restore", tmp_path / "second", data=there)
    assert back.returncode == 0, back.stderr
    again = nuoxin("restore", kept, data=there)
    assert (again.returncode, "--replace postgres" in again.stderr) == (2, True)
    assert not (there / "database_url").exists()
    with embedded_database(there / "database") as url:
        assert rows_of(url) == rows_of(town.url)
