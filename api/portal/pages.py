"""What a party does on the page of its case (我的办件): its files, and what waits for it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, acting, go
from api.portal import filing_files, party_case
from api.web.bodies import CaseNumber
from casework import reading
from casework.common.problems import NotFound, Problem, no_such_case
from casework.documents import chosen_files

router = APIRouter()

ANYWAY = "anyway"  # although something is missing


@router.post("/cases/{number}/files")
def choose(visit: MemberPosting, number: CaseNumber) -> Response:
    """Files that were chosen, sorted or taken away; and with a step's name they are handed in."""
    posted, actor = visit.posted, acting(visit)
    with visit.session() as session:
        chosen_files.case_of_party(visit.office, session, actor, number)
    if (gone := posted.number("_take_away")) is not None:
        chosen_files.take_away(visit.office, actor, number, gone)
        return go(f"/cases/{number}", "taken_away", "materials")
    try:
        wrong = filing_files.keep(visit, number)
        step, anyway = posted.text(filing_files.THEN), visit.asked(ANYWAY)
        if not wrong and (step or posted.text("_at_once")):
            wrong = filing_files.hand_in(visit, number, whole=bool(step) and not anyway)
        if not wrong and step:
            filing_files.submit(visit, number, step, posted.text("_key") or None)
    except NotFound:
        raise
    except Problem as problem:
        return party_case.show(visit, number, [("", problem)])
    if wrong:
        return party_case.show(visit, number, wrong)
    return go(f"/cases/{number}", "submitted" if step else "uploaded", "" if step else "materials")


@router.get("/cases/{number}/turn")
def turn(visit: Member, number: CaseNumber) -> Response:
    """On to the page on which the party does what its case waits for."""
    with visit.office.database.session() as session:
        case = reading.case_view(visit.office, session, acting(visit), number)
        if case.as_officer:
            raise no_such_case(number)
        steps = reading.steps_view(visit.office, session, acting(visit), number)
    mine = [step for step in steps if step.for_me and step.allowed and not step.optional]
    if any(step.name in party_case.PROMISES for step in mine):
        return go(f"/cases/{number}/promise")
    asked = [step for step in mine if step.input]
    return go(f"/cases/{number}/steps/{asked[0].name}" if asked else f"/cases/{number}")
