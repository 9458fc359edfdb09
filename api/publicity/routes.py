"""The ledger of publication (双公示台账)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, UploadFile
from fastapi.responses import Response

from api.web.access import Member, TheOffice
from api.web.bodies import Published, Receipt, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.documents.files import CSV, JSON, XLSX
from casework.publicity import national_export, publications, recording
from casework.publicity.public_list import PublicList, public_list
from casework.publicity.publications import Ledger, PublicationView
from casework.reading import File

router = APIRouter(prefix="/publications", tags=["双公示"])
Month = Annotated[Text, Query(description="应办月份，如 2026-09；不填为全部未办")]


@router.get("", summary="公示台账", responses=problems(401, 403, 422))
def ledger(
    actor: Member,
    office: TheOffice,
    month: Month = "",
    channel: Annotated[Text, Query(description="只列该渠道尚未登记的；不填为全部")] = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="上一页的 cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=publications.MOST)] = publications.MOST,
) -> Ledger:
    with office.database.session() as session:
        return publications.ledger(
            office, session, actor, month, channel=channel, cursor=cursor, limit=limit
        )


@router.get(
    ".csv",
    summary="公示台账（表格）",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403, 422)},
)
def ledger_table(actor: Member, office: TheOffice, month: Month = "") -> Response:
    found = publications.as_table(office, actor, month)
    return download(File("公示台账.csv", CSV, found.encode()))


@router.get(
    "/export",
    summary="双公示报送数据（国家字段）",
    description="某月应办、可以公示的许可或者处罚，按《行政许可和行政处罚等信用信息公示数据标准》的字段代码导出，"
    "金额以万元为单位。格式为 xlsx、csv 或者 json。",
    response_class=Response,
    responses={200: {"content": {XLSX: {}, CSV: {}, JSON: {}}}, **problems(401, 403, 422)},
)
def export(
    actor: Member,
    office: TheOffice,
    month: Month,
    register: Annotated[Text, Query(description="licences 或者 penalties")] = "licences",
    format: Annotated[Text, Query(description="xlsx、csv 或者 json")] = "xlsx",
) -> Response:
    return download(national_export.exported(office, actor, register, month, format))


@router.get(
    "/public",
    summary="许可和处罚信息公示",
    description="不需要登录。已经在本机关门户网站公示、没有撤下的决定，新的在前；自然人的姓名隐去，不能按姓名查询。",
    responses=problems(422),
)
def shown(
    office: TheOffice,
    register: Annotated[Text, Query(description="licences 或者 penalties；不填为全部")] = "",
    q: Annotated[Text, Query(max_length=100, description="单位名称或者统一社会信用代码")] = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="上一页的 cursor")] = None,
) -> PublicList:
    with office.database.session() as session:
        return public_list(office, session, register, q, cursor)


@router.post(
    "/receipts",
    status_code=201,
    summary="上传公示回执",
    description="某一公示渠道的回执或者截图，可以是多个事项共用的一份。只接受 PDF、JPG、PNG、DOCX，"
    "不超过 10 MB。同一文件只存一份。",
    responses=problems(401, 403, 422),
)
def keep_receipt(actor: Member, office: TheOffice, file: UploadFile) -> Receipt:
    name, data = file.filename or "", file.file.read()
    return Receipt(receipt=recording.keep_receipt(office, actor, name, data))


@router.get(
    "/receipts/{receipt}",
    summary="下载公示回执",
    response_class=Response,
    responses={**A_FILE, **problems(401, 403, 404)},
)
def receipt(receipt: Text, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(recording.receipt(office, session, actor, receipt))


@router.post(
    "",
    summary="登记公示（撤下）情况",
    description="一个渠道、一份回执，一次登记多个事项；有一项不能登记的，全部不登记。当事人应当公示的渠道都登记了，"
    "才算办结；在最迟日期以前都登记了，才算按时。",
    responses=problems(401, 403, 404, 422),
)
def record(body: Published, actor: Member, office: TheOffice) -> tuple[PublicationView, ...]:
    recording.record(office, actor, body.entries, body.channel, body.on, body.receipt)
    with office.database.session() as session:
        return publications.picked(office, session, actor, set(body.entries))
