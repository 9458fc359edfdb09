"""The letters of a decision that is still to be taken (拟出具的文书), as they would read now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from casework.access.readers import find
from casework.acts.act import ONLINE, Act, Execution
from casework.acts.actors import Actor
from casework.acts.clock_repository import ClockRepository
from casework.common.problems import DocumentProblem, Misconfigured
from casework.documents.issuing import issue
from casework.kernel.office import Office
from casework.models import Document
from casework.reading.drafts import bindings_of, latest_draft
from state_machines.language.vocabulary import Binding, Issue, Process, Role, Step


def letters_ahead(
    office: Office, session: Session, actor: Actor, number: str, step: str
) -> tuple[Document, ...]:
    """What the decision would issue that a step of the case approves, filled in with the draft as
    it stands: no number, and nothing is written. Letters that say more than the draft are left out.
    Empty for the party, and where there is no draft. Raises NotFound.
    """
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    binds = bindings_of(process, step)
    if not reader.serves(case) or not binds:
        return ()
    draft, decision = latest_draft(session, case, binds), _decision(process, binds)
    if draft is None or decision is None:
        return ()
    parts = {part: draft[part] for bind in binds for part in bind.parts if part in draft}
    context = replace(office.context(session), draft=True)
    act = Act(
        context,
        case,
        process,
        decision,
        parts,
        context.now,
        Execution(Role(decision.by[0]), ONLINE),
        ClockRepository(session, case),
        source=case.state,
        target=next(iter(decision.moves.values())),
    )
    return tuple(_issued(act))


def _decision(process: Process, binds: list[Binding]) -> Step | None:
    """The step that all of these approvals are for."""
    common = set.intersection(*(set(bind.bound) for bind in binds))
    return next((step for step in process.steps if step.name in common), None)


def _issued(act: Act) -> Iterator[Document]:
    for effect in act.step.effects:
        if isinstance(effect, Issue) and not effect.when:
            try:
                yield issue(act, effect.document)
            except (DocumentProblem, Misconfigured):
                continue  # it prints what only the decision itself will say
