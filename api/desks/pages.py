"""The desk besides its cases: notices, and the overview of whoever supervises."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, acting
from casework import reading

router = APIRouter()
_NOTICES = 50


@router.get("/notices")
def notices(visit: Member) -> Response:
    with visit.office.database.session() as session:
        found = reading.notices_of(
            visit.office, session, acting(visit), before=visit.row("before"), limit=_NOTICES
        )
    further = f"/notices?before={found[-1].id}" if len(found) == _NOTICES else ""
    return visit.page("notices.html", notices=found, further=further)


@router.get("/overview")
def overview(visit: Member) -> Response:
    with visit.session() as session:
        found = reading.supervisor_overview(visit.office, session, acting(visit))
    # In a city that is still being laid out the flows have not begun.
    prefect = bool(visit.laying_out) or visit.site.prefect.healthy()
    return visit.page("overview.html", overview=found, prefect=prefect, address=_address)


def _address(**asked: str) -> str:
    """The list of the cases of the house that a number of the overview counts."""
    return f"/cases?{urlencode({**asked, 'part': 'own'})}"
