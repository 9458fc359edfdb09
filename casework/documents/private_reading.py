"""Private reading (阅知): the party reads in the portal what has not been served on it yet.

That is put down in the log, once for each person and paper, and is no service: no time of the party
begins with it, and what is served is served as if nobody had read it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader
from casework.acts.act import ONLINE, Execution, Officer, act_beside
from casework.acts.actors import involvement_of
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.kernel import engine
from casework.kernel.office import Office
from casework.models import Case, Document, LogRow
from state_machines.language.vocabulary import Process, RecordService, Role, Step

READ = "read"
READING = Step("read_document", "阅知文书（不视为送达）", {}, ())


def note_reading(
    office: Office, session: Session, reader: Reader, case: Case, document: Document
) -> None:
    """Put down that somebody of the party reads a paper that waits to be served."""
    process = office.versions.by_digest(session, case.version_digest)
    if not reader.represents(case) or not _waits(session, case, process, document):
        return
    # One row after the other: whoever reads the same paper twice at once is told of once.
    session.refresh(case, with_for_update={"of": Case})
    if _known(session, case, reader, document):
        return
    context, actor = office.context(session), reader.actor
    mandate = involvement_of(session, actor.person_id, actor.name, case).on([reader.today]).mandate
    officer = Officer(actor.person_id, actor.name, "")
    execution = Execution(Role.APPLICANT, ONLINE, (officer,), actor.account_id, mandate)
    act = act_beside(context, case, process, READING, execution)
    told = {"key": document.key, "title": document.title, "number": document.number}
    act.note(READ, {**told, "seq": document.log_seq})
    engine.tell(act, READ, {})


def _waits(session: Session, case: Case, process: Process, document: Document) -> bool:
    """Whether a receipt is wanted of that very issue, and none is there."""
    effects = {
        effect.of: effect
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, RecordService) and document.key in effect.documents
    }
    return any(
        (paper.key, paper.seq) == (document.key, document.log_seq)
        for of, effect in effects.items()
        for paper in waiting(papers_in(session, case, effect), entry_of(case.data, of)["receipts"])
    )


def _known(session: Session, case: Case, reader: Reader, document: Document) -> bool:
    """Whether this person was told of as a reader of that issue before."""
    rows = session.scalars(
        select(LogRow).where(LogRow.case_id == case.id, LogRow.header["kind"].as_string() == READ)
    )
    return any(
        reader.actor.person_id in row.header["officers"]
        and (one["key"], one["seq"]) == (document.key, document.log_seq)
        for row in rows
        for one in row.payload["caused"][READ]
    )
