"""Entering afterwards (专项补录): what lets papers of an outage, or of an old case, be entered.

The steps themselves are taken where all steps are (`POST /cases/{number}/steps/{step}`), with a
`backfill`, and confirmed as by a second officer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import Field

from api.web.access import Member, TheOffice
from api.web.bodies import Body, RowId, Stored, StoredId, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.backfill import keeping, reading
from casework.backfill.reading import BackfillView

router = APIRouter(prefix="/backfills", tags=["专项补录"])


class Reserving(Body):
    """Numbers to be set aside: of which kind of document, and of what field if it is a docket
    number."""

    document: Text = Field(description="文书，如 penalty_decision")
    field: Text = Field(default="", description="文号的类别：执法领域（公共场所）或者许可事项")
    count: Annotated[int, Field(ge=1, le=keeping.MOST_NUMBERS)]
    reason: Text
    backfill: StoredId | None = Field(
        default=None, description="为哪一项停运补录预留；不填写的，留给下一次停运"
    )
    authority: Text | None = None


class Why(Body):
    """Why something is closed or sent back."""

    reason: Text


@dataclass(frozen=True)
class Reserved:
    """The numbers that were set aside."""

    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Closed:
    """The numbers that became void, since no paper bears them."""

    voided: tuple[str, ...]


@dataclass(frozen=True)
class OpenedAfterwards:
    """The old case that was opened."""

    number: str


@router.get("", summary="本机关的专项补录", responses=problems(401, 403))
def backfills(actor: Member, office: TheOffice) -> tuple[BackfillView, ...]:
    with office.database.session() as session:
        return reading.backfills(office, session, actor)


@router.post(
    "",
    status_code=201,
    summary="开立专项补录",
    description="`kind` 为 outage（系统停运，`file` 为签名的停运记录）或者 paper（旧的纸质案件，"
    "`file` 为案卷扫描件，`case` 为已在系统中的案件编号）。经第二人确认后才能录入。",
    responses=problems(401, 403, 409, 422),
)
def open_backfill(
    actor: Member,
    office: TheOffice,
    kind: Annotated[str, Form(max_length=20)],
    first_day: Annotated[date, Form()],
    last_day: Annotated[date, Form()],
    reason: Annotated[str, Form(max_length=2000)],
    file: UploadFile,
    case: Annotated[Text | None, Form(max_length=64)] = None,
    authority: Annotated[Text | None, Form(max_length=10)] = None,
) -> Stored:
    made = keeping.open_backfill(
        office,
        actor,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        filename=file.filename or "",
        content=file.file.read(),
        case=case,
        authority=authority,
    )
    return Stored(id=made)


@router.post(
    "/numbers",
    status_code=201,
    summary="预留文号",
    description="停运前预留的，归入下一项停运补录；没有使用的，补录结束时作废。",
    responses=problems(401, 403, 404, 422),
)
def reserve(body: Reserving, actor: Member, office: TheOffice) -> Reserved:
    return Reserved(keeping.reserve(office, actor, **body.model_dump()))


@router.get("/{backfill}", summary="一项专项补录", responses=problems(401, 403, 404))
def backfill(backfill: RowId, actor: Member, office: TheOffice) -> BackfillView:
    with office.database.session() as session:
        return reading.backfill_view(office, session, actor, backfill)


@router.get(
    "/{backfill}/scan",
    summary="停运记录、案卷扫描件",
    response_class=Response,
    responses={**A_FILE, **problems(401, 403, 404)},
)
def scan(backfill: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(reading.scan(office, session, actor, backfill))


@router.post(
    "/{backfill}/confirmation",
    status_code=204,
    summary="第二人确认专项补录",
    responses=problems(401, 403, 404, 409),
)
def confirm(backfill: RowId, actor: Member, office: TheOffice) -> None:
    keeping.confirm(office, actor, backfill)


@router.post(
    "/{backfill}/end",
    summary="结束专项补录",
    responses=problems(401, 403, 404, 409, 422),
)
def close(backfill: RowId, body: Why, actor: Member, office: TheOffice) -> Closed:
    return Closed(keeping.close(office, actor, backfill, body.reason))


@router.post(
    "/{backfill}/opening/confirmation",
    status_code=201,
    summary="第二人复核旧案的立案",
    responses=problems(401, 403, 404, 409, 422),
)
def confirm_opening(backfill: RowId, actor: Member, office: TheOffice) -> OpenedAfterwards:
    return OpenedAfterwards(keeping.confirm_opening(office, actor, backfill))


@router.post(
    "/{backfill}/opening/return",
    status_code=204,
    summary="退回旧案的立案",
    responses=problems(401, 403, 404, 409, 422),
)
def return_opening(backfill: RowId, body: Why, actor: Member, office: TheOffice) -> None:
    keeping.return_opening(office, actor, backfill, body.reason)
