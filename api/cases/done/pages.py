"""What an act did (办理结果): the page after every act, at an address that tells it for good."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.html.site import Member, Visit, acting
from api.web.bodies import CaseNumber, RowId
from casework import reading
from casework.acts.journal import OPENED
from casework.common.problems import NotFound
from casework.kernel.office import Outcome
from casework.reading.case import MaterialView
from state_machines.language.vocabulary import Role

router = APIRouter()

DONE = "done"  # names the row of the log whose act led to a page


@router.get("/cases/{number}/done/{seq}")
def show(visit: Member, number: CaseNumber, seq: RowId) -> Response:
    office, actor = visit.office, acting(visit)
    with office.database.session() as session:
        done = reading.done_view(office, session, actor, number, seq)
        case = reading.case_view(office, session, actor, number)
        steps = reading.steps_view(office, session, actor, number)
        following = _next_of_desk(visit, session, number)
    mine = [step for step in steps if step.for_me and step.allowed and not step.optional]
    return visit.page(
        "done.html",
        case=case,
        done=done,
        ready=[step for step in mine if not step.awaits_signature],
        to_sign=[step for step in mine if step.awaits_signature],
        missing=missing_in(case),
        following=following,
        new_key=lambda: uuid4().hex,
    )


def where_next(visit: Visit, outcome: Outcome) -> str:
    """Where an act leads: to what its actor has to do next at once, which tells briefly what was
    done, or else to the page that tells just that.

    At once goes on a clerk who serves a walk-in, and whoever has to hand in what an application
    comes with.
    """
    office, actor = visit.office, acting(visit)
    here, told = f"/cases/{outcome.number}", f"?{DONE}={outcome.seq}"
    with office.database.session() as session:
        case = reading.case_view(office, session, actor, outcome.number)
        if not (case.filed_at_counter and Role.WINDOW_CLERK in visit.roles):
            return f"{here}{told}" if missing_in(case) else done_page(outcome)
        steps = reading.steps_view(office, session, actor, outcome.number)
    ours = [
        step.name
        for step in steps
        if (step.for_me or step.at_counter) and step.allowed and not step.optional
    ]
    # Of several the furthest on: who has studied may sign; but first come the papers.
    on = f"/steps/{ours[-1]}" if ours and outcome.seq != OPENED else ""
    return f"{here}{on}{told}"


def done_page(outcome: Outcome) -> str:
    """The page that tells what an act did; of one that an earlier release answered, the case."""
    here = f"/cases/{outcome.number}"
    return f"{here}/done/{outcome.seq}" if outcome.seq else here


def missing_in(case: reading.CaseView) -> list[MaterialView]:
    """What an application still has to come with."""
    listed = case.materials if case.state == "draft" else ()
    return [item for item in listed if item.required and not item.files]


def done_before(visit: Visit, session: Session, number: str) -> reading.DoneView | None:
    """What the act did that led to this page of its case; None if none did."""
    seq = visit.row(DONE)
    try:
        return reading.done_view(visit.office, session, acting(visit), number, seq) if seq else None
    except NotFound:
        return None


def _next_of_desk(visit: Visit, session: Session, number: str) -> reading.CaseLine | None:
    """The most urgent other case that waits at the desk of a member of staff."""
    if not visit.staff:
        return None
    wanted = reading.Wanted(queue="mine_to_do")
    queue = reading.cases(visit.office, session, acting(visit), wanted, limit=2)
    return next((line for line in queue.cases if line.number != number), None)
