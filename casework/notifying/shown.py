"""What a demo would have sent (演示信箱): the messages as whoever gets them would see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.models import Authority, Message, Notice, Party
from casework.notifying.states import Medium, State
from state_machines.language.vocabulary import Role

MOST = 30


@dataclass(frozen=True)
class Shown:
    """One message: from which authority, to whom, and what it says."""

    id: int
    by: str
    to: str
    address: str
    medium: str
    medium_label: str
    subject: str
    text: str
    state: str
    at: datetime


@dataclass(frozen=True)
class DemoMailbox:
    """Messages, the newest first; `further` is the last of them if there are more."""

    messages: tuple[Shown, ...]
    further: int | None


def shown(session: Session, about: str = "", before: int | None = None) -> DemoMailbox:
    """What was sent to an address or a party, or all."""
    wanted = (
        select(Message, Notice, Authority.name, Party.name)
        .join(Notice, Notice.id == Message.notice_id)
        .outerjoin(Authority, Authority.id == Message.authority_id)
        .outerjoin(Party, Party.id == Notice.to_party_id)
        .order_by(Message.id.desc())
        .limit(MOST + 1)
    )
    if about:
        wanted = wanted.where(
            or_(
                Message.address == about,
                Party.name.contains(about, autoescape=True),
                Message.text.contains(about, autoescape=True),
            )
        )
    if before is not None:
        wanted = wanted.where(Message.id < before)
    rows = session.execute(wanted).all()
    shown_papers = tuple(
        Shown(
            id=message.id,
            by=authority or "诺信",
            to=party or (Role(notice.to_role).label if notice.to_role else message.address),
            address=message.address,
            medium=message.medium,
            medium_label=Medium(message.medium).label,
            subject=message.subject,
            text=message.text,
            state=State(message.state).label,
            at=message.sent_at or message.created_at,
        )
        for message, notice, authority, party in rows[:MOST]
    )
    return DemoMailbox(shown_papers, shown_papers[-1].id if len(rows) > MOST else None)
