"""Dead letters (发送失败的消息): what could not be sent, or did not arrive, until somebody sends it
again or tells the party otherwise.

A supervisor sends again; the window of the authority tells the party by paper, by telephone or at
the counter, and says so here. Messages with a code lie nowhere: whoever needs one asks for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.acts.electronic import OPEN, over
from casework.acts.electronic import State as Delivery
from casework.acts.notices import CODE
from casework.common.inputs import typed
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, ElectronicService, Message, Notice, Outlet, Party
from casework.notifying.states import LYING, Medium, State
from casework.people.administration.admin_log import Change, log_change
from state_machines.language.vocabulary import Role

LONGEST = 200
MOST = 100
MOST_AT_ONCE = 1000  # sent again
_WATCHING = frozenset({Role.SUPERVISOR, Role.ADMIN})
_SETTLING = _WATCHING | {Role.WINDOW_CLERK}
_DEAD = Message.state.in_([state.value for state in LYING])


@dataclass(frozen=True)
class DeadLetter:
    """A message that lies. `may_be_sent_again` and `may_be_told` say what its reader may do."""

    id: int
    authority: str
    authority_name: str
    medium: str
    medium_label: str
    address: str
    to: str
    case: str
    subject: str
    state: str
    state_label: str
    error: str
    attempts: int
    outlet: str
    created_at: datetime
    failed_at: datetime | None
    may_be_sent_again: bool
    may_be_told: bool


@dataclass(frozen=True)
class DeadLetters:
    """What lies at the authorities of the reader, the newest first, at most so many of `total`."""

    total: int
    letters: tuple[DeadLetter, ...]
    may_send_again: bool


def dead_letters(office: Office, session: Session, actor: Actor) -> DeadLetters:
    """What lies at the authorities whose supervisor, administrator or window clerk the actor is.
    Raises NotAllowed."""
    settles, watches = _authorities(office, session, actor)
    wanted = _lying(settles)
    total = session.scalar(select(func.count()).select_from(Message).join(Notice).where(wanted))
    rows = session.execute(
        select(Message, Notice, Authority, Case.number, Party.name, Outlet.label)
        .join(Notice, Notice.id == Message.notice_id)
        .join(Authority, Authority.id == Message.authority_id)
        .outerjoin(Case, Case.id == Notice.case_id)
        .outerjoin(Party, Party.id == Notice.to_party_id)
        .outerjoin(Outlet, Outlet.id == Message.outlet_id)
        .where(wanted)
        .order_by(Message.id.desc())
        .limit(MOST)
    ).all()
    letters = tuple(
        DeadLetter(
            id=message.id,
            authority=authority.code,
            authority_name=authority.short,
            medium=message.medium,
            medium_label=Medium(message.medium).label,
            address=message.address,
            to=party or (Role(notice.to_role).label if notice.to_role else ""),
            case=number or "",
            subject=message.subject,
            state=message.state,
            state_label=State(message.state).label,
            error=message.error or "",
            attempts=message.attempts,
            outlet=outlet or "",
            created_at=message.created_at,
            failed_at=message.failed_at,
            may_be_sent_again=authority.id in watches,
            may_be_told=True,
        )
        for message, notice, authority, number, party, outlet in rows
    )
    return DeadLetters(total or 0, letters, bool(watches))


def count_of(session: Session, authority_id: int) -> int:
    """How many lie at an authority."""
    wanted = _lying(frozenset({authority_id}))
    return session.scalar(select(func.count()).select_from(Message).join(Notice).where(wanted)) or 0


def send_again(office: Office, actor: Actor, message_id: int | None = None) -> int:
    """Send one that lies again, or all that do at the authorities that the actor watches over, the
    oldest first, so many at once: a new series of tries, under the same key unless the gateway said
    that it never arrived. Documents that were served otherwise meanwhile, or of which the party
    gave up the address, are settled instead. Gives how many are sent. Raises NotAllowed, NotFound.
    """

    def work(session: Session) -> int:
        _, watches = _authorities(office, session, actor)
        if not watches:
            raise NotAllowed("重发消息由督办人员和系统管理员办理")
        wanted = _lying(watches)
        if message_id is not None:
            wanted &= Message.id == message_id
        messages = session.scalars(
            select(Message)
            .join(Notice)
            .where(wanted)
            .order_by(Message.id)
            .limit(MOST_AT_ONCE)
            .with_for_update(of=Message)
        ).all()
        if message_id is not None and not messages:
            raise NotFound("没有该条发送失败的消息")
        now = office.time.now()
        told: dict[int, int] = {}
        for message in messages:
            delivery = session.scalar(
                select(ElectronicService).where(ElectronicService.notice_id == message.notice_id)
            )
            if delivery and (why := over(session, office.versions, delivery)):
                message.state, message.settled_how = State.PAPER.value, why
                message.settled_by, message.settled_at = actor.person_id, now
                continue
            if delivery and Delivery(delivery.state) in OPEN:
                delivery.state, delivery.sent_again_at = Delivery.WAITING.value, now
                delivery.outcome = delivery.ended_at = None
            if message.state == State.FAILED.value:
                # The gateway did send it once, and would not again under the key that it knows.
                message.key = key_again(message.key)
            message.state, message.attempts, message.next_try_at = State.WAITING.value, 0, now
            message.failed_at = message.lease = message.leased_until = None
            authority_id = message.authority_id or 0
            told[authority_id] = told.get(authority_id, 0) + 1
        for authority_id, count in sorted(told.items()):
            ground = f"重发发送失败的消息{count}条"
            change = Change("messages_sent_again", actor, now.isoformat(), ground, legal_date(now))
            log_change(session, authority_id, change, ())
        return sum(told.values())

    return office.database.in_transaction(work)


def key_again(key: str) -> str:
    """The key under which a message is sent again that had gone out under another."""
    return sha256(f"{key}\nagain".encode()).hexdigest()[:40]


def told_otherwise(office: Office, actor: Actor, message_id: int, how: str) -> None:
    """Put down how somebody was told of what could not be sent (改用其他方式通知). Raises
    NotAllowed, NotFound, BadInput."""
    said = typed("how", "通知方式", how, most=LONGEST)

    def work(session: Session) -> None:
        settles, _ = _authorities(office, session, actor)
        message = session.scalar(
            select(Message)
            .join(Notice)
            .where(_lying(settles), Message.id == message_id)
            .with_for_update(of=Message)
        )
        if message is None:
            raise NotFound("没有该条发送失败的消息")
        if len(said) < 2:
            raise bad_field("how", "通知方式", "请写明何时、以什么方式通知")
        message.state, message.settled_how = State.PAPER.value, said
        message.settled_by, message.settled_at = actor.person_id, office.time.now()

    office.database.in_transaction(work)


def _lying(authorities: frozenset[int]) -> ColumnElement[bool]:
    return _DEAD & Message.authority_id.in_(sorted(authorities)) & (Notice.kind != CODE)


def _authorities(
    office: Office, session: Session, actor: Actor
) -> tuple[frozenset[int], frozenset[int]]:
    """The authorities at which the actor settles what lies, and those that he watches over. Raises
    NotAllowed for whoever settles nothing."""
    posts = reader_of(office, session, actor).posts
    settles = frozenset(post.authority_id for post in posts if Role(post.role) in _SETTLING)
    if not settles:
        raise NotAllowed("发送失败的消息由督办人员、系统管理员和窗口人员查看、处理")
    watches = frozenset(post.authority_id for post in posts if Role(post.role) in _WATCHING)
    return settles, watches
