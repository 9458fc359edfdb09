"""Published versions of processes: stored by hash, loaded by the hash a case carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from threading import Lock

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.models import ProcessVersion
from casework.problems import Misconfigured
from state_machines.canonical import digest, from_json, to_json
from state_machines.transition import held_to_release
from state_machines.vocabulary import Process


def publish(session: Session, processes: Mapping[str, Process], now: datetime) -> list[str]:
    """Store each declaration under its hash. Gives the hashes that were new.

    For a known hash only the labels are brought up to date, since they are not part of it; but a
    release that goes back to one counts as publishing it again.
    """
    new = []
    for process in processes.values():
        row = {
            "digest": digest(process),
            "process": process.key,
            "effective_from": process.effective_from,
            "published_at": now,
            "declaration": to_json(process),
        }
        if session.get(ProcessVersion, row["digest"]) is None:
            new.append(str(row["digest"]))
        changed = {"declaration": row["declaration"]}
        if row["digest"] != _published_last(session, process):
            changed["published_at"] = now
        statement = insert(ProcessVersion).values(row)
        session.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=changed))
    return new


def _published_last(session: Session, process: Process) -> str | None:
    return session.scalar(
        select(ProcessVersion.digest)
        .where(
            ProcessVersion.process == process.key,
            ProcessVersion.effective_from == process.effective_from,
        )
        .order_by(ProcessVersion.published_at.desc(), ProcessVersion.digest)
        .limit(1)
    )


class VersionShelf:
    """Loads stored versions once; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: dict[str, Process] = {}

    def by_digest(self, session: Session, wanted: str) -> Process:
        """The process of a stored version. Raises Misconfigured if there is none."""
        with self._lock:
            if wanted not in self._loaded:
                row = session.get(ProcessVersion, wanted)
                if row is None:
                    raise Misconfigured(f"没有版本为 {wanted[:12]} 的程序声明")
                self._loaded[wanted] = _read(json.dumps(row.declaration))
            return self._loaded[wanted]

    def in_force(self, session: Session, key: str, on: date) -> tuple[Process, str]:
        """The version of a process in force on a day, the one published last, and its hash.

        Raises Misconfigured if the process is unknown or not yet in force.
        """
        wanted = session.scalar(_in_force(on).where(ProcessVersion.process == key))
        if wanted is None:
            raise Misconfigured(f"{on:%Y-%m-%d}没有已生效的程序“{key}”")
        return self.by_digest(session, wanted), wanted

    def known(self, session: Session, on: date) -> list[Process]:
        """Every process in force on a day, by key."""
        versions = session.scalars(_in_force(on)).all()
        found = [self.by_digest(session, digest) for digest in versions]
        return sorted(found, key=lambda process: process.key)


def _in_force(on: date) -> Select[tuple[str]]:
    """The version of each process in force on a day: the one published last."""
    return (
        select(ProcessVersion.digest)
        .where(ProcessVersion.effective_from <= on)
        .distinct(ProcessVersion.process)
        .order_by(
            ProcessVersion.process,
            ProcessVersion.effective_from.desc(),
            ProcessVersion.published_at.desc(),
            ProcessVersion.digest,
        )
    )


@cache
def _read(declaration: str) -> Process:
    """The process of a declaration, held to what this release lays down for every version; its
    forms and machines are built once, whoever reads it."""
    return held_to_release(from_json(json.loads(declaration)))
