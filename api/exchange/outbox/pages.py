"""What is pushed to the platforms (对外推送), for the publicity officer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from casework.common.problems import BadInput, Problem
from casework.exchange.pushing import push_outbox, sending_again
from casework.exchange.pushing.push_states import State

router = APIRouter()
_HOME = "/exchange/outbox"


@router.get(_HOME)
def show(visit: Member) -> Response:
    problem: Problem | None = None
    state, platform = visit.asked("state", 20), visit.asked("platform", 40)
    with visit.office.database.session() as session:
        try:
            found = push_outbox.push_outbox(
                visit.office, session, acting(visit), state, platform, visit.row("cursor")
            )
        except BadInput as caught:
            problem = caught
            found = push_outbox.push_outbox(visit.office, session, acting(visit))
    return visit.page(
        "push_outbox.html",
        status=problem.status if problem else 200,
        found=found,
        problem=problem,
        states=list(State),
    )


@router.post(f"{_HOME}/retry")
def retry(visit: MemberPosting) -> Response:
    sending_again.try_now(visit.office, acting(visit))
    return go(_HOME, "pushes_retried")


@router.get(f"{_HOME}/{{push}}")
def show_one(visit: Member, push: RowId) -> Response:
    return _show(visit, push)


@router.post(f"{_HOME}/{{push}}")
def again(visit: MemberPosting, push: RowId) -> Response:
    posted = visit.posted
    given = {name[2:]: posted.text(name) for name in posted.values if name.startswith("f-")}
    try:
        sending_again.send_again(visit.office, acting(visit), push, given)
    except BadInput as problem:
        return _show(visit, push, problem)
    return go(_HOME, "pushed_again")


def _show(visit: Visit, push: int, problem: Problem | None = None) -> Response:
    with visit.office.database.session() as session:
        found = push_outbox.one_push(visit.office, session, acting(visit), push)
    return visit.page(
        "push.html",
        status=problem.status if problem else 200,
        one=found,
        problem=problem,
        may_send=bool(visit.roles & push_outbox.SENDERS),
    )
