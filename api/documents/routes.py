"""Papers of a case (文书与材料): handing files in, and taking documents away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response, UploadFile

from api.web.access import Member, TheOffice
from api.web.bodies import CaseNumber, RowId, Stored, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download, shown
from casework import reading
from casework.audit.court_file import court_file
from casework.documents import attachments
from casework.documents.files import DOCX, PDF

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
    "/documents/{document_id}.pdf",
    summary="下载文书（.pdf）",
    description="与 Word 文书内容相同的电子文书，加盖出具机关的电子印章，可在 `POST /verify` 核验；"
    "出具机关没有印章证书的，文件名注明“供阅读，未加盖电子印章”。",
    response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(401, 404, 409)},
)
def document_pdf(
    number: CaseNumber, document_id: RowId, actor: Member, office: TheOffice
) -> Response:
    with office.database.session() as session:
        return download(reading.document_pdf(office, session, actor, number, document_id))


@router.get(
    "/documents/{document_id}/pages/{page}.png",
    summary="文书版面图像",
    description="`page` 自 1 起。",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **problems(401, 404, 409)},
)
def document_picture(
    number: CaseNumber,
    document_id: RowId,
    page: Annotated[int, Path(ge=1, le=999, description="第几页")],
    actor: Member,
    office: TheOffice,
) -> Response:
    with office.database.session() as session:
        file = reading.document_picture(office, session, actor, number, document_id, page)
    return shown(file)


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
