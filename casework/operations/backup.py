"""Backups (备份): one folder with the database and the files beside it, which proves itself whole.

    DIR/manifest.json                        what the backup holds, each file with its digest
    DIR/20261130T093012123456Z/database.dump the database as of one instant, in pg_dump's own format
    DIR/20261130T093012123456Z/data/…        files of the data folder

Each run writes into a folder of its own, under a name that tells it is not whole. Only once what
was written has been read again is it renamed, and then the manifest, by one more rename, names it
instead of the run before, whose files go last. So whatever stops a run, at whatever moment, the
former backup is there; and what is not named by a manifest is no backup.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy import Connection, text

from casework.acts.journal import canonical
from casework.common.database import engine_for
from casework.models import DailyRoot
from casework.operations.installation import CannotStart
from casework.operations.migration import migration_of, refuse_newer
from casework.operations.pg_tools import (
    ToolFailed,
    data_of,
    dumped,
    dumping_tool,
    reading_tool,
    table_of,
)
from rulebook.tree import ROOT

FORMAT: Final = "nuoxin-backup@1"
DUMP = "database.dump"
_MANIFEST, _DATA, _UNFINISHED = "manifest.json", "data", ".unfinished"
_RUN = re.compile(r"\d{8}T\d{12}Z(\.unfinished)?|manifest\.json(\.unfinished)?")
# Files of the data folder that are kept: daily roots, files given to `settle`, public keys. All
# else either comes again by itself (logs, Prefect's home) or is a secret, which is not to lie
# beside what it protects: whoever held the database and the key could seal what he likes.
_KEPT = ("daily_roots*", "*.toml", "*.pub")
_SECRET = b"PRIVATE KEY"
_COMES_AGAIN = {"database", "database_url", "lock", "logs", "prefect"}
_CHUNK = 1 << 20
_TELL_EVERY = 5.0  # seconds
_MB = 1_000_000


class DoesNotAgree(CannotStart):
    """A folder is no backup, or not a whole one."""


class HeldFile(BaseModel):
    """A file of a backup, by its path in the folder of the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: Annotated[str, StringConstraints(pattern=r"^(database\.dump|data/[^/\x00]+)$")]
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds. All that was acknowledged before the instant `as_of` is in it.

    `release` and `migration` are those of the program and of the database, `postgres` and
    `written_by` the major versions of the server and of pg_dump; `tables` counts the rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal["nuoxin-backup@1"]
    as_of: AwareDatetime
    release: str
    migration: str
    postgres: int
    written_by: int
    run: Annotated[str, StringConstraints(pattern=r"^\d{8}T\d{12}Z$")]
    tables: Mapping[str, int]
    files: tuple[HeldFile, ...]

    @property
    def rows(self) -> int:
        """How many rows the database has."""
        return sum(self.tables.values())

    @property
    def size(self) -> int:
        """How many bytes the files have."""
        return sum(file.size for file in self.files)

    @property
    def text(self) -> str:
        """As it stands in its file, with a digest of itself."""
        said = self.model_dump(mode="json")
        return json.dumps(
            {**said, "digest": _digest_of(said)}, ensure_ascii=False, indent=1, sort_keys=True
        )


class Progress:
    """Tells how far a long work is, every few seconds at most."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._next = time.monotonic() + _TELL_EVERY

    def at(self, what: str, done: int, unit: str) -> None:
        """Say how much is done, if it is time to."""
        if time.monotonic() >= self._next:
            self.say(f"  {what} {done} {unit}")
            self._next = time.monotonic() + _TELL_EVERY


def release() -> str:
    """The version of this release."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(said["project"]["version"])


def back_up(
    url: str, data_folder: Path, folder: Path, *, say: Callable[[str], None]
) -> tuple[Manifest, tuple[str, ...]]:
    """Write a backup of an installation into `folder`, in place of a former one. Gives what it
    holds, and the names of what lies in the data folder and is in no backup.

    `url` is the owner's. Others go on working meanwhile. Raises CannotStart, and then the former
    backup is what it was.
    """
    try:
        with _alone_in(folder):
            _clear(folder, _named(folder))
            try:
                return _written(url, data_folder, folder, Progress(say))
            finally:
                _clear(folder, _named(folder))
    except (OSError, ToolFailed) as failed:
        raise CannotStart(f"备份没有写成，原有的备份没有改动：{failed}") from None


