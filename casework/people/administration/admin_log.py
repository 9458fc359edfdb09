"""The log of administration (管理记录): who changed posts, certificates and delegations, who let
papers be entered afterwards (专项补录) and set numbers aside for them, who said by which ways
notices leave (发送渠道), who imported what of others (外部数据), and why; and what the file of
offices says of authorities and their staff.

Its rows can only be added, and are chained per authority with SM3 as the log of a case is. Each
tells how the rows stand that it changed, so that whoever changes one of those otherwise is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.acts.journal import FIRST, canonical, sm3
from casework.models import (
    Account,
    AdminEntry,
    Authority,
    Backfill,
    DataImport,
    Delegation,
    DeskAddress,
    Mandate,
    Outlet,
    Person,
    Post,
)

# The leader's own word for what he delegated.
CONFIRMED = "delegation_confirmed"
# Kinds of entry, as pages call them.
KINDS = {
    "post_added": "任职",
    "post_ended": "免去、终止任职",
    "certificate_changed": "执法证件变更",
    "delegation_added": "首席代表授权",
    CONFIRMED: "授权人确认首席代表授权",
    "delegation_ended": "终止首席代表授权",
    "settled": "按机构和人员文件登记",
    "numbers_reserved": "预留文号",
    "backfill_opened": "开立专项补录",
    "backfill_confirmed": "确认专项补录",
    "backfill_case": "旧案补录立案",
    "backfill_closed": "结束专项补录",
    "duty_paused": "暂停自动值守",
    "duty_resumed": "恢复自动值守",
    "outlet_opened": "开通发送渠道",
    "outlet_tried": "发送测试消息",
    "outlet_shared": "指定全库发送渠道",
    "outlet_closed": "停用发送渠道",
    "desk_address_opened": "登记岗位接收地址",
    "desk_address_closed": "停用岗位接收地址",
    "messages_sent_again": "重发消息",
    "pushed_again": "重新推送公示信息",
    "data_imported": "导入外部数据",
    "account_bound": "账号绑定核验的身份",
}
Told = (
    Post
    | Delegation
    | Backfill
    | Outlet
    | DeskAddress
    | DataImport
    | Authority
    | Account
    | Person
    | Mandate
)
# What an entry tells of a row, by the table it is of. Which one it is, its id tells.
TOLD: dict[str, tuple[type[Told], tuple[str, ...]]] = {
    "post": (
        Post,
        (
            "person_id", "authority_id", "role", "valid_from", "valid_to", "certificate_number",
            "certificate_expires", "law_qualification",
        ),
    ),
    "delegation": (
        Delegation,
        (
            "person_id", "authority_id", "granted_by", "number", "signed_on", "scope",
            "valid_from", "valid_to", "unconfirmed", "filename", "media_type", "digest",
        ),
    ),
    "backfill": (
        Backfill,
        (
            "authority_id", "kind", "first_day", "last_day", "enter_by", "reason", "filename",
            "media_type", "digest", "case_id", "opened_by", "opened_at", "confirmed_by",
            "confirmed_at", "closed_by", "closed_at",
        ),
    ),
    "outlet": (
        Outlet,
        (
            "authority_id", "medium", "label", "address", "security", "sender", "username",
            "secret_name", "report_name", "per_minute", "shared", "opened_at", "closed_at",
        ),
    ),
    "desk_address": (
        DeskAddress,
        ("authority_id", "role", "medium", "address", "opened_at", "closed_at"),
    ),
    # Of one that is over: what it was of, and what came of its rows.
    "data_import": (
        DataImport,
        (
            "authority_id", "kind", "source", "filename", "digest", "dry", "person_id",
            "account_id", "entered_at", "total", "new", "changed", "unchanged", "refused",
            "ended_at",
        ),
    ),
    "authority": (
        Authority,
        (
            "code", "name", "short", "region", "matters", "address", "phone",
            "reconsideration_body", "reconsideration_online", "court",
        ),
    ),
    # Of whoever holds a post, and of whom a clerk has identified. What an account is entered with
    # is its holder's own.
    "account": (Account, ("person_id", "username", "active", "bound_by", "bound_at")),
    "person": (Person, ("name", "id_kind", "id_code")),
    # Of the file; of what a clerk registered, and of what ended early, the party's history tells.
    "mandate": (
        Mandate,
        ("party_id", "person_id", "capacity", "scope", "valid_from", "valid_to"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change of posts or delegations. `by` is nobody for what a file of the IT office says; `at`
    is the instant, or the day, of entry."""

    kind: str
    by: Actor | None
    at: str
    ground: str
    from_day: date


def log_change(
    session: Session, authority_id: int, change: Change, rows: Iterable[Told]
) -> AdminEntry:
    """Append a change to the log of an authority; two at once wait for each other."""
    session.flush()
    session.get_one(Authority, authority_id, with_for_update={"key_share": True})
    last = session.scalars(
        select(AdminEntry)
        .where(AdminEntry.authority_id == authority_id)
        .order_by(AdminEntry.seq.desc())
        .limit(1)
    ).one_or_none()
    entry = AdminEntry(
        authority_id=authority_id,
        seq=last.seq + 1 if last else 1,
        said={
            "kind": change.kind,
            "by": change.by.person_id if change.by else None,
            "account": change.by.account_id if change.by else None,
            "at": change.at,
            "ground": change.ground,
            "from": change.from_day.isoformat(),
            "rows": [as_told(row) for row in rows],
        },
        previous=last.hash if last else FIRST,
    )
    entry.hash = hash_of(entry)
    session.add(entry)
    session.flush()
    return entry


def last_told(session: Session) -> dict[tuple[str, int], dict[str, Any]]:
    """How each row stood when an entry told of it last, by table and id."""
    entries = session.scalars(select(AdminEntry.said).order_by(AdminEntry.id))
    return {(row["table"], row["id"]): row for said in entries for row in said["rows"]}


def hash_of(entry: AdminEntry) -> str:
    """The hash that chains an entry with the one before it."""
    fixed = {"authority": entry.authority_id, "seq": entry.seq, "said": entry.said}
    return sm3(canonical({**fixed, "previous": entry.previous}))


def as_told(row: Told) -> dict[str, Any]:
    """A row as an entry tells how it stands."""
    table = row.__tablename__
    _, columns = TOLD[table]
    return {
        "table": table,
        "id": row.id,
        **{name: _plain(getattr(row, name)) for name in columns},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
