"""Settling in (机构和人员落户): what an offices file says, put into the database.

The same file can be settled again after every change of it: what is known is brought up to date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acts.actors import ever_in_force
from casework.common.inputs import near
from casework.common.problems import BadInput, Misconfigured
from casework.common.texts import same_name
from casework.common.timekeeping import start_of
from casework.models import (
    Account,
    AdminEntry,
    Authority,
    Base,
    Delegation,
    Mandate,
    Party,
    Person,
    Post,
)
from casework.people.accounts import create_account
from casework.people.administration.admin_log import (
    CONFIRMED,
    Change,
    Told,
    as_told,
    last_told,
    log_change,
)
from casework.people.administration.delegations import ask_head, delegable, holds, registered
from casework.people.enforcement_certificates import held_by_another
from casework.people.offices import (
    AuthorityEntry,
    DelegationEntry,
    Offices,
    PartyEntry,
    PersonEntry,
    PostEntry,
)
from casework.rules.rule_cache import RuleCache, Rules
from state_machines.language.vocabulary import Role

_LOCK = 7_305_120  # any number that no other advisory lock uses
_NO_PASSWORD = "-"  # noqa: S105 -- the hash of nothing

_OF_PARTY = {
    "code_kind": "代码种类",
    "name": "名称",
    "representative": "法定代表人（负责人）",
    "address": "住所",
    "phone": "电话",
}

R = TypeVar("R", bound=Base)
L = TypeVar("L", Post, Delegation)


@dataclass(frozen=True)
class Settled:
    """`new_accounts` cannot log in until they are given a password; `unlisted` tells the posts at
    the file's authorities that go on although the file does not name them; `unused` what the file
    says of a party that is registered otherwise."""

    new_accounts: tuple[Account, ...]
    unlisted: tuple[str, ...]
    unused: tuple[str, ...] = ()


def settle(session: Session, offices: Offices, today: date) -> Settled:
    """Put what the file says into a migrated database, in the session's transaction.

    Nothing is ever taken away: a post ends when the file says so, and a party that is registered
    stays as it is. Two runs at once wait for each other. Raises BadInput.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    _in_these_times(offices, today)
    _known_to_the_rulebook(RuleCache().current(session), offices.authority, today)
    for authority in offices.authority:
        _put(session, Authority, authority.model_dump(include={"code"}), _told(authority))
    _one_competent_each(session)
    unused = _register(session, offices.party)

    authorities = {one.code: one.id for one in session.scalars(select(Authority))}
    parties = _parties(
        session, (mandate.party for entry in offices.person for mandate in entry.mandates)
    )
    kept = _kept_by_administrators(session)
    new_accounts, posts = [], set[int]()
    for entry in offices.person:
        account, new = _account(session, entry)
        if new:
            new_accounts.append(account)
        posts |= {
            _post(session, account.person_id, post, authorities, entry.account, kept, today)
            for post in entry.posts
        }
        _mandates(session, account.person_id, parties, entry)
        if entry.posts:
            _no_overlap(session, account.person_id, entry.account)
    for delegation in offices.delegation:
        _delegation(session, delegation, authorities, kept, today)
    _log_who_is_who(session, offices, authorities, today)
    return Settled(tuple(new_accounts), _unlisted(session, offices, posts, today), unused)


def _in_these_times(offices: Offices, today: date) -> None:
    held: list[tuple[str, Any]] = []
    for person in offices.person:
        what = f"账号“{person.account}”"
        held += [(what, entry) for entry in (*person.posts, *person.mandates)]
    held += [(f"授权“{entry.number}”", entry) for entry in offices.delegation]
    for what, entry in held:
        for name, day in entry:
            if isinstance(day, date):
                near(name, f"{what}的 {entry.called(name)}", day, today)


def _known_to_the_rulebook(rules: Rules, entries: Iterable[AuthorityEntry], today: date) -> None:
    for entry in entries:
        try:
            rules.region(entry.region)
            for matter in entry.matters:
                rules.matter(matter, today, entry.region)
        except Misconfigured as error:
            known = f"规则库中的事项：{'、'.join(rules.keys('matter'))}"
            raise BadInput(f"机关“{entry.code}”：{error.detail}。{known}") from None


