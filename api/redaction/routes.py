"""Redaction (删除个人信息): which personal data a case holds, and taking them away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile

from api.web.access import Member, TheOffice
from api.web.bodies import Body, CaseNumber, RowId, StoredId, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.redaction import reading, redacting
from casework.redaction.reading import RedactionView

router = APIRouter(prefix="/cases/{number}/redaction", tags=["删除个人信息"])


class Seen(Body):
    """The proposal that was seen, by its `id`."""

    proposal: StoredId


class GivingBack(Seen):
    """Why it is given back."""

    reason: Text


@router.get(
    "",
    summary="案件中的个人信息、已经删除的和等待确认的",
    responses=problems(401, 403, 404),
)
def redaction(number: CaseNumber, actor: Member, office: TheOffice) -> RedactionView:
    with office.database.session() as session:
        return reading.redaction_view(office, session, actor, number)


@router.post(
    "",
    status_code=204,
    summary="提出删除个人信息",
    description="`basis` 为 request（依个人申请）或者 judgment（依生效裁判），`file` 为申请书、"
    "裁判文书，`chosen` 为所选内容的 `id`。机关负责人确认以后才删除，删除后不能恢复。",
    responses=problems(401, 403, 404, 409, 422),
)
def propose_redaction(
    number: CaseNumber,
    actor: Member,
    office: TheOffice,
    basis: Annotated[str, Form(max_length=20)],
    document: Annotated[str, Form(max_length=2000)],
    reason: Annotated[str, Form(max_length=2000)],
    chosen: Annotated[list[str], Form(max_length=200)],
    file: UploadFile,
) -> None:
    redacting.propose(
        office,
        actor,
        number,
        basis=basis,
        document=document,
        reason=reason,
        ids=chosen,
        filename=file.filename or "",
        content=file.file.read(),
    )


@router.post(
    "/confirmation",
    status_code=204,
    summary="机关负责人确认删除",
    description="删除后不能恢复；案件的日志多一行，写明删除了哪些行的哪些内容。",
    responses=problems(401, 403, 404, 409, 422),
)
def confirm_redaction(number: CaseNumber, body: Seen, actor: Member, office: TheOffice) -> None:
    redacting.confirm(office, actor, number, body.proposal)


@router.post(
    "/return",
    status_code=204,
    summary="退回、收回提议",
    responses=problems(401, 403, 404, 409, 422),
)
def return_redaction(
    number: CaseNumber, body: GivingBack, actor: Member, office: TheOffice
) -> None:
    redacting.give_back(office, actor, number, body.proposal, body.reason)


@router.get(
    "/papers/{paper}",
    summary="删除所依据的申请书、裁判文书",
    response_class=Response,
    responses={**A_FILE, **problems(401, 403, 404)},
)
def redaction_paper(number: CaseNumber, paper: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(reading.ground(office, session, actor, number, paper))
