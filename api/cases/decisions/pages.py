"""What a decision rests on (决定依据单), as a page that prints on a sheet or a few."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.cases import prefilling
from api.html.site import Member, acting
from api.web.bodies import CaseNumber, RowId
from casework import reading

router = APIRouter()


@router.get("/cases/{number}/decisions/{seq}")
def show(visit: Member, number: CaseNumber, seq: RowId) -> Response:
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        basis = reading.decision_basis(office, session, actor, number, seq)
        case = reading.case_view(office, session, actor, number)
        labels = prefilling.for_reading(visit, session, case)
    return visit.page("decision.html", basis=basis, case=case, labels=labels)
