"""Published versions of processes: stored by hash, loaded by the hash a case carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from threading import Lock

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.problems import Misconfigured
from casework.models import Case, ProcessVersion
from state_machines.door.transition import held_to_release
from state_machines.language.canonical import digest, from_json, lacking, to_json
from state_machines.language.vocabulary import Process, Step
from state_machines.processes import PROCESSES

_OF_SESSION = "versions_in_force"


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
    session.info.pop(_OF_SESSION, None)
    return new


def as_released(process: Process, step: Step) -> tuple[Process, Step]:
    """The process and the step as this release declares them, whatever version a case runs under;
    as they are, if the release knows no such step. What the door asks is asked by the release."""
    released = PROCESSES.get(process.key)
    if released is None:
        return process, step
    try:
        return released, released.step(step.name)
    except KeyError:
        return process, step


def _published_last(session: Session, process: Process) -> str | None:
    """The digest of the version published last for that first day; None if there is none."""
    return session.scalar(
        select(ProcessVersion.digest)
        .where(
            ProcessVersion.process == process.key,
            ProcessVersion.effective_from == process.effective_from,
        )
        .order_by(ProcessVersion.published_at.desc(), ProcessVersion.digest)
        .limit(1)
    )


_DECLARATION = select(cast(ProcessVersion.declaration, Text)).where(
    ProcessVersion.digest == bindparam("digest")
)


class VersionCache:
    """Loads stored versions once; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: dict[str, Process] = {}

    def by_digest(self, session: Session, wanted: str) -> Process:
        """The process of a stored version. What it needs and this release lacks refuses the steps
        it is of, and hinders nothing else. Raises Misconfigured if the version is not there, or
        damaged."""
        with self._lock:
            if wanted not in self._loaded:
                kept = session.scalar(_DECLARATION, {"digest": wanted})
                if kept is None:
                    raise Misconfigured(f"没有版本为 {wanted[:12]} 的程序声明")
                try:
                    self._loaded[wanted] = _read(kept)
                except (LookupError, TypeError, ValueError, AttributeError) as error:
                    raise Misconfigured(
                        f"版本为 {wanted[:12]} 的程序声明已损坏，请系统管理员核验（verify）"
                    ) from error
            return self._loaded[wanted]

    def in_force(self, session: Session, key: str, on: date) -> tuple[Process, str]:
        """The version of a process in force on a day, the one published last, and its hash.

        Raises Misconfigured if the process is unknown or not yet in force.
        """
        of_session: dict[date, dict[str, str]] = session.info.setdefault(_OF_SESSION, {})
        if on not in of_session:
            rows = session.execute(_IN_FORCE, {"on": on})
            of_session[on] = {row.process: row.digest for row in rows}
        wanted = of_session[on].get(key)
        if wanted is None:
            raise Misconfigured(f"{on:%Y-%m-%d}没有已生效的程序“{key}”")
        return self.by_digest(session, wanted), wanted

    def known(self, session: Session, on: date) -> list[Process]:
        """Every process in force on a day, by key."""
        versions = session.execute(_IN_FORCE, {"on": on}).all()
        processes = [self.by_digest(session, row.digest) for row in versions]
        return sorted(processes, key=lambda process: process.key)


# The version of each process in force on a day: the one published last.
_IN_FORCE = (
    select(ProcessVersion.process, ProcessVersion.digest)
    .where(ProcessVersion.effective_from <= bindparam("on"))
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
    return held_to_release(from_json(json.loads(declaration), with_stand_ins=True))


@dataclass(frozen=True)
class Lacking:
    """Guards and effects that a stored version needs and this release does not have, and how many
    cases that have not ended run under it."""

    process: str
    version: str
    rules: tuple[str, ...]
    open_cases: int

    def __str__(self) -> str:
        return (
            f"程序 {self.process}（版本 {self.version[:12]}）需要的规则 {'、'.join(self.rules)}"
            f" 本系统没有：{self.open_cases} 个未办结的案件有步骤不能办理"
        )


def lacking_rules(session: Session) -> list[Lacking]:
    """What stored versions need and this release lacks. A declaration that cannot be read is for
    the proof to tell."""
    texts = select(
        ProcessVersion.digest, ProcessVersion.process, cast(ProcessVersion.declaration, Text)
    )
    found = []
    for key, process, declaration in session.execute(
        texts.order_by(ProcessVersion.process, ProcessVersion.digest)
    ).all():
        with suppress(LookupError, TypeError, ValueError, AttributeError, RecursionError):
            if rules := lacking(_read(declaration)):
                counted = select(func.count()).where(
                    Case.version_digest == key, Case.ended_at.is_(None)
                )
                found.append(Lacking(process, key, rules, session.scalar(counted) or 0))
    return found
