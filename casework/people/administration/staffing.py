"""Posts and certificates (任职、执法证件), kept up by the administrator of an authority.

A change takes effect from its day on, and never before the day of its entry: what was judged before
stays as it was judged. So another certificate ends the row of a post and begins the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.inputs import near, typed
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.common.timekeeping import in_chinese
from casework.kernel.office import Office
from casework.models import Account, Authority, Delegation, Person, Post
from casework.people.accounts import username_of
from casework.people.administration.admin_log import Change, Told, log_change
from casework.people.enforcement_certificates import held_by_another
from casework.people.offices import POST_ROLES
from state_machines.language.vocabulary import Role

LONGEST = 200
_CERTIFIED = "《行政处罚法》第四十二条"
DAY = timedelta(days=1)
_CALLED: Mapping[type, str] = {Post: "任职", Delegation: "授权"}

R = TypeVar("R")
L = TypeVar("L", Post, Delegation)


@dataclass(frozen=True)
class Desk:
    """An administrator at work, for one authority of those that he `administers`, on one day."""

    office: Office
    session: Session
    actor: Actor
    authority: Authority
    administers: Sequence[Authority]
    today: date

    def log(self, kind: str, ground: str, from_day: date, rows: Iterable[Told]) -> None:
        """Append a change to the log of the authority."""
        at = self.office.time.now().isoformat()
        change = Change(kind, self.actor, at, ground, from_day)
        log_change(self.session, self.authority.id, change, rows)


def administer(
    office: Office,
    actor: Actor,
    authority: str | None,
    work: Callable[[Desk], R],
    *,
    check_only: bool = False,
) -> R:
    """Do something as the administrator of an authority (its code, if there are several), in one
    transaction; with `check_only` it is done and taken back. Raises NotAllowed."""

    def in_session(session: Session) -> R:
        desk = desk_of(office, session, actor, authority)
        # One change after the other: each is judged by what the one before left.
        session.get_one(Authority, desk.authority.id, with_for_update={"key_share": True})
        found = work(desk)
        if check_only:
            session.rollback()
        return found

    return office.database.in_transaction(in_session)


def desk_of(office: Office, session: Session, actor: Actor, authority: str | None) -> Desk:
    """The desk of an administrator. Raises NotAllowed for anybody else."""
    reader = reader_of(office, session, actor)
    held = {post.authority_id for post in reader.posts if post.role == Role.ADMIN.value}
    mine = session.scalars(
        select(Authority).where(Authority.id.in_(held)).order_by(Authority.id)
    ).all()
    authorities = [one for one in mine if authority in (None, "", one.code)]
    if not authorities:
        raise NotAllowed("任职、执法证件和授权由本机关的系统管理员登记")
    return Desk(office, session, actor, authorities[0], mine, reader.today)


def add_post(
    office: Office,
    actor: Actor,
    *,
    account: str,
    role: str,
    valid_from: date,
    ground: str,
    valid_to: date | None = None,
    certificate: str | None = None,
    certificate_expires: date | None = None,
    law_qualification: str | None = None,
    authority: str | None = None,
    check_only: bool = False,
) -> int:
    """Give somebody a post; gives its id. `ground` is the paper it rests on (任命文件).

    Raises NotAllowed for anybody but an administrator of the authority, BadInput.
    """

    def work(desk: Desk) -> int:
        person = person_of(desk, account)
        not_oneself(desk, person)
        if role not in POST_ROLES:
            raise bad_field("role", "职责", "请从列表中选择")
        why = typed("ground", "依据", ground, most=LONGEST)
        judge_days(desk, valid_from, valid_to)
        number, expires = _certificate(desk, certificate, certificate_expires, valid_from)
        _of_nobody_else(desk, person, number, valid_from)
        if role == Role.INSPECTOR.value and number is None:
            text = "执法人员应填写执法证号和有效期"
            raise bad_field("certificate", "执法证号", text, law=_CERTIFIED)
        for held in _posts(desk, person.id, role):
            if _meet(held, valid_from, valid_to):
                text = (
                    f"{person.name}自{in_chinese(held.valid_from)}起的“{Role(role).label}”任职"
                    f"{_until(held)}，不能重叠：先终止原任职，或者改起始日期"
                )
                raise bad_field("valid_from", "起始日期", text)
        post = Post(
            person_id=person.id,
            authority_id=desk.authority.id,
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
            certificate_number=number,
            certificate_expires=expires,
            law_qualification=_line("law_qualification", "法律职业资格证书编号", law_qualification),
        )
        desk.session.add(post)
        desk.log("post_added", why, valid_from, [post])
        return post.id

    return administer(office, actor, authority, work, check_only=check_only)


def end_post(
    office: Office,
    actor: Actor,
    post: int,
    *,
    on: date,
    ground: str,
    check_only: bool = False,
) -> None:
    """End a post from that day on, which is not before today, and all that it goes on as: with
    another certificate it is another row.

    Raises NotFound if it is not of an authority that the actor administers, NotAllowed, BadInput.
    """

    def work(desk: Desk) -> None:
        row = desk.session.get_one(Post, post)
        not_oneself(desk, desk.session.get_one(Person, row.person_id))
        why = typed("ground", "依据", ground, most=LONGEST)
        judge_end(desk, on)
        rows = [one for one in _posts(desk, row.person_id, row.role) if _meet(one, on, None)]
        if not rows:
            raise bad_field("on", "停止日期", f"该任职{_until(row)}，从该日起没有可以停止的任职")
        for one in rows:
            one.valid_to = max(on, one.valid_from) - DAY
        desk.log("post_ended", why, on, rows)

    code = authority_of(office, actor, Post, post)
    administer(office, actor, code, work, check_only=check_only)


def change_certificate(
    office: Office,
    actor: Actor,
    *,
    account: str,
    valid_from: date,
    ground: str,
    certificate: str | None = None,
    certificate_expires: date | None = None,
    authority: str | None = None,
    check_only: bool = False,
) -> None:
    """Let another certificate, or none, stand in all posts that somebody holds at the authority,
    from that day on. Raises NotAllowed, BadInput."""

    def work(desk: Desk) -> None:
        person = person_of(desk, account)
        not_oneself(desk, person)
        why = typed("ground", "依据", ground, most=LONGEST)
        judge_days(desk, valid_from, None)
        number, expires = _certificate(desk, certificate, certificate_expires, valid_from)
        _of_nobody_else(desk, person, number, valid_from)
        posts = [row for row in _posts(desk, person.id) if _meet(row, valid_from, None)]
        if not posts:
            text = f"{person.name}从该日起在本机关没有任职，请先登记任职"
            raise bad_field("account", "人员", text)
        if all((row.certificate_number, row.certificate_expires) == (number, expires)
               for row in posts):  # fmt: skip
            raise bad_field("certificate", "执法证号", "与现有登记一致，没有需要变更的")
        touched = []
        for row in posts:
            now = row
            if row.valid_from < valid_from:
                now = Post(
                    person_id=row.person_id,
                    authority_id=row.authority_id,
                    role=row.role,
                    valid_from=valid_from,
                    valid_to=row.valid_to,
                    law_qualification=row.law_qualification,
                )
                row.valid_to = valid_from - DAY
                desk.session.add(now)
                touched.append(row)
            now.certificate_number, now.certificate_expires = number, expires
            touched.append(now)
        desk.log("certificate_changed", why, valid_from, touched)

    administer(office, actor, authority, work, check_only=check_only)


# -- what delegations are judged by as well --------------------------------------------------------


def person_of(desk: Desk, account: str, field: str = "account", label: str = "账号") -> Person:
    """The person of an account that was set up by the office. Raises BadInput."""
    name = username_of(account)
    row = desk.session.scalar(select(Account).where(Account.username == name))
    if row is None or not row.active:
        text = f"没有在用的账号“{name}”，请先由信息部门按机构和人员文件开设（nuoxin settle）"
        raise bad_field(field, label, text)
    if row.registered_at is not None:
        text = f"“{name}”是自行注册的账号，不能担任职务，请由信息部门另设账号"
        raise bad_field(field, label, text)
    return desk.session.get_one(Person, row.person_id)


def not_oneself(desk: Desk, person: Person) -> None:
    """Raise NotAllowed for what would be about the administrator in person."""
    if person.id == desk.actor.person_id:
        raise NotAllowed("不能登记、变更本人的任职、证件和授权，请由其他系统管理员或者信息部门办理")


def judge_days(desk: Desk, first: date, last: date | None) -> None:
    """Raise BadInput for days on which nothing can begin or end."""
    if first < desk.today:
        text = f"不能早于登记之日（{in_chinese(desk.today)}）：变更自登记之日或者以后起生效"
        raise bad_field("valid_from", "起始日期", text)
    for field, label, day in (("valid_from", "起始日期", first), ("valid_to", "截止日期", last)):
        near(field, label, day, desk.today)
    if last is not None and last < first:
        raise bad_field("valid_to", "截止日期", "不能早于起始日期")


def judge_end(desk: Desk, on: date) -> None:
    """Raise BadInput for a day from which nothing can be ended."""
    if on < desk.today:
        text = f"不能早于今天（{in_chinese(desk.today)}）：以前办理的事项不受影响"
        raise bad_field("on", "停止日期", text)
    near("on", "停止日期", on, desk.today)


def authority_of(office: Office, actor: Actor, model: type[L], row: int) -> str:
    """The code of the authority that a post or a delegation is of. Raises NotFound unless the actor
    administers it, NotAllowed for anybody who administers none."""
    with office.database.session() as session:
        desk = desk_of(office, session, actor, None)
        found = session.get(model, row)
        for authority in desk.administers:
            if found is not None and authority.id == found.authority_id:
                return authority.code
    raise NotFound(f"本机关没有该{_CALLED[model]}登记")


def _posts(desk: Desk, person_id: int, role: str | None = None) -> list[Post]:
    """The posts of a person at the authority, that hold today or later."""
    wanted = select(Post).where(
        Post.person_id == person_id,
        Post.authority_id == desk.authority.id,
        or_(Post.valid_to.is_(None), Post.valid_to >= desk.today),
    )
    if role is not None:
        wanted = wanted.where(Post.role == role)
    return list(desk.session.scalars(wanted.order_by(Post.id)))


def _meet(row: Post, first: date, last: date | None) -> bool:
    """Whether a post holds on some day of a time."""
    if row.valid_to is not None and row.valid_to < max(first, row.valid_from):
        return False
    return last is None or row.valid_from <= last


def _until(row: Post) -> str:
    return f"到{in_chinese(row.valid_to)}" if row.valid_to else "没有截止日期"


def _certificate(
    desk: Desk, number: str | None, expires: date | None, first: date
) -> tuple[str | None, date | None]:
    """Number and last day of an enforcement certificate, both or neither. Raises BadInput."""
    said = _line("certificate", "执法证号", number)
    if (said is None) != (expires is None):
        field, label = (
            ("certificate_expires", "证件有效期至") if said else ("certificate", "执法证号")
        )
        raise bad_field(field, label, "执法证号和有效期应一并填写", law=_CERTIFIED)
    near("certificate_expires", "证件有效期至", expires, desk.today)
    if expires is not None and expires < first:
        text = "早于起始日期：过期的执法证件不能登记，请核对证件"
        raise bad_field("certificate_expires", "证件有效期至", text, law=_CERTIFIED)
    return said, expires


def _of_nobody_else(desk: Desk, person: Person, number: str | None, first: date) -> None:
    if other := held_by_another(desk.session, number, person.id, desk.authority.id, first):
        text = f"执法证号{number}已登记在{other}名下：一个执法证件只属于一人，请核对证件"
        raise bad_field("certificate", "执法证号", text, law=_CERTIFIED)


def _line(field: str, label: str, said: str | None) -> str | None:
    return typed(field, label, said, most=LONGEST) if said and said.strip() else None
