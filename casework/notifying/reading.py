"""What administrators read of their outlets (发送渠道) and of their desks' addresses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.kernel.office import Office
from casework.models import DeskAddress, Outlet
from casework.notifying.states import Medium
from casework.people.administration.reading import AuthorityView
from casework.people.administration.staffing import desk_of
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class OutletView:
    """A way out. `secret_name` and `report_name` are names of environment variables, never what
    they hold; `secret_missing` says that this server knows no such variable."""

    id: int
    medium: str
    medium_label: str
    label: str
    address: str
    security: str
    sender: str
    username: str
    secret_name: str
    report_name: str
    secret_missing: bool
    per_minute: int
    shared: bool
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class DeskAddressView:
    """Where a desk is told besides the portal."""

    id: int
    role: str
    role_label: str
    medium: str
    medium_label: str
    address: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class WaysOut:
    """How notices of an authority leave the house: those in use first. `missing` names the media
    by which none is open. `authorities` are all that the reader administers."""

    authority: str
    authority_name: str
    authorities: tuple[AuthorityView, ...]
    outlets: tuple[OutletView, ...]
    desks: tuple[DeskAddressView, ...]
    missing: tuple[str, ...]


def ways_out(
    office: Office,
    session: Session,
    actor: Actor,
    authority: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> WaysOut:
    """The outlets and desks' addresses of an authority. Raises NotAllowed for anybody but its
    administrator."""
    desk = desk_of(office, session, actor, authority)
    outlets = session.scalars(
        select(Outlet)
        .where(Outlet.authority_id == desk.authority.id)
        .order_by(Outlet.closed_at.is_not(None), Outlet.id)
    )
    desks = session.scalars(
        select(DeskAddress)
        .where(DeskAddress.authority_id == desk.authority.id)
        .order_by(DeskAddress.closed_at.is_not(None), DeskAddress.role, DeskAddress.id)
    )
    found = tuple(
        OutletView(
            id=row.id,
            medium=row.medium,
            medium_label=Medium(row.medium).label,
            label=row.label,
            address=row.address,
            security=row.security,
            sender=row.sender,
            username=row.username,
            secret_name=row.secret_name,
            report_name=row.report_name,
            secret_missing=any(
                name and not environment.get(name) for name in (row.secret_name, row.report_name)
            ),
            per_minute=row.per_minute,
            shared=row.shared,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )
        for row in outlets
    )
    open_media = {outlet.medium for outlet in found if outlet.closed_at is None}
    return WaysOut(
        authority=desk.authority.code,
        authority_name=desk.authority.name,
        authorities=tuple(
            AuthorityView(authority.code, authority.name) for authority in desk.administers
        ),
        outlets=found,
        desks=tuple(
            DeskAddressView(
                id=row.id,
                role=row.role,
                role_label=Role(row.role).label,
                medium=row.medium,
                medium_label=Medium(row.medium).label,
                address=row.address,
                opened_at=row.opened_at,
                closed_at=row.closed_at,
            )
            for row in desks
        ),
        missing=tuple(
            one.label for one in (Medium.SMS, Medium.MAIL) if one.value not in open_media
        ),
    )