def _told(entry: AuthorityEntry) -> dict[str, Any]:
    """What the entry says of its authority, by column."""
    return entry.model_dump(exclude={"code"}) | {"matters": list(entry.matters)}


def _log_who_is_who(
    session: Session, offices: Offices, authorities: Mapping[str, int], today: date
) -> None:
    """Tell in the log of each authority how it stands itself, its posts and delegations, and the
    persons and accounts that the file has a post there for, with their mandates, where that was not
    told yet; of those that it has none for, in that of the first authority."""
    session.flush()
    known = last_told(session)
    of: dict[int, list[Told]] = {}
    for one in offices.authority:
        key = authorities[one.code]
        posts = session.scalars(select(Post).where(Post.authority_id == key))
        given = session.scalars(select(Delegation).where(Delegation.authority_id == key))
        of[key] = [session.get_one(Authority, key), *posts, *given]
    first = next(iter(of), None)
    for entry in offices.person:
        account = _account_named(session, entry.account, "任职")
        there = next((authorities[post.authority] for post in entry.posts), first)
        if there is not None and (entry.posts or ("account", account.id) in known):
            of.setdefault(there, []).extend((account, session.get_one(Person, account.person_id)))
    for key, rows in of.items():
        if new := [row for row in rows if as_told(row) != known.get((row.__tablename__, row.id))]:
            log_change(session, key, _settled(today), new)


def _settled(today: date) -> Change:
    return Change("settled", None, today.isoformat(), "机构和人员文件", today)


def _one_competent_each(session: Session) -> None:
    competent = Counter(
        (authority.region, matter)
        for authority in session.scalars(select(Authority))
        for matter in authority.matters
    )
    for (region, matter), times in competent.items():
        if times > 1:
            raise BadInput(f"行政区划“{region}”的“{matter}”有 {times} 个受理机关，只能有一个")


def _register(session: Session, entries: Iterable[PartyEntry]) -> tuple[str, ...]:
    """Register the parties that are not yet; gives a line for each that is registered otherwise."""
    said = {entry.code: entry for entry in entries}
    unused = []
    for party in session.scalars(select(Party).where(Party.code.in_(said)).order_by(Party.id)):
        entry = said.pop(party.code)
        others = [
            label
            for name, label in _OF_PARTY.items()
            if getattr(entry, name) != getattr(party, name)
        ]
        if others:
            unused.append(f"{party.name}（{party.code}）：{'、'.join(others)}")
    session.add_all(Party(**entry.model_dump()) for entry in said.values())
    session.flush()
    return tuple(unused)


def _account(session: Session, entry: PersonEntry) -> tuple[Account, bool]:
    """The account of an entry, and whether it is new. Raises BadInput if it is somebody else's."""
    account = session.scalar(select(Account).where(Account.username == entry.account))
    if account is None:
        person = Person(name=entry.name)
        session.add(person)
        session.flush()
        account = create_account(session, person, entry.account, _NO_PASSWORD)
        account.active = entry.active
        return account, True
    if account.registered_at is not None:
        raise BadInput(
            f"账号“{entry.account}”是有人自行注册的，不能由文件授予职责或者授权：请另取账号名"
        )
    person = session.get_one(Person, account.person_id)
    if not any(same_name(person.name, name or "") for name in (entry.name, entry.former_name)):
        raise BadInput(
            f"账号“{entry.account}”属于“{person.name}”，不能转给“{entry.name}”：请另设账号；"
            f"本人改名的，写明 former_name"
        )
    if person.id_code is None:  # else its name is that of the document which a clerk has seen
        person.name = entry.name
    account.active = entry.active
    return account, False


