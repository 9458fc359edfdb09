"""A place by the code on its wall (一码通): its page, its QR code, and the sheet for the wall."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.qr import qr_picture
from api.html.site import Anybody
from casework.reading.place.public_place import place_by_code, place_view

router = APIRouter()
_SIZES = ("a4", "a5")


@router.get("/places/{code}")
def show(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        place = place_view(visit.office, session, code)
    return visit.page("place.html", place=place)


@router.get("/places/{code}/sheet")
def sheet(visit: Anybody, code: str) -> Response:
    """What is printed and hung up: the QR code, and nothing that may change."""
    with visit.office.database.session() as session:
        place = place_view(visit.office, session, code)
    size = visit.asked("size")
    return visit.page("place_sheet.html", place=place, size=size if size in _SIZES else "a4")


@router.get("/places/{code}/qr.svg")
def qr(visit: Anybody, code: str) -> Response:
    with visit.office.database.session() as session:
        place = place_by_code(session, code)
    return qr_picture(f"{visit.office.public_url}/places/{place.code}")
