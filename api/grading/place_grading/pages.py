"""Grades of places (卫生信誉度等级): the public list, and putting down that one is to be graded."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody, MemberPosting, acting, go
from casework.grading.place_grading.reading import published_grades
from state_machines.grading.place_grading.process import PLACE_GRADING

router = APIRouter()


@router.get("/grades")
def listed(visit: Anybody) -> Response:
    """Anybody looks up how places are graded, and by which table."""
    wanted = visit.asked("q", 40)
    with visit.office.database.session() as session:
        grades = published_grades(visit.office, session, wanted)
    return visit.page("grades.html", grades=grades, wanted=wanted)


@router.post("/gradings")
def plan(visit: MemberPosting) -> Response:
    """Put down that the place of a licence is to be graded."""
    posted = visit.posted
    opened = visit.office.open_case(
        PLACE_GRADING.key,
        {"licence": posted.text("licence")},
        acting(visit),
        key=posted.text("_key") or None,
    )
    return go(f"/cases/{opened.number}/done/{opened.seq}")