def _post(
    session: Session,
    person_id: int,
    post: PostEntry,
    authorities: Mapping[str, int],
    account: str,
    kept: Set[tuple[str, int]],
    today: date,
) -> int:
    """The id of the post of an entry, new or brought up to date. Raises BadInput."""
    if post.authority not in authorities:
        raise BadInput(f"账号“{account}”的任职：没有机关“{post.authority}”")
    known_by = {
        "person_id": person_id,
        "authority_id": authorities[post.authority],
        "role": post.role,
        "valid_from": post.since,
    }
    told = {
        "valid_to": post.until,
        "certificate_number": post.certificate,
        "certificate_expires": post.certificate_expires,
        "law_qualification": post.law_qualification,
    }
    what = f"账号“{account}”自 {post.since} 起的“{Role(post.role).label}”任职"
    there = authorities[post.authority]
    if other := held_by_another(session, post.certificate, person_id, there, post.since):
        raise BadInput(f"{what}：执法证号{post.certificate}已登记在“{other}”名下，请核对证件")
    return _put_logged(session, Post, known_by, told, kept, what, today).id


def _delegation(
    session: Session,
    entry: DelegationEntry,
    authorities: Mapping[str, int],
    kept: Set[tuple[str, int]],
    today: date,
) -> None:
    what = f"授权“{entry.number}”"
    if entry.authority not in authorities:
        raise BadInput(f"{what}：没有机关“{entry.authority}”")
    clerk, leader = (_account_named(session, name, what) for name in (entry.account, entry.by))
    if unknown := [one for one in entry.scope if one not in delegable()]:
        raise BadInput(f"{what}：没有事项“{unknown[0]}”，可选：{'、'.join(delegable())}")
    known_by = {
        "authority_id": authorities[entry.authority],
        "person_id": clerk.person_id,
        "number": entry.number,
        "valid_from": entry.since,
    }
    told = {
        "granted_by": leader.person_id,
        "signed_on": entry.signed_on,
        "scope": sorted(set(entry.scope)),
        "valid_to": entry.until,
    }
    fixed = {name: told[name] for name in ("granted_by", "signed_on", "scope")}
    newest = select(Delegation).order_by(Delegation.id.desc())
    if row := session.scalars(newest.filter_by(**known_by, **fixed)).first():
        if entry.until > row.valid_to and ("delegation", row.id) not in kept:
            raise BadInput(f"{what}已经登记，截止日期只能提前；延长授权的，另立文号")
    elif session.scalars(newest.filter_by(**known_by)).first():
        raise BadInput(f"{what}已经登记，只能提前截止日期；授权变动的，另立文号")
    else:
        _judge_delegation(session, entry, clerk, leader, authorities[entry.authority])
        # It is the head's, who says so: a file delegates nothing (许可法24).
        told["unconfirmed"] = True
    put = _put_logged(session, Delegation, {**known_by, **fixed}, told, kept, what, today)
    if "unconfirmed" in told:
        ask_head(session, put, "信息部门", start_of(today))


def _account_named(session: Session, name: str, what: str) -> Account:
    """The account of that name. Raises BadInput."""
    account = session.scalar(select(Account).where(Account.username == name))
    if account is None:
        raise BadInput(f"{what}：没有账号“{name}”")
    return account


def _judge_delegation(
    session: Session, entry: DelegationEntry, clerk: Account, leader: Account, authority: int
) -> None:
    """Raise BadInput for what the page would refuse as well, but that a file may register what has
    begun already."""
    what = f"授权“{entry.number}”"
    for account in (clerk, leader):
        if not account.active:
            raise BadInput(f"{what}：账号“{account.username}”已停用")
        if account.registered_at is not None:
            raise BadInput(f"{what}：账号“{account.username}”是有人自行注册的，请由文件另设账号")
    if registered(session, authority, clerk.person_id, entry.number, entry.scope, entry.since):
        raise BadInput(f"{what}已经登记，不重复登记；延长授权的，另立文号")
    if clerk.person_id == leader.person_id:
        raise BadInput(f"{what}：不能授权给本人")
    if not holds(session, leader.person_id, authority, Role.APPROVER, entry.signed_on):
        raise BadInput(
            f"{what}：“{leader.username}”在签署日期 {entry.signed_on} 不是本机关的负责人，不能授权"
        )
    if not holds(session, clerk.person_id, authority, Role.WINDOW_CLERK, entry.since):
        raise BadInput(
            f"{what}：“{clerk.username}”在起始日期 {entry.since} 不是本机关的窗口人员，请先登记任职"
        )


