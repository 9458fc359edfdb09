"""The paper of a mandate (授权委托书的扫描件), kept by the clerk who has seen the original."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.acts.actors import Actor
from casework.common.problems import NotFound, bad_field
from casework.documents.attachments import checked
from casework.documents.files import File
from casework.kernel.office import Office
from casework.models import Mandate, MandatePaper
from casework.people.party_papers import clerks_only


def keep(
    office: Office, session: Session, actor: Actor, mandate_id: int, filename: str, data: bytes
) -> int:
    """Keep a scan for an agent's mandate; the same bytes are kept once and give the same id.

    Raises NotAllowed for anyone but a window clerk, NotFound, BadInput, TooLarge.
    """
    clerks_only(office, session, actor)
    mandate = session.get(Mandate, mandate_id, with_for_update=True)
    if mandate is None:
        raise NotFound("没有这项授权")
    if mandate.capacity != "agent":
        raise bad_field("paper", "授权委托书", "法定代表人（负责人）到场的，不需要授权委托书")
    name, media_type, digest = checked(filename, data)
    known = session.scalar(
        select(MandatePaper.id).where(
            MandatePaper.mandate_id == mandate_id, MandatePaper.digest == digest
        )
    )
    if known is not None:
        return known
    row = MandatePaper(
        mandate_id=mandate_id,
        filename=name,
        media_type=media_type,
        size=len(data),
        digest=digest,
        content=data,
        person_id=actor.person_id,
        received_at=office.time.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def paper(office: Office, session: Session, actor: Actor, mandate_id: int, paper_id: int) -> File:
    """A scan as it was kept. Raises NotAllowed for anyone but a window clerk, NotFound."""
    clerks_only(office, session, actor)
    row = session.get(MandatePaper, paper_id, options=[undefer(MandatePaper.content)])
    if row is None or row.mandate_id != mandate_id:
        raise NotFound("没有这份授权委托书")
    return File(row.filename, row.media_type, row.content)
