"""Papers of a case (文书与材料): handing files in, and taking documents away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile

from api.web.access import Member, TheOffice
from api.web.bodies import CaseNumber, RowId, Stored, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework import reading
from casework.audit.court_file import court_file
from casework.documents import attachments
from casework.documents.files import DOCX

router = APIRouter(prefix="/cases/{number}", tags=["文书与材料"])


@router.post(
    "/attachments",
    status_code=201,
    summary="提交材料",
    description="`material` 为材料清单中的一项；只接受 PDF、JPG、PNG、DOCX，不超过 10 MB。",
    responses=problems(401, 404, 422),
)
def attach(
    number: CaseNumber,
    actor: Member,
    office: TheOffice,
    material: Annotated[Text, Form()],
    file: UploadFile,
) -> Stored:
    data = file.file.read()
    kept = attachments.store(office, actor, number, material, file.filename or "", data)
    return Stored(id=kept)


@router.get(
    "/attachments/{attachment_id}",
    summary="下载材料",
    response_class=Response,
    responses={**A_FILE, **problems(401, 404)},
)
def attachment(
    number: CaseNumber, attachment_id: RowId, actor: Member, office: TheOffice
) -> Response:
    with office.database.session() as session:
        return download(reading.attachment_bytes(office, session, actor, number, attachment_id))


@router.get(
    "/documents/{document_id}",
    summary="下载文书（.docx）",
    response_class=Response,
    responses={200: {"content": {DOCX: {}}}, **problems(401, 404)},
)
def document(number: CaseNumber, document_id: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(reading.document_bytes(office, session, actor, number, document_id))


@router.get(
    "/file",
    summary="导出案卷（.zip）",
    description="卷内目录、全部文书、证据和材料、全过程记录及其校验；限办案机关工作人员。",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **problems(401, 404)},
)
def whole_file(number: CaseNumber, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(court_file(office, session, actor, number))
