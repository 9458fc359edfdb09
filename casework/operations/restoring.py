"""Restoring a backup (恢复): all of it, proved, in one transaction; or nothing of it.

What was in the database goes, the backup comes in, is migrated and verified before anybody sees it.
Whatever fails, or whoever is killed, leaves the database as it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from casework.audit.proof import Report, verify_database
from casework.audit.root_file import read_kept
from casework.audit.roots import Kept, verify_roots
from casework.common.database import APP_ROLE, engine_for
from casework.operations.backup import (
    DUMP,
    Manifest,
    Progress,
    counted,
    read_backup,
    refuse_other_counts,
)
from casework.operations.installation import CannotStart
from casework.operations.migration import migrate_within
from casework.operations.pg_tools import (
    Tool,
    ToolFailed,
    data_of,
    reading_tool,
    script_of,
    table_of,
)
from casework.rules.versions import VersionCache

_DATABASE = text(
    "SELECT current_database(), pg_get_userbyid(datdba), pg_has_role(datdba, 'MEMBER'),"
    " pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    # Of others' sessions little more than this is shown to who is no superuser.
    " AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"
)
# What somebody made here, save for what an extension brought: the statement that takes it away.
_OWN = text(
    """
    SELECT format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE'
        ELSE 'TABLE' END, c.oid::regclass)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
            AND d.objid = p.oid AND d.deptype = 'e')
    """
)


@dataclass(frozen=True)
class Restored:
    """What came of it: the backup, the proof of what it brought with its faults and notes, what is
    `left` for people to put right, and files of the data folder that `stayed` as they were."""

    manifest: Manifest
    report: Report
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    left: tuple[str, ...]
    stayed: tuple[str, ...]


class NotProved(Exception):
    """A backup was read whole, and what it holds does not prove itself: `faults`, a line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(faults)
        self.faults = faults


def restore(
    folder: Path,
    url: str,
    data_folder: Path,
    now: datetime,
    *,
    replace: str | None,
    despite_faults: bool,
    say: Callable[[str], None],
) -> Restored:
    """Bring the backup in `folder` into the database at `url` and the data folder.

    A database that is not empty has to be named by `replace`. Raises CannotStart, NotProved (unless
    `despite_faults`); the installation is then what it was.
    """
    say(f"正在核对备份 {folder}…")
    manifest, files = read_backup(folder, say=say)
    tool = reading_tool(manifest.written_by)
    roots = files / "data"
    kept = read_kept(roots) if roots.is_dir() else Kept()
    engine = engine_for(url, role=None)
    try:
        with _placed(files / "data", data_folder) as stayed, engine.begin() as connection:
            _make_ready(connection, replace)
            _bring_in(connection, manifest, tool, files / DUMP, Progress(say))
            say("正在更新数据库结构，载入规则和模板…")
            left = migrate_within(connection, now)
            say("正在核验…")
            connection.execute(text("ANALYZE"))
            with Session(connection) as session:
                report = verify_database(session, VersionCache())
                wrong, notes = verify_roots(session, kept)
            faults = tuple(map(str, chain(report.faults, wrong)))
            if faults and not despite_faults:
                raise NotProved(faults)
    except ToolFailed as failed:
        raise CannotStart(f"备份不能读取，数据库没有改动：{failed}") from None
    except psycopg.Error as refused:
        raise CannotStart(f"备份不能恢复到这个数据库，数据库没有改动：{refused}") from None
    finally:
        engine.dispose()
    said = (*faults, *map(str, report.lacking), *notes, *report.redactions)
    return Restored(manifest, report, faults, said, left, stayed)


def _make_ready(connection: Connection, replace: str | None) -> None:
    """Empty the database, if that is wanted, and be its owner. Raises CannotStart."""
    name, owner, may, encoding = connection.execute(_DATABASE).one()
    if not may:
        raise CannotStart(
            f"数据库 {name} 的所有者是 {owner}：请用它恢复"
            f"（NUOXIN_DATABASE_URL=postgresql://{owner}:…，见 docs/production.md）"
        )
    if encoding != "UTF8":
        raise CannotStart(f"数据库 {name} 的编码是 {encoding}，应为 UTF8：请另建一个空的数据库")
    if replace not in (None, name):
        raise CannotStart(f"--replace 写的是 {replace}，而连接的数据库是 {name}：请核对后再运行")
    if others := connection.execute(_OTHERS).scalar_one():
        raise CannotStart(f"数据库 {name} 还有 {others} 个连接：请先停止网站和定时流程")
    _make_app_role(connection, owner)
    connection.execute(text(f'SET LOCAL ROLE "{owner}"'))
    there = connection.execute(_OWN).scalars().all()
    if there and replace is None:
        raise CannotStart(
            f"数据库 {name} 不是空的，没有改动：请恢复到一个空的数据库；"
            f"确实要用备份替换其中全部内容的，加上 --replace {name}"
        )
    for statement in there:
        connection.execute(text(statement))


def _make_app_role(connection: Connection, owner: str) -> None:
    """See that there is the role as which the application works. Raises CannotStart."""
    there = text("SELECT count(*) FROM pg_roles WHERE rolname = :name")
    if connection.execute(there, {"name": APP_ROLE}).scalar_one():
        return
    may = text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if not connection.execute(may).scalar_one():
        raise CannotStart(
            f"数据库服务器上还没有角色 {APP_ROLE}："
            "请先由数据库管理员建立各个角色（见 docs/production.md）"
        )
    connection.execute(text(f"CREATE ROLE {APP_ROLE} NOLOGIN"))
    connection.execute(text(f'GRANT {APP_ROLE} TO "{owner}"'))


def _bring_in(
    connection: Connection, manifest: Manifest, tool: Tool, dump: Path, progress: Progress
) -> None:
    """Load a dump. Raises DoesNotAgree if not all that the manifest tells came in."""
    cursor = cast(psycopg.Connection[Any], connection.connection.driver_connection).cursor()
    done = 0
    progress.say(f"正在恢复数据库：{len(manifest.tables)} 张表、{manifest.rows} 行…")
    cursor.execute(script_of(tool, dump, "pre-data"), prepare=False)
    with data_of(tool, dump) as statements:
        for statement, rows in statements:
            if table_of(statement) is None:
                cursor.execute(statement, prepare=False)
                continue
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write(row)
                    done += 1
                    progress.at("已恢复", done, "行")
    progress.say("正在建立索引…")
    cursor.execute(script_of(tool, dump, "post-data"), prepare=False)
    # The scripts set what suits them, a path on which no table is found among it.
    cursor.execute("RESET ALL", prepare=False)
    refuse_other_counts(manifest, counted(connection))


@contextmanager
def _placed(files: Path, data_folder: Path) -> Iterator[tuple[str, ...]]:
    """Put files into the data folder, once what is done meanwhile has succeeded. What lies there
    stays: a root that was sealed after the backup bears witness of what came after it. Gives the
    names of what stays although it is another."""
    coming, stayed = [], []
    for file in sorted(files.iterdir()) if files.is_dir() else ():
        there = data_folder / file.name
        if not there.exists():
            coming.append((file, data_folder / f"{file.name}.restoring"))
        elif there.read_bytes() != file.read_bytes():
            stayed.append(file.name)
    data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for file, under in coming:
            shutil.copyfile(file, under)
            under.chmod(0o600)
        yield tuple(stayed)
        for file, under in coming:
            os.replace(under, data_folder / file.name)
    finally:
        for _, under in coming:
            under.unlink(missing_ok=True)
