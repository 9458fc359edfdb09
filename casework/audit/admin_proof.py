"""Proving the log of administration (管理记录核验): that no row of it was changed, put between or
taken away from before another, and that the posts and delegations it tells of stand as it says.
Nothing holds its newest rows: that they are missing is told only by what stands otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from casework.acts.journal import FIRST
from casework.audit.faults import Fault
from casework.audit.salvage import by_id, salvaged
from casework.common.texts import reason
from casework.models import AdminEntry, Authority, Backfill, DailyRoot, Delegation, Mandate
from casework.people.administration.admin_log import TOLD, as_told, hash_of

_LABELS = {
    "post": "任职登记",
    "delegation": "授权登记",
    "backfill": "专项补录",
    "outlet": "发送渠道",
    "desk_address": "岗位接收地址",
    "data_import": "外部数据导入",
    "authority": "机关登记",
    "account": "账号登记",
    "person": "人员登记",
    "mandate": "授权登记",
}
_NEVER = 1 << 63


def faults_of_administration(session: Session) -> list[Fault]:
    """What is wrong with the log of administration, and with the rows it tells of. None if all is
    well. Rows of which it never told, and that are older than it, are not judged."""
    faults: list[Fault] = []
    heads: dict[int, AdminEntry] = {}
    standing: dict[tuple[str, int], dict[str, Any]] = {}
    names = dict(session.execute(select(Authority.id, Authority.short)).tuples().all())
    for key, entry in salvaged(session, AdminEntry.id, by_id(session, AdminEntry)):
        try:
            if isinstance(entry, Exception):
                raise entry
            name = f"{names.get(entry.authority_id, '')}管理记录"
            faults += _faults(entry, heads.get(entry.authority_id), name)
            heads[entry.authority_id] = entry
            for row in entry.said["rows"]:
                standing[row["table"], row["id"]] = row
        except Exception as error:  # whatever a forger put there
            faults.append(Fault("管理记录", key, f"不能读取（{reason(error)}）"))
    return [*faults, *_changed(session, standing)]


def _scan(row: Backfill | Delegation) -> str | None:
    """The digest of the scan that is kept with a row."""
    return None if row.content is None else sha256(row.content).hexdigest()


def _faults(entry: AdminEntry, last: AdminEntry | None, name: str) -> Iterator[Fault]:
    expected, seq = (last.hash, last.seq + 1) if last else (FIRST, 1)
    if (entry.previous, entry.seq) != (expected, seq) or entry.hash != hash_of(entry):
        yield Fault(name, entry.seq, "被改动，或者前面有记录缺失")


def _told_since(session: Session) -> dict[str, int]:
    """By table the row since which the log tells of each that came: of what is younger than the log
    all, of posts and delegations those that came since they were sealed first."""
    since = dict.fromkeys(("backfill", "outlet", "desk_address"), 0)
    # As text: whatever a forger put there is for the proof of the roots to tell.
    sealed = session.scalars(select(cast(DailyRoot.parts, Text)).order_by(DailyRoot.id)).all()
    for table in ("post", "delegation"):
        for parts in sealed:
            with suppress(TypeError, ValueError, LookupError, RecursionError):
                since[table] = int(json.loads(parts or "{}")[table]["upto"])
                break
    return since


def _changed(
    session: Session, standing: Mapping[tuple[str, int], dict[str, Any]]
) -> Iterator[Fault]:
    """Rows that do not stand as the log told last."""
    seen, since = set(), _told_since(session)
    for table, (model, _) in TOLD.items():
        label = _LABELS[table]
        for key, row in salvaged(session, model.id, by_id(session, model)):
            if isinstance(row, Exception):
                yield Fault(label, key, f"不能读取（{reason(row)}）")
                continue
            seen.add((table, key))
            told = standing.get((table, key))
            now = as_told(row)
            # Of a mandate that was ended the history of its party tells.
            ended = isinstance(row, Mandate) and row.ended_because is not None
            # What an earlier release told of a row, it stands by.
            if told and not ended and {name: now.get(name) for name in told} != told:
                yield Fault(label, key, "与管理记录最后的记载不一致，被改动")
            if told is None and key > since.get(table, _NEVER):
                yield Fault(label, key, "管理记录中没有")
            if isinstance(row, Backfill | Delegation) and _scan(row) != row.digest:
                yield Fault(label, key, "扫描件与登记的校验值不一致，被改动")
    for table, key in standing:
        if (table, key) not in seen:
            yield Fault(_LABELS.get(table, "管理记录"), key, "管理记录中有，登记中没有")
