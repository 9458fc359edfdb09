"""What administrators read: posts, certificates that run out, delegations, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import CAPACITIES, Actor
from casework.acts.backfilling import KINDS as KINDS_OF_BACKFILL
from casework.common.timekeeping import legal_date, start_of
from casework.kernel.office import Office
from casework.models import Account, AdminEntry, Delegation, Person, Post
from casework.people.administration.admin_log import KINDS
from casework.people.administration.delegations import delegable
from casework.people.administration.staffing import Desk, desk_of
from state_machines.language.vocabulary import Role

MOST_ENTRIES = 100
NOW, TO_COME, OVER = "now", "to_come", "over"


@dataclass(frozen=True)
class PostView:
    """A post, for a time. `state` is `now`, `to_come` or `over`; `days_left` is how many days the
    certificate still holds, below 0 once it has expired, and `warned` says that this is few; `own`
    is the reader's, which others keep up."""

    id: int
    account: str
    name: str
    role: str
    role_label: str
    valid_from: date
    valid_to: date | None
    state: str
    certificate: str | None
    certificate_expires: date | None
    days_left: int | None
    warned: bool
    urgent: bool
    law_qualification: str | None
    own: bool


@dataclass(frozen=True)
class DelegationView:
    """A written delegation; `scope` is `process.step` each, `scope_labels` how people call them;
    `own` is the reader's, which others keep up; `scanned` says that its paper is on file."""

    id: int
    account: str
    name: str
    granted_by: str
    number: str
    signed_on: date
    scope: tuple[str, ...]
    scope_labels: tuple[str, ...]
    valid_from: date
    valid_to: date
    state: str
    own: bool
    unconfirmed: bool
    scanned: bool


@dataclass(frozen=True)
class EntryView:
    """One row of the log of administration; `lines` tell how what it is about stands since."""

    seq: int
    at: str
    on: date
    by: str
    kind: str
    kind_label: str
    from_day: date
    ground: str
    lines: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class AuthorityView:
    """An authority that the reader administers."""

    code: str
    name: str


@dataclass(frozen=True)
class StaffView:
    """Posts and delegations of an authority, those in force first; certificates that hold for fewer
    days than `warn_days` are warned of, those for fewer than `urgent_days` as urgent. `authorities`
    are all that the reader administers."""

    authority: str
    authority_name: str
    authorities: tuple[AuthorityView, ...]
    warn_days: int
    urgent_days: int
    posts: tuple[PostView, ...]
    delegations: tuple[DelegationView, ...]

    @property
    def warned(self) -> tuple[PostView, ...]:
        """One post of each person whose certificate expires soon or has expired, soonest first."""
        found = {
            (post.account, post.certificate): post
            for post in self.posts
            if post.warned and post.state == NOW
        }
        return tuple(sorted(found.values(), key=lambda post: post.days_left or 0))


def staff(
    office: Office, session: Session, actor: Actor, authority: str | None = None
) -> StaffView:
    """Posts and delegations of the authority. Raises NotAllowed for anybody but its
    administrator."""
    desk = desk_of(office, session, actor, authority)
    rules = office.rules.current(session)
    key = "officers.certificate_warning_days"
    soon, urgent = rules.value(key, desk.today, desk.authority.region)
    accounts = _accounts(desk)
    posts = session.execute(
        select(Post, Person.name)
        .join(Person, Post.person_id == Person.id)
        .where(Post.authority_id == desk.authority.id)
        .order_by(Person.name, Post.person_id, Post.role, Post.valid_from)
    )
    delegations = session.execute(
        select(Delegation, Person.name)
        .join(Person, Delegation.person_id == Person.id)
        .where(Delegation.authority_id == desk.authority.id)
        .order_by(Delegation.valid_from, Delegation.id)
    ).all()
    names = _names(session, {row.granted_by for row, _ in delegations})
    views = [_post_view(desk, row, name, accounts, soon, urgent) for row, name in posts]
    said = [_delegation_view(desk, row, name, accounts, names) for row, name in delegations]
    order = (NOW, TO_COME, OVER).index
    return StaffView(
        authority=desk.authority.code,
        authority_name=desk.authority.name,
        authorities=tuple(
            AuthorityView(authority.code, authority.name) for authority in desk.administers
        ),
        warn_days=int(soon),
        urgent_days=int(urgent),
        posts=tuple(sorted(views, key=lambda view: order(view.state))),
        delegations=tuple(sorted(said, key=lambda delegation: order(delegation.state))),
    )