def _kept_by_administrators(session: Session) -> frozenset[tuple[str, int]]:
    """Which posts and delegations an administrator had a hand in, by table and id: there the pages
    are ahead of the file. That a head confirmed one changes nothing of it."""
    return frozenset(
        (row["table"], row["id"])
        for said in session.scalars(select(AdminEntry.said))
        if said["by"] is not None and said["kind"] != CONFIRMED
        for row in said["rows"]
    )


def _put_logged(
    session: Session,
    model: type[L],
    known_by: dict[str, Any],
    told: dict[str, Any],
    kept: Set[tuple[str, int]],
    what: str,
    today: date,
) -> L:
    """As `_put`, and in the log of administration. Raises BadInput where the file would undo what
    an administrator did."""
    row = session.scalars(select(model).filter_by(**known_by).order_by(model.id.desc())).first()
    if row is None:
        row = model(**known_by)
        session.add(row)
    elif all(getattr(row, name) == value for name, value in told.items()):
        return row
    elif (model.__tablename__, row.id) in kept:
        raise BadInput(
            f"{what}已由系统管理员在“机构管理”页面变更，与文件不一致：请按页面上的登记更新文件"
        )
    for name, value in told.items():
        setattr(row, name, value)
    log_change(session, known_by["authority_id"], _settled(today), [row])
    return row


def _parties(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Which of these codes are registered, and whose rows they are."""
    rows = session.execute(select(Party.code, Party.id).where(Party.code.in_(set(codes))))
    return dict(rows.tuples().all())


def _mandates(
    session: Session, person_id: int, parties: Mapping[str, int], entry: PersonEntry
) -> None:
    for mandate in entry.mandates:
        party = parties.get(mandate.party)
        if party is None:
            raise BadInput(f"账号“{entry.account}”的授权：没有当事人“{mandate.party}”")
        known_by = {
            "person_id": person_id,
            "party_id": party,
            "capacity": mandate.capacity,
            "valid_from": mandate.since,
        }
        said = {"valid_to": mandate.until, "scope": list(mandate.scope)}
        row = session.scalars(select(Mandate).filter_by(**known_by)).one_or_none()
        by_hand = row is not None and (row.registered_at or row.ended_because)
        if by_hand and any(getattr(row, name) != value for name, value in said.items()):
            raise BadInput(
                f"账号“{entry.account}”对“{mandate.party}”的授权已由窗口登记或者终止，"
                "与文件不一致：请按窗口的登记更新文件"
            )
        _put(session, Mandate, known_by, said)


def _no_overlap(session: Session, person_id: int, account: str) -> None:
    posts = session.scalars(
        select(Post)
        .where(Post.person_id == person_id, ever_in_force())
        .order_by(Post.authority_id, Post.role, Post.valid_from)
    )
    for (_, role), held in groupby(posts, key=lambda post: (post.authority_id, post.role)):
        for earlier, later in pairwise(held):
            if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
                raise BadInput(
                    f"账号“{account}”的“{Role(role).label}”任职重叠："
                    f"自 {earlier.valid_from} 起的一段应在 {later.valid_from} 以前截止（to）"
                )


def _unlisted(session: Session, offices: Offices, listed: set[int], today: date) -> tuple[str, ...]:
    """The posts still held at these authorities that the file does not list, in words."""
    rows = session.execute(
        select(Authority.short, Person.name, Post)
        .join(Post, Post.authority_id == Authority.id)
        .join(Person, Post.person_id == Person.id)
        .where(
            Authority.code.in_([entry.code for entry in offices.authority]),
            ever_in_force(),
            Post.valid_to.is_(None) | (Post.valid_to >= today),
        )
        .order_by(Post.id)
    )
    return tuple(
        f"{short} {name} {Role(post.role).label}（自 {post.valid_from} 起）"
        for short, name, post in rows
        if post.id not in listed
    )


def _put(session: Session, model: type[R], known_by: dict[str, Any], told: dict[str, Any]) -> R:
    """The row known by these columns, new or brought up to date."""
    row = session.scalars(select(model).filter_by(**known_by)).one_or_none()
    if row is None:
        row = model(**known_by)
        session.add(row)
    for name, value in told.items():
        setattr(row, name, value)
    session.flush()
    return row
