"""Logs of published versions, frozen (已公布版本的日志): `python -m tests.frozen`.

For each version of this release of which none is kept, a few cases of a town with a case in every
state, with the declaration that they run under. The suite replays them all from then on, under
whatever release there is. Files are added, never altered; a new version (`nuoxin check --publish`)
wants one. With `--from URL` it reads another database, such as that of an older release.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.journal import canonical, sm3
from casework.audit.case_book import Row, books
from casework.common.database import engine_for
from casework.kernel.replaying import Replay, replay
from casework.models import Case, ProcessVersion
from casework.rules.versions import VersionCache
from rulebook.tree import ROOT
from state_machines.language.canonical import digest
from state_machines.processes import PROCESSES

FOLDER = ROOT / "tests" / "data" / "frozen"
_MOST = 8  # cases of a version
_TOGETHER = 100
# What a replay reads of what a row caused.
_CAUSED = ("amended", "registered")


@dataclass(frozen=True)
class Frozen:
    """A version with the logs of some of its cases, and where each of these led."""

    process: str
    digest: str
    declaration: Mapping[str, Any]
    logs: Sequence[Mapping[str, Any]]


def path_of(process: str, version: str) -> Path:
    """Where the logs of a version are kept."""
    return FOLDER / f"{process}-{version[:12]}.json.xz"


def kept() -> list[Path]:
    """The files that there are."""
    return sorted(FOLDER.glob("*.json.xz"))


def read(path: Path) -> Frozen:
    """What is in one of them."""
    return Frozen(**json.loads(lzma.decompress(path.read_bytes())))


def rows_of(log: Mapping[str, Any]) -> list[Row]:
    """The rows of a frozen log."""
    return [Row(one["seq"], one["header"], one["payload"], "", "", "", "") for one in log["rows"]]


def told(at: Replay) -> dict[str, Any]:
    """Where a replay led."""
    return {
        "state": at.state,
        "tracks": at.tracks,
        "version": at.version,
        "ended_at": at.ended_at.isoformat() if at.ended_at else None,
        "data": sm3(canonical(at.data)),
        "clocks": [
            [run.name, run.number, run.status, run.started_at.isoformat(), run.extended]
            for run in at.runs
        ],
    }


def freeze(session: Session) -> list[Path]:
    """Keep logs of each version that cases of a database run under, and of which none is kept;
    gives the new files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    versions, new = VersionCache(), []
    for version in session.scalars(select(ProcessVersion).order_by(ProcessVersion.digest)):
        path = path_of(version.process, version.digest)
        logs = [] if path.exists() else list(_logs(session, version, versions))
        if logs:
            frozen = {
                "process": version.process,
                "digest": version.digest,
                "declaration": version.declaration,
                "logs": logs,
            }
            path.write_bytes(lzma.compress(canonical(frozen).encode(), preset=9))
            new.append(path)
    return new


def _logs(
    session: Session, version: ProcessVersion, versions: VersionCache
) -> Iterator[dict[str, Any]]:
    """The cases that take most steps which none before them took."""
    process = versions.by_digest(session, version.digest)
    ids = session.scalars(
        select(Case.id).where(Case.version_digest == version.digest).order_by(Case.id)
    ).all()
    logs: list[tuple[set[tuple[str, str]], Sequence[Row]]] = []
    for at in range(0, len(ids), _TOGETHER):
        for book in books(session, ids[at : at + _TOGETHER]).values():
            taken = {(row.header["name"], row.header["target"]) for row in book.log}
            logs.append((taken, book.log))
    seen: set[tuple[str, str]] = set()
    for _ in range(min(_MOST, len(logs))):
        taken, log = max(logs, key=lambda one: len(one[0] - seen))
        if taken <= seen:
            return
        seen |= taken
        yield {"rows": [_row(row) for row in log], "led_to": told(replay(process, log))}


def _row(row: Row) -> dict[str, Any]:
    caused = row.payload.get("caused", {})
    said = {name: row.payload[name] for name in ("input", "undoes") if name in row.payload}
    said["caused"] = {name: caused[name] for name in _CAUSED if name in caused}
    return {"seq": row.seq, "header": row.header, "payload": said}


def missing() -> list[str]:
    """The versions of this release of which no log is kept."""
    return [
        f"{process.key} {digest(process)[:12]}"
        for process in PROCESSES.values()
        if not path_of(process.key, digest(process)).exists()
    ]


def main() -> None:
    """Freeze what is not yet."""
    parser = argparse.ArgumentParser(prog="python -m tests.frozen", description=__doc__)
    parser.add_argument("--from", dest="url", help="a database to read instead of a new town")
    given = parser.parse_args()
    if given.url:
        with Session(engine_for(given.url, role=None)) as session:
            new = freeze(session)
    else:
        new = _of_new_town()
    for path in new:
        print(f"frozen: {path.relative_to(ROOT)}")
    for version in missing():
        print(f"没有日志可以留存：{version}")


def _of_new_town() -> list[Path]:
    from tempfile import TemporaryDirectory

    from casework.operations.embedded import embedded_database
    from tests.support.passwords import hash_lightly
    from tests.support.standing import laid_out
    from tests.support.town import SETTLED, lay_out

    hash_lightly()
    with (
        TemporaryDirectory(prefix="nuoxin-") as folder,
        embedded_database(Path(folder) / "pg") as server,
        laid_out(server, lay_out(server, SETTLED)) as standing,
        standing.copied() as (town, _),
        town.session() as session,
    ):
        return freeze(session)


if __name__ == "__main__":
    main()
