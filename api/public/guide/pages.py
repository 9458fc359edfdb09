"""Finding the right matter (办什么): guidance lists to print, and the form of a mandate."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody
from api.web.downloads import download
from casework.people.mandate_form import mandate_form
from casework.reading.guide import guidance, needs

router = APIRouter()


@router.get("/guide")
def find(visit: Anybody) -> Response:
    q = visit.asked("q", 40)
    with visit.office.database.session() as session:
        found = needs(visit.office, session, q)
    return visit.page("guide.html", q=q, found=found)


@router.get("/guide/{kind}")
def read(visit: Anybody, kind: str) -> Response:
    with visit.office.database.session() as session:
        found = guidance(visit.office, session, kind)
    return visit.page("guidance.html", found=found)


@router.get("/forms/mandate")
def mandate(visit: Anybody) -> Response:
    party = visit.asked("party")
    with visit.office.database.session() as session:
        return download(mandate_form(visit.office, session, visit.actor, party))
