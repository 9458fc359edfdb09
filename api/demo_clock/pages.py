"""The demo's calendar (演示日历), for those who watch over the demo city."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.demo_clock.routes import progress, turn
from api.html.site import Member, MemberPosting, Visit, acting
from casework.common.problems import BadDate, BadInput

DEMO_ONLY = True
router = APIRouter()


@router.get("/demo")
def ask(visit: Member) -> Response:
    return _show(visit)


@router.post("/demo")
def forward(visit: MemberPosting) -> Response:
    days = visit.posted.number("days", digits=4)
    site, calendar = visit.site, visit.request.app.state.turnable
    try:
        if days is None:
            raise BadInput("天数应为正整数")
        turned = turn(site.office, calendar, site.prefect, acting(visit), days=days)
    except (BadDate, BadInput) as problem:
        return _show(visit, error=problem.detail, status=problem.status)
    visit.now = turned.now
    return _show(visit, told=turned.text)


def _show(visit: Visit, error: str = "", told: str = "", status: int = 200) -> Response:
    days = visit.posted.text("days") or "1"
    duties = progress(visit.office, visit.site.prefect)
    return visit.page("clock.html", status=status, error=error, told=told, days=days, duties=duties)
