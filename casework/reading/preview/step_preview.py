"""A step rehearsed (预演): the documents it would issue, the dates that follow, or why it may not
be taken. Nothing of it happens, and only who may take the step may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.acts.backfilling import OnPaper
from casework.acts.foresight import Foreseen
from casework.common.problems import (
    BadInput,
    Busy,
    NotAllowed,
    NotFound,
    Problem,
    StaleVersion,
    StepNotOfState,
)
from casework.documents.draft_papers import DraftPaper, draft_paper
from casework.kernel.office import Office
from casework.reading.case import ReasonView, steps_view
from casework.reading.outlook import Outlook, outlook

# These are no reasons of the law: there is nothing to rehearse.
_NOTHING = (NotFound, NotAllowed, StepNotOfState, StaleVersion, Busy)


@dataclass(frozen=True)
class StepPreview:
    """What a step would bring about at `version` of its case; either `refusals` says why it may not
    be taken, or `outlook` what follows and `papers` what it issues."""

    number: str
    version: int
    step: str
    label: str
    refusals: tuple[ReasonView, ...]
    outlook: Outlook | None
    papers: tuple[DraftPaper, ...]


def step_preview(
    office: Office,
    actor: Actor,
    number: str,
    step: str,
    input: Any,
    *,
    on: date | datetime | None = None,
    mandate: int | None = None,
    backfill: OnPaper | None = None,
) -> StepPreview:
    """What the step would bring about now, or as of its legal day `on`.

    Raises NotFound, StepNotOfState, and NotAllowed for whoever may not take it.
    """
    with office.database.session() as session:
        case, _ = find(office, session, actor, number)
        version = case.version
        process = office.versions.by_digest(session, case.version_digest)
        declared = next((one for one in process.every_step if one.name == step), None)
    if declared is None:
        raise NotFound(f"{process.label}没有这个步骤")
    try:
        foreseen = office.foresee(
            number,
            step,
            input,
            actor,
            version=version,
            mandate=mandate,
            effective_at=on,
            backfill=backfill,
        )
    except _NOTHING:
        raise
    except Problem as problem:
        if isinstance(problem, BadInput):
            _refuse_strangers(office, actor, number, step)
        reasons = _reasons(problem)
        return StepPreview(number, version, step, declared.label, reasons, None, ())
    with office.database.session() as session:
        follows = outlook(office, session, number, declared, foreseen)
        papers = papers_ahead(office, session, foreseen)
    return StepPreview(number, version, step, declared.label, (), follows, papers)


def papers_ahead(office: Office, session: Session, foreseen: Foreseen) -> tuple[DraftPaper, ...]:
    """The documents that were foreseen, with their pages drawn."""
    rules = office.rules.current(session)
    return tuple(draft_paper(rules, document) for document in foreseen.documents)


def _refuse_strangers(office: Office, actor: Actor, number: str, step: str) -> None:
    """Raise NotAllowed for whoever may not take the step: what is typed is read before that is
    asked."""
    with office.database.session() as session:
        steps = steps_view(office, session, actor, number)
    if not any(one.name == step and (one.for_me or one.at_counter) for one in steps):
        raise NotAllowed("您不能办理这个步骤，不能预演")


def _reasons(problem: Problem) -> tuple[ReasonView, ...]:
    """Why the step may not be taken: each reason of the law, or each field that is wrong."""
    if reasons := problem.extra.get("reasons"):
        return tuple(ReasonView(one["code"], one["text"], one["law"]) for one in reasons)
    if errors := problem.extra.get("errors"):
        return tuple(
            ReasonView(problem.type, f"{one['label'] or '填写项'}：{one['text']}", "")
            for one in errors
        )
    return (ReasonView(problem.type, problem.detail, problem.law),)
