"""Random draws (双随机): the supervisor draws, lets an officer stand aside, and sends the check."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.bodies import CaseNumber
from api.pages.site import Member, MemberPosting, Visit, acting, go
from casework import draws
from casework.problems import NotAllowed, NotFound, Problem
from state_machines.vocabulary import Role

router = APIRouter()


@router.get("/draws")
def show(visit: Member) -> Response:
    return _show(visit)


@router.post("/draws")
def draw(visit: MemberPosting) -> Response:
    try:
        draws.draw(visit.office, acting(visit), key=visit.posted.text("_key") or None)
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go("/draws", "drawn")


@router.post("/draws/{number}/recusals")
def recuse(visit: MemberPosting, number: CaseNumber) -> Response:
    posted = visit.posted
    try:
        draws.draw_again(
            visit.office,
            acting(visit),
            number,
            posted.text("officer"),
            posted.text("reason"),
            key=posted.text("_key") or None,
        )
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go("/draws", "drawn_again")


@router.post("/draws/{number}/check")
def send(visit: MemberPosting, number: CaseNumber) -> Response:
    try:
        sent = draws.send(
            visit.office, acting(visit), number, key=visit.posted.text("_key") or None
        )
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go(f"/cases/{sent.number}", "sent")


def _show(visit: Visit, problem: Problem | None = None) -> Response:
    with visit.office.database.session() as session:
        found = draws.draws(visit.office, session, acting(visit))
    return visit.page(
        "draws.html",
        status=problem.status if problem else 200,
        draws=found,
        problem=problem,
        may_draw=Role.SUPERVISOR in visit.roles,
        new_key=lambda: uuid4().hex,
    )