def read_backup(folder: Path, *, say: Callable[[str], None]) -> tuple[Manifest, Path]:
    """What the backup in `folder` holds and the folder of its files, once each of them was found to
    be what the manifest says. Raises DoesNotAgree; CannotStart for one of a newer release."""
    manifest = _manifest_in(folder)
    if _parts(manifest.release) > _parts(release()):
        raise CannotStart(
            f"备份由较新的版本 {manifest.release} 写成，本版本是 {release()}：请换用那个版本"
        )
    refuse_newer(manifest.migration)
    files = folder / manifest.run
    progress, done = Progress(say), 0
    for file in manifest.files:
        try:
            found = _measured(files / file.path, file.path)
        except OSError as missing:
            raise DoesNotAgree(f"备份不完整，读不到 {file.path}：{missing}") from None
        if found != file:
            raise DoesNotAgree(f"备份已损坏：{file.path} 与清单不符，请改用另一份备份")
        done += file.size
        progress.at("已核对", done // _MB, f"MB，共 {manifest.size // _MB} MB")
    held = {file.path for file in manifest.files}
    for path in sorted(files.rglob("*")):
        if path.is_file() and (name := path.relative_to(files).as_posix()) not in held:
            raise DoesNotAgree(f"备份里有清单以外的文件 {name}：请移走后再恢复")
    return manifest, files


def rows_in(manifest: Manifest, statements: Iterable[tuple[bytes, Iterator[bytes]]]) -> None:
    """Count the rows in the data of a dump. Raises DoesNotAgree if they are not those that the
    manifest tells."""
    found = dict.fromkeys(manifest.tables, 0)
    for statement, rows in statements:
        number = sum(1 for _ in rows)
        if (table := table_of(statement)) is not None:
            found[table] = number
    refuse_other_counts(manifest, found)


def refuse_other_counts(manifest: Manifest, found: Mapping[str, int]) -> None:
    """Raise DoesNotAgree if the rows of the tables are not as many as the manifest tells."""
    for table in sorted(found.keys() | manifest.tables.keys()):
        told, number = manifest.tables.get(table, 0), found.get(table, 0)
        if told != number:
            raise DoesNotAgree(f"备份与清单不符：{table} 应有 {told} 行，实有 {number} 行")


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table of a database has."""
    names = connection.execute(_TABLES).scalars().all()
    return {
        name.replace('"', ""): connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608  # the catalogue's own names, quoted
        for name in names
    }


_TABLES = text(
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
    " ORDER BY 1"
)
_NOW = text("SELECT statement_timestamp(), pg_export_snapshot()")
_OWNS = text(
    "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = to_regclass('case_log')"
)


def _written(
    url: str, data_folder: Path, folder: Path, progress: Progress
) -> tuple[Manifest, tuple[str, ...]]:
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z"
    unfinished = folder / f"{run}{_UNFINISHED}"
    (unfinished / _DATA).mkdir(parents=True, mode=0o700)
    unfinished.chmod(0o700)
    engine = engine_for(url, role=None)
    try:
        with engine.connect() as connection:
            _refuse_strangers(connection)
            # Once nobody is about to seal a day, each line of the files of roots that is copied has
            # its row in what is dumped afterwards.
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text(f"LOCK TABLE {DailyRoot.__tablename__} IN SHARE MODE"))
            files, left = _copied(data_folder, unfinished / _DATA)
            connection.rollback()
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            # The instant in which the statement came in, before it saw anything.
            as_of, snapshot = connection.execute(_NOW).one()
            major = connection.execute(text("SHOW server_version_num")).scalar_one()
            postgres = int(major) // 10_000
            migration = migration_of(connection)
            tables = counted(connection)
            tool = dumping_tool(url, postgres)
            progress.say(f"正在导出数据库：{len(tables)} 张表、{sum(tables.values())} 行…")
            with dumped(tool, url, snapshot) as pipe, (unfinished / DUMP).open("wb") as out:
                files.append(_copy(pipe, out, DUMP, progress))
    finally:
        engine.dispose()
    manifest = Manifest(
        format=FORMAT,
        as_of=as_of,
        release=release(),
        migration=str(migration),
        postgres=postgres,
        written_by=tool.major,
        run=run,
        tables=tables,
        files=tuple(files),
    )
    progress.say("正在核对写下的内容…")
    _prove(manifest, unfinished)
    _put_in_place(manifest, folder, unfinished)
    return manifest, left


def _refuse_strangers(connection: Connection) -> None:
    """Raise CannotStart for who may not read everything, or a database without tables."""
    owns = connection.execute(_OWNS).scalar()
    if owns is None:
        raise CannotStart("数据库还没有建表，没有可备份的内容")
    if not owns:
        raise CannotStart(
            "当前数据库账号不能读取全部内容：请用数据库的所有者备份"
            "（NUOXIN_DATABASE_URL=postgresql://nuoxin_owner:…，见 docs/production.md）"
        )


def _copied(data_folder: Path, into: Path) -> tuple[list[HeldFile], tuple[str, ...]]:
    """Copy what is kept of the data folder; gives what was copied, and the names of the rest."""
    files, left = [], []
    for file in sorted(data_folder.iterdir()) if data_folder.is_dir() else ():
        if file.name in _COMES_AGAIN:
            continue
        if (
            not file.is_file()
            or not any(file.match(pattern) for pattern in _KEPT)
            or _SECRET in file.read_bytes()
        ):
            left.append(file.name)
            continue
        with file.open("rb") as source, (into / file.name).open("wb") as out:
            files.append(_copy(source, out, f"{_DATA}/{file.name}"))
    return files, tuple(left)


def _copy(
    source: IO[bytes], out: IO[bytes], path: str, progress: Progress | None = None
) -> HeldFile:
    digest, size = sha256(), 0
    while chunk := source.read(_CHUNK):
        out.write(chunk)
        digest.update(chunk)
        size += len(chunk)
        if progress:
            progress.at("已写", size // _MB, "MB")
    out.flush()
    os.fsync(out.fileno())
    return HeldFile(path=path, size=size, sha256=digest.hexdigest())


def _measured(file: Path, path: str) -> HeldFile:
    with file.open("rb") as source:
        digest, size = sha256(), 0
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return HeldFile(path=path, size=size, sha256=digest.hexdigest())


def _prove(manifest: Manifest, files: Path) -> None:
    """Read everything again that was written. Raises DoesNotAgree."""
    for file in manifest.files:
        if _measured(files / file.path, file.path) != file:
            raise DoesNotAgree(
                f"{file.path} 写下后读出的内容不同，磁盘可能有故障；原有的备份没有改动"
            )
    with data_of(reading_tool(manifest.written_by), files / DUMP) as statements:
        rows_in(manifest, statements)


def _put_in_place(manifest: Manifest, folder: Path, unfinished: Path) -> None:
    for path in (unfinished / _DATA, unfinished):
        _sync(path)
    unfinished.rename(folder / manifest.run)
    written = folder / f"{_MANIFEST}{_UNFINISHED}"
    with written.open("w", encoding="utf-8") as out:
        written.chmod(0o600)
        out.write(manifest.text)
        out.flush()
        os.fsync(out.fileno())
    _sync(folder)
    written.replace(folder / _MANIFEST)
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder that is empty or a backup, made if it is missing. Raises CannotStart."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"另一个 nuoxin backup 正在写 {folder}，请等它结束") from None
        for path in folder.iterdir():
            if not _RUN.fullmatch(path.name):
                raise CannotStart(f"{folder} 里有备份以外的内容（{path.name}）：请另选一个文件夹")
        yield
    finally:
        os.close(descriptor)


def _named(folder: Path) -> str | None:
    """The run that the manifest in a folder names; None where there is no manifest that can be
    read, and then nothing is cleared away either but what is not finished."""
    with suppress(CannotStart):
        return _manifest_in(folder).run
    return None


def _clear(folder: Path, named: str | None) -> None:
    """Take away what runs that were stopped have left, and the run before the one that is named."""
    for path in folder.iterdir():
        if path.name in (named, _MANIFEST) or (named is None and _UNFINISHED not in path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _manifest_in(folder: Path) -> Manifest:
    """The manifest of a backup, whole and of a format we know. Raises DoesNotAgree."""
    try:
        said: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        digest = said.pop("digest")
        if said.get("format") != FORMAT:
            raise DoesNotAgree(f"备份的格式“{said.get('format')}”本版本不认识：请换用较新的版本")
        if digest != _digest_of(said):
            raise DoesNotAgree(f"备份的清单 {_MANIFEST} 被改动或者损坏，请改用另一份备份")
        return Manifest.model_validate(said)
    except FileNotFoundError:
        raise DoesNotAgree(f"{folder} 里没有 {_MANIFEST}：不是备份，或者备份没有写完") from None
    except OSError as unreadable:
        raise DoesNotAgree(f"读不到备份：{unreadable}") from None
    except (ValueError, ValidationError, LookupError, AttributeError, TypeError):
        raise DoesNotAgree(f"备份的清单 {_MANIFEST} 不能读取，请改用另一份备份") from None


def _digest_of(said: Mapping[str, Any]) -> str:
    return sha256(canonical(said).encode()).hexdigest()


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
