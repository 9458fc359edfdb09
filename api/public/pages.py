"""What needs no account (公众查询): following an application, and the page behind a QR code."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody
from casework import reading
from casework.common.problems import NotFound

router = APIRouter()


@router.get("/track")
def track(visit: Anybody) -> Response:
    number, code = visit.asked("number"), visit.asked("code")
    tracking, error, status = None, "", 200
    if number or code:
        try:
            with visit.office.database.session() as session:
                tracking = reading.track(visit.office, session, number, code)
        except NotFound as problem:
            error, status = problem.detail, problem.status
    return visit.page(
        "track.html", status=status, found=tracking, error=error, number=number, code=code
    )


@router.get("/verify/{code}")
def verify(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        certificate = reading.verify(visit.office, session, code)
    return visit.page("verify.html", licence=certificate)
