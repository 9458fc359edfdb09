"""The ledger of publication (双公示台账)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.enforcement.catalogue.routes import CSV
from api.web.access import Member, TheOffice
from api.web.bodies import Published, Text
from api.web.documentation import problems
from api.web.downloads import download
from casework.publicity import publications
from casework.publicity.publications import Ledger
from casework.reading import File

router = APIRouter(prefix="/publications", tags=["双公示"])
Month = Annotated[Text, Query(description="应办月份，如 2026-09；不填为全部未办")]
Entry = Annotated[int, Path(description="公示事项编号", ge=1, le=2**62)]


@router.get("", summary="公示台账", responses=problems(401, 403, 422))
def ledger(
    actor: Member,
    office: TheOffice,
    month: Month = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="上一页的 cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=publications.MOST)] = publications.MOST,
) -> Ledger:
    with office.database.session() as session:
        return publications.ledger(office, session, actor, month, cursor=cursor, limit=limit)


@router.get(
    ".csv",
    summary="公示台账（表格）",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403, 422)},
)
def ledger_table(actor: Member, office: TheOffice, month: Month = "") -> Response:
    found = publications.as_table(office, actor, month)
    return download(File("公示台账.csv", CSV, found.encode()))


@router.put(
    "/{entry}",
    status_code=204,
    summary="登记公示（撤下）情况",
    responses=problems(401, 403, 404, 422),
)
def record(entry: Entry, body: Published, actor: Member, office: TheOffice) -> None:
    publications.record(office, actor, [entry], body.on, body.channels)
