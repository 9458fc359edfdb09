"""Ways out of the house (发送渠道), and each message that goes by one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, Key, of_case


class Outlet(Base):
    """A way out (发送渠道) of an authority: a mail server, a gateway for short messages, a group
    chat, or a program of its own. A row is never changed but to close it.

    `address` is `host:port` or a URL; empty for a chat, whose whole address is its secret.
    Secrets are not here: `secret_name` names the environment variable that holds what the outlet
    is entered with, `report_name` the one with which the gateway signs what it reports. `shared`
    is the one outlet by which goes what is of no authority.
    """

    __tablename__ = "outlet"
    __table_args__ = (Index(None, "authority_id"),)

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    medium: Mapped[str]
    label: Mapped[str]
    address: Mapped[str]
    security: Mapped[str]
    sender: Mapped[str]
    username: Mapped[str]
    secret_name: Mapped[str]
    report_name: Mapped[str]
    per_minute: Mapped[int]
    shared: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DeskAddress(Base):
    """Where a desk (岗位) of an authority is told outside of the portal: a mailbox, a telephone, a
    group chat. A row is never changed but to close it."""

    __tablename__ = "desk_address"
    __table_args__ = (Index(None, "authority_id"),)

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    role: Mapped[str]
    medium: Mapped[str]
    address: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ElectronicService(Base):
    """Documents sent to the address to which their party agreed (电子送达), and the act that waits
    for their arrival: its `step` with its `input`, by whose hand. `papers` are the documents, as a
    receipt names them, that go out with the notice; `consented_on` is the day on which the party
    agreed to the `address`, unknown of old rows. Of what is sent again later, `sent_again_at` says
    since when it is waited for. `state` is one of `casework.acts.electronic`;
    `outcome` says why it was not served.
    """

    __tablename__ = "electronic_service"
    __table_args__ = (
        Index(None, "case_id"),
        Index(None, "notice_id", unique=True),
        Index(
            "ix_electronic_service_open",
            "id",
            postgresql_where=text("state IN ('waiting', 'failed', 'stopped')"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(of_case())
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    of: Mapped[str]
    step: Mapped[str]
    input: Mapped[Json]
    papers: Mapped[Any] = mapped_column(JSON(none_as_null=True))
    address: Mapped[str]
    consented_on: Mapped[date | None]
    role: Mapped[str]
    certificate: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    sent_again_at: Mapped[datetime | None]
    state: Mapped[str]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class Message(Base):
    """One notice on its way to one address (消息), under the key that the gateway is given.

    `state` is one of `casework.notifying.states`. Whoever sends it holds the `lease` until
    `leased_until`, by the machine's clock as `tried_at`, the last try. `receipt` is what the
    gateway calls it. A message with a one-time code loses its text once it is sent.
    `settled_by` told the party otherwise, as `settled_how` says.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),
        Index(
            "ix_message_dead",
            "authority_id",
            "id",
            postgresql_where=text("state IN ('dead', 'failed')"),
        ),
        Index(None, "notice_id"),
        Index(None, "outlet_id", "tried_at"),
        Index(
            "ix_message_receipt",
            "outlet_id",
            "receipt",
            postgresql_where=text("receipt IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    medium: Mapped[str]
    address: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    text: Mapped[str]
    urgent: Mapped[bool]
    state: Mapped[str]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlet.id"))
    receipt: Mapped[str | None]
    error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_how: Mapped[str | None]