def entries(
    office: Office,
    session: Session,
    actor: Actor,
    authority: str | None = None,
    before: int | None = None,
) -> tuple[EntryView, ...]:
    """The log of administration, the latest first, at most so many; those `before` a number.
    Raises NotAllowed for anybody but an administrator of the authority."""
    desk = desk_of(office, session, actor, authority)
    wanted = select(AdminEntry).where(AdminEntry.authority_id == desk.authority.id)
    if before is not None:
        wanted = wanted.where(AdminEntry.seq < before)
    rows = session.scalars(wanted.order_by(AdminEntry.seq.desc()).limit(MOST_ENTRIES)).all()
    people = {row.said["by"] for row in rows} | {
        one[name]
        for row in rows
        for one in row.said["rows"]
        for name in ("person_id", "granted_by")
        if name in one
    }
    names = _names(session, people - {None})
    return tuple(
        EntryView(
            seq=row.seq,
            at=row.said["at"],
            on=legal_date(_instant(row.said["at"])),
            by=names.get(row.said["by"], "信息部门（机构和人员文件）"),
            kind=row.said["kind"],
            kind_label=KINDS[row.said["kind"]],
            from_day=date.fromisoformat(row.said["from"]),
            ground=row.said["ground"],
            lines=tuple(_line(one, names) for one in row.said["rows"]),
            hash=row.hash,
        )
        for row in rows
    )


def _instant(said: str) -> datetime:
    """When an entry was made; the beginning of its day if only that is known."""
    return datetime.fromisoformat(said) if "T" in said else start_of(date.fromisoformat(said))


def _post_view(
    desk: Desk, row: Post, name: str, accounts: Mapping[int, str], soon: int, urgent: int
) -> PostView:
    expires = row.certificate_expires
    left = (expires - desk.today).days if expires else None
    return PostView(
        id=row.id,
        account=accounts.get(row.person_id, ""),
        name=name,
        role=row.role,
        role_label=Role(row.role).label,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=_state(row, desk.today),
        certificate=row.certificate_number,
        certificate_expires=expires,
        days_left=left,
        warned=left is not None and left < soon,
        urgent=left is not None and left < urgent,
        law_qualification=row.law_qualification,
        own=row.person_id == desk.actor.person_id,
    )


def _delegation_view(
    desk: Desk, row: Delegation, name: str, accounts: Mapping[int, str], names: Mapping[int, str]
) -> DelegationView:
    known = delegable()
    return DelegationView(
        id=row.id,
        account=accounts.get(row.person_id, ""),
        name=name,
        granted_by=names[row.granted_by],
        number=row.number,
        signed_on=row.signed_on,
        scope=tuple(row.scope),
        scope_labels=tuple(known.get(one, one) for one in row.scope),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=_state(row, desk.today),
        own=row.person_id == desk.actor.person_id,
        unconfirmed=row.unconfirmed,
        scanned=row.digest is not None,
    )


def _state(row: Post | Delegation, today: date) -> str:
    if row.valid_to is not None and row.valid_to < max(today, row.valid_from):
        return OVER
    return NOW if row.valid_from <= today else TO_COME


def _accounts(desk: Desk) -> dict[int, str]:
    """The account of each person who ever had a post at the authority, as whoever has a delegation
    had; the first if there are two."""
    of_office = select(Post.person_id).where(Post.authority_id == desk.authority.id)
    rows = desk.session.execute(
        select(Account.person_id, Account.username)
        .where(Account.person_id.in_(of_office))
        .order_by(Account.id.desc())
    )
    return dict(rows.tuples().all())


def _names(session: Session, people: set[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return dict(rows.tuples().all())


def _line(told: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """How a row stands since an entry, in a line."""
    if told["table"] == "outlet":
        over = "，已停用" if told["closed_at"] else ""
        return f"{told['label']}（{told['address'] or told['secret_name']}）{over}"
    if told["table"] == "desk_address":
        over = "，已停用" if told["closed_at"] else ""
        return f"{Role(told['role']).label}：{told['address']}{over}"
    if told["table"] == "data_import":
        return f"第{told['id']}号导入：{told['filename']}，共{told['total']}行"
    if told["table"] == "authority":
        return f"{told['name']}（{told['code']}）"
    if told["table"] == "account":
        over = "" if told["active"] else "，已停用"
        return f"账号 {told['username']}：{names.get(told['person_id'], '')}{over}"
    if told["table"] == "person":
        return str(told["name"])
    if told["table"] == "backfill":
        kind, span = KINDS_OF_BACKFILL[told["kind"]], f"{told['first_day']}至{told['last_day']}"
        return f"第{told['id']}号专项补录（{kind}）：{span}，{told['enter_by']}前录入完毕"
    who = names.get(told["person_id"], "")
    if told["valid_to"] is not None and told["valid_to"] < told["valid_from"]:
        days = "没有生效"
    else:
        days = f"{told['valid_from']}起" + (f"至{told['valid_to']}" if told["valid_to"] else "")
    if told["table"] == "mandate":
        return f"{who}：{CAPACITIES[told['capacity']]}，{days}"
    if told["table"] == "delegation":
        known = delegable()
        what = "、".join(known.get(one, one) for one in told["scope"])
        leader = names.get(told["granted_by"], "")
        return f"{who}：{what}，{days}（{told['number']}，{leader}于{told['signed_on']}签署）"
    more = []
    if told["certificate_number"]:
        more.append(f"执法证 {told['certificate_number']}，有效期至{told['certificate_expires']}")
    if told["law_qualification"]:
        more.append(f"法律职业资格 {told['law_qualification']}")
    return "，".join([f"{who}：{Role(told['role']).label}，{days}", *more])
