"""The ledger of exemptions (免罚台账): to read, and as a table."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.web.access import Member, TheOffice
from api.web.bodies import Text
from api.web.documentation import problems
from api.web.downloads import download
from casework.documents.files import CSV
from casework.enforcement.exemption import ledger as exemption_ledger
from casework.enforcement.exemption.ledger import LedgerView
from casework.reading import File

router = APIRouter(tags=["免罚台账"])
Since = Annotated[date | None, Query(description="决定日期自")]
Until = Annotated[date | None, Query(description="决定日期至")]
Door = Annotated[Text, Query(description="类别：minor、first、no_fault")]
Field = Annotated[Text, Query(description="领域")]


@router.get(
    "/exemptions",
    summary="免罚台账",
    description="案件数、当事人数、免罚金额分别统计。",
    responses=problems(401, 403, 422),
)
def exemptions(
    actor: Member,
    office: TheOffice,
    since: Since = None,
    until: Until = None,
    door: Door = "",
    field: Field = "",
) -> LedgerView:
    with office.database.session() as session:
        return exemption_ledger.ledger(
            office, session, actor, since=since, until=until, door=door, field=field
        )


@router.get(
    "/exemptions.csv",
    summary="免罚台账（表格）",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403, 422)},
)
def exemption_table(
    actor: Member,
    office: TheOffice,
    since: Since = None,
    until: Until = None,
    door: Door = "",
    field: Field = "",
) -> Response:
    found = exemptions(actor, office, since, until, door, field)
    return download(File("免罚台账.csv", CSV, exemption_ledger.as_table(found).encode()))
