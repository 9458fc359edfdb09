"""Written delegations (首席代表授权): by which paper the window decides what the head would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import reader_of
from casework.acts.actors import Actor, ever_in_force, in_force
from casework.acts.notices import enqueue_for_desk
from casework.common.inputs import typed
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.attachments import checked
from casework.documents.files import File
from casework.kernel.office import Office
from casework.models import Authority, Delegation, Person, Post
from casework.people.administration.admin_log import CONFIRMED, Change, log_change
from casework.people.administration.staffing import (
    DAY,
    LONGEST,
    Desk,
    administer,
    authority_of,
    judge_days,
    judge_end,
    not_oneself,
    person_of,
)
from state_machines.door.acts import needs_delegation
from state_machines.language.vocabulary import Role
from state_machines.processes import PROCESSES

# Who reads the paper of a delegation, at its authority.
_READ = (Role.APPROVER, Role.SUPERVISOR, Role.ADMIN)


@cache
def delegable() -> Mapping[str, str]:
    """What may be delegated to the window: `process.step`, and how people call it."""
    return {
        f"{process.key}.{step.name}": f"{process.label}—{step.label}"
        for process in PROCESSES.values()
        for step in process.every_step
        if Role.WINDOW_CLERK in step.by and needs_delegation(step, Role.WINDOW_CLERK)
    }


def undelegated(session: Session, today: date) -> tuple[str, ...]:
    """A line for each authority that has a window and no delegation that was ever confirmed, as
    releases left it that let the window decide without: only people know whether there is such a
    paper."""
    clerks = exists().where(
        Post.authority_id == Authority.id,
        Post.role == Role.WINDOW_CLERK.value,
        in_force(today, Post),
    )
    registered = exists().where(Delegation.authority_id == Authority.id, ~Delegation.unconfirmed)
    names = session.scalars(
        select(Authority.short).where(clerks, ~registered).order_by(Authority.id)
    )
    return tuple(
        f"{name}没有经授权人确认的首席代表授权，窗口不能作出许可决定，由机关负责人决定：有书面授权的，"
        "由系统管理员在“机构管理”页面登记，授权人在“授权确认”页面确认"
        for name in names
    )


def add_delegation(
    office: Office,
    actor: Actor,
    *,
    account: str,
    granted_by: str,
    number: str,
    signed_on: date,
    scope: Sequence[str],
    valid_from: date,
    valid_to: date,
    authority: str | None = None,
    check_only: bool = False,
) -> int:
    """Register a delegation that a leader has signed; gives its id.

    Raises NotAllowed for anybody but an administrator of the authority, BadInput.
    """

    def work(desk: Desk) -> int:
        person = person_of(desk, account)
        not_oneself(desk, person)
        leader = person_of(desk, granted_by, "granted_by", "授权人账号")
        paper = typed("number", "授权文号", number, most=LONGEST)
        wanted = sorted(set(scope))
        if not wanted or not set(wanted) <= delegable().keys():
            raise bad_field("scope", "授权事项", "请从列表中至少选择一项")
        judge_days(desk, valid_from, valid_to)
        if signed_on > min(desk.today, valid_from):
            raise bad_field("signed_on", "签署日期", "不能晚于今天，也不能晚于授权的起始日期")
        here = desk.authority.id
        if not holds(desk.session, leader.id, here, Role.APPROVER, signed_on):
            text = f"{leader.name}在{in_chinese(signed_on)}不是本机关的负责人，不能授权"
            raise bad_field("granted_by", "授权人账号", text)
        if leader.id == person.id:
            raise bad_field("granted_by", "授权人账号", "不能授权给本人")
        if not holds(desk.session, person.id, here, Role.WINDOW_CLERK, valid_from):
            text = f"{person.name}从该日起不是本机关的窗口人员，请先登记任职"
            raise bad_field("account", "账号", text)
        if registered(desk.session, here, person.id, paper, wanted, valid_from):
            raise bad_field("number", "授权文号", "该文号的授权已经登记，不重复登记")
        row = Delegation(
            authority_id=desk.authority.id,
            person_id=person.id,
            granted_by=leader.id,
            number=paper,
            signed_on=signed_on,
            scope=wanted,
            valid_from=valid_from,
            valid_to=valid_to,
            unconfirmed=True,
        )
        desk.session.add(row)
        desk.log("delegation_added", paper, valid_from, [row])
        ask_head(desk.session, row, actor.name, office.time.now())
        return row.id

    return administer(office, actor, authority, work, check_only=check_only)


def ask_head(session: Session, row: Delegation, by: str, now: datetime) -> None:
    """Tell the desk of the leader that a delegation was registered `by` somebody in his name."""
    leader, clerk = (session.get_one(Person, of).name for of in (row.granted_by, row.person_id))
    enqueue_for_desk(
        session,
        key=f"delegation/{row.id}",
        kind="step",
        authority_id=row.authority_id,
        to_role=Role.APPROVER.value,
        subject=f"首席代表授权等待{leader}确认",
        body=f"{by}登记了{leader}对{clerk}的首席代表授权（{row.number}），"
        f"经{leader}本人在“授权确认”页面上传授权书的扫描件并确认后生效。",
        now=now,
    )


@dataclass(frozen=True)
class AwaitingHead:
    """A delegation that waits for the leader who is said to have signed it."""

    id: int
    name: str
    number: str
    signed_on: date
    scope_labels: tuple[str, ...]
    valid_from: date
    valid_to: date


def awaiting_head(session: Session, actor: Actor) -> tuple[AwaitingHead, ...]:
    """The delegations that wait for the actor, the oldest first."""
    rows = session.execute(
        select(Delegation, Person.name)
        .join(Person, Delegation.person_id == Person.id)
        .where(
            Delegation.granted_by == actor.person_id,
            Delegation.unconfirmed,
            ever_in_force(Delegation),
        )
        .order_by(Delegation.id)
    )
    known = delegable()
    return tuple(
        AwaitingHead(
            row.id,
            name,
            row.number,
            row.signed_on,
            tuple(known.get(one, one) for one in row.scope),
            row.valid_from,
            row.valid_to,
        )
        for row, name in rows
    )


def confirm_delegation(
    office: Office, actor: Actor, delegation: int, filename: str, content: bytes
) -> None:
    """Say as the leader who signed a delegation that it is true, with a scan of the paper: from
    then on it holds (许可法24).

    Raises NotFound for anybody else, NotAllowed for one who no longer leads the authority, BadInput
    if it is confirmed or the scan none, TooLarge.
    """
    with office.database.session() as session:
        confirm(session, actor, delegation, office.time.now(), filename, content)


def confirm(
    session: Session, actor: Actor, delegation: int, now: datetime, filename: str, content: bytes
) -> None:
    """As `confirm_delegation`, in a transaction. Raises NotFound, NotAllowed, BadInput."""
    row = session.get(Delegation, delegation, with_for_update=True)
    if row is None or row.granted_by != actor.person_id:
        raise NotFound("没有等待您确认的授权")
    if not row.unconfirmed:
        raise bad_field("delegation", "授权", "已经确认，不必重复办理")
    if not holds(session, actor.person_id, row.authority_id, Role.APPROVER, legal_date(now)):
        text = "您已不是该机关的负责人，由现任负责人另行授权"
        raise NotAllowed(text, law="《行政许可法》第二十四条")
    row.filename, row.media_type, row.digest = checked(filename, content)
    row.content, row.unconfirmed = content, False
    change = Change(CONFIRMED, actor, now.isoformat(), row.number, legal_date(now))
    log_change(session, row.authority_id, change, [row])


def scan(office: Office, session: Session, actor: Actor, delegation: int) -> File:
    """The paper of a delegation, for who leads, supervises or administers its authority. Raises
    NotFound."""
    row = session.get(Delegation, delegation, options=[undefer(Delegation.content)])
    posts = reader_of(office, session, actor).posts
    here = {post.authority_id for post in posts if post.role in _READ}
    if row is None or row.content is None or row.authority_id not in here:
        raise NotFound("没有这份授权书的扫描件")
    return File(row.filename or "", row.media_type or "", row.content)


def end_delegation(
    office: Office,
    actor: Actor,
    delegation: int,
    *,
    on: date,
    ground: str,
    check_only: bool = False,
) -> None:
    """End a delegation from that day on, which is not before today.

    Raises NotFound if it is not of an authority that the actor administers, NotAllowed, BadInput.
    """

    def work(desk: Desk) -> None:
        row = desk.session.get_one(Delegation, delegation)
        not_oneself(desk, desk.session.get_one(Person, row.person_id))
        why = typed("ground", "依据", ground, most=LONGEST)
        judge_end(desk, on)
        if row.valid_to < max(on, row.valid_from):
            text = f"该授权到{in_chinese(row.valid_to)}为止，从该日起没有可以停止的授权"
            raise bad_field("on", "停止日期", text)
        row.valid_to = max(on, row.valid_from) - DAY
        desk.log("delegation_ended", why, on, [row])

    code = authority_of(office, actor, Delegation, delegation)
    administer(office, actor, code, work, check_only=check_only)


def registered(
    session: Session,
    authority_id: int,
    person_id: int,
    number: str,
    scope: Sequence[str],
    valid_from: date,
) -> bool:
    """Whether a delegation of that number, of some of the same, goes on until that day or later."""
    held = select(Delegation.id).where(
        Delegation.authority_id == authority_id,
        Delegation.person_id == person_id,
        Delegation.number == number,
        Delegation.scope.overlap(list(scope)),
        Delegation.valid_to >= valid_from,
        ever_in_force(Delegation),
    )
    return session.scalar(held.limit(1)) is not None


def holds(session: Session, person_id: int, authority_id: int, role: Role, day: date) -> bool:
    """Whether a person holds that post at the authority on that day."""
    held = select(Post.id).where(
        Post.person_id == person_id,
        Post.authority_id == authority_id,
        Post.role == role.value,
        in_force(day, Post),
    )
    return session.scalar(held.limit(1)) is not None
