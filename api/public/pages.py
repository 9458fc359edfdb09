"""What needs no account (公众查询): following an application, and the page behind a QR code."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.qr import qr_picture
from api.html.site import Anybody, AnybodyPosting
from api.portal import plain
from casework import reading
from casework.common.problems import BadInput, NotFound, TooLarge

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
        "track.html",
        status=status,
        found=tracking,
        told=plain.told(tracking) if tracking else "",
        error=error,
        number=number,
        code=code,
    )


@router.get("/verify")
def present(visit: Anybody) -> Response:
    return visit.page("present.html", found=None, problem="")


@router.post("/verify")
def present_pdf(visit: AnybodyPosting) -> Response:
    """A PDF that somebody holds, against what was issued."""
    file = visit.posted.files.get("file")
    try:
        with visit.office.database.session() as session:
            found = reading.presented(visit.office, session, file.content if file else b"")
    except (BadInput, TooLarge) as problem:
        return visit.page("present.html", status=problem.status, found=None, problem=problem.detail)
    return visit.page("present.html", found=found, problem="")


@router.get("/track/{code}/qr.svg")
def track_qr(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        reading.track(visit.office, session, "", code)
    return qr_picture(f"{visit.office.public_url}/track?code={quote(code)}")


@router.get("/verify/{code}")
def verify(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        certificate = reading.verify(visit.office, session, code)
    return visit.page("verify.html", licence=certificate)


@router.get("/verify/{code}/qr.svg")
def qr(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        reading.verify(visit.office, session, code)
    return qr_picture(f"{visit.office.public_url}/verify/{code}")
