"""What an officer sees of the personal data of a case (个人信息), and of what was taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.access.readers import Reader, find
from casework.acts.actors import Actor
from casework.acts.dossier import dossier_of
from casework.acts.redactions import (
    BASES,
    CONFIRMED_BY,
    GROUND,
    PROPOSED_BY,
    REDACT,
    REDACTED,
    gone_by,
)
from casework.common.problems import NotAllowed, NotFound
from casework.documents.files import File
from casework.kernel.office import Office
from casework.kernel.signatures import signatures_of
from casework.models import Attachment, Case, LogRow, Person
from casework.redaction.personal_data import Found, against_redacting, found_in
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class Proposal:
    """What waits for the second person, who confirms it by its `id`. `mine`: the reader proposed
    it; `chosen` is what would go; `paper` the id of the scan that it rests on."""

    id: int
    basis: str
    document: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    mine: bool
    chosen: tuple[Found, ...]
    paper: int


@dataclass(frozen=True)
class Done:
    """A redaction: the row of the log that tells of it, and what went, by row."""

    seq: int
    at: datetime
    basis: str
    document: str
    reason: str
    officers: tuple[str, ...]
    gone: tuple[str, ...]
    paper: int | None


@dataclass(frozen=True)
class RedactionView:
    """The personal data of a case. `against` says why nothing may be taken away now, and `law` by
    which article; `found` is what stands there."""

    case: str
    against: str
    law: str
    found: tuple[Found, ...]
    may_propose: bool
    may_confirm: bool
    waiting: Proposal | None
    done: tuple[Done, ...]


def redaction_view(office: Office, session: Session, actor: Actor, number: str) -> RedactionView:
    """What may be taken out of a case, for those who propose and confirm it at its authority.
    Raises NotFound, NotAllowed."""
    case, roles = _reader(office, session, actor, number)
    context = office.context(session)
    groups = found_in(context, case)
    against = against_redacting(session, case)
    papers = {
        row.digest: row.id
        for row in dossier_of(session, case).attachments
        if row.material == GROUND
    }
    pending = signatures_of(session, case).get(REDACT)
    waiting = None
    if pending is not None:
        given: dict[str, Any] = pending.input
        waiting = Proposal(
            pending.id,
            BASES[given["basis"]],
            given["document"],
            given["reason"],
            session.get_one(Person, pending.person_id).name,
            pending.signed_at,
            pending.person_id == actor.person_id,
            tuple(groups[one].found for one in given["ids"] if one in groups),
            papers[given["sha256"]],
        )
    rows = session.scalars(
        select(LogRow)
        .where(LogRow.case_id == case.id, LogRow.header["kind"].as_string() == REDACTED)
        .order_by(LogRow.seq)
    )
    return RedactionView(
        case.number,
        against.text if against else "",
        against.law if against else "",
        tuple(one.found for one in groups.values()),
        may_propose=bool(roles & set(PROPOSED_BY)),
        may_confirm=bool(roles & set(CONFIRMED_BY)),
        waiting=waiting,
        done=tuple(_done(row, papers.get(row.payload["sha256"])) for row in rows),
    )


def may_redact(reader: Reader, case: Case) -> bool:
    """Whether the reader has to do with redactions of that case."""
    return bool(_roles(reader, case)) and not reader.represents(case)


def ground(office: Office, session: Session, actor: Actor, number: str, key: int) -> File:
    """The paper that a redaction rests on. Raises NotFound, NotAllowed."""
    case, _ = _reader(office, session, actor, number)
    row = session.get(Attachment, key, options=[undefer(Attachment.content)])
    if row is None or (row.case_id, row.material) != (case.id, GROUND):
        raise NotFound("本案没有这份依据")
    return File(row.filename, row.media_type, row.content)


def _reader(
    office: Office, session: Session, actor: Actor, number: str
) -> tuple[Case, frozenset[Role]]:
    """The case, and the roles in which the actor redacts it. Raises NotFound, NotAllowed."""
    case, reader = find(office, session, actor, number)
    if not may_redact(reader, case):
        takers = "、".join(role.label for role in (*PROPOSED_BY, *CONFIRMED_BY))
        raise NotAllowed(f"删除个人信息由本机关的{takers}办理")
    return case, _roles(reader, case)


def _roles(reader: Reader, case: Case) -> frozenset[Role]:
    held = {Role(post.role) for post in reader.posts if post.authority_id == case.authority_id}
    return frozenset(held & {*PROPOSED_BY, *CONFIRMED_BY})


def _done(row: LogRow, paper: int | None) -> Done:
    """A redaction as its log row tells it, with the number of the paper it rests on."""
    said: dict[str, Any] = row.payload
    signed: Sequence[str] = said["signed"]
    return Done(
        row.seq,
        datetime.fromisoformat(row.header["recorded_at"]),
        BASES[said["basis"]],
        said["document"],
        said["reason"],
        tuple(signed),
        tuple(f"第{seq}条：{what}" for seq, what in gone_by(row.header)),
        paper,
    )
