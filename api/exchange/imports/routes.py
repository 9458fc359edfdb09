"""Imports of outside data (外部数据导入), and what other systems say of a party."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, UploadFile
from fastapi.responses import Response

from api.web.access import Member, TheOffice
from api.web.bodies import RowId, Stored, Text
from api.web.documentation import problems
from api.web.downloads import download
from casework.documents.files import CSV, XLSX
from casework.exchange.importing import handing_in, reports
from casework.exchange.importing.outside import OutsideFile, outside_of
from casework.exchange.importing.reports import ImportList, ImportReport

router = APIRouter(tags=["数据交换"])
_TABLE: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}, CSV: {}}}}
Format = Annotated[Text, Query(alias="format", description="xlsx 或者 csv")]


@router.post(
    "/exchange/imports",
    status_code=202,
    summary="导入外部数据",
    description="种类 `kind`：parties 当事人、licences 外部许可、penalties 外部处罚、"
    "credit_records 外部信用记录；由系统管理员、公示管理员、信用管理员按种类办理。"
    "文件为 .xlsx 或 .csv，不超过 30 MB；列名为国家数据标准的字段代码或者中文名称。"
    "`dry_run` 只核对不导入。收下后在后台逐批办理，进度和逐行结果见 `GET /exchange/imports/{id}`；"
    "同一文件再次导入，没有变化的不重复登记。",
    responses=problems(401, 403, 413, 422),
)
def hand_in(
    actor: Member,
    office: TheOffice,
    file: UploadFile,
    kind: Annotated[Text, Form()],
    dry_run: Annotated[bool, Form()] = True,
    source: Annotated[Text, Form(description="数据来源；表中逐行写明的，以表中为准")] = "",
) -> Stored:
    data = file.file.read(handing_in.LARGEST + 1)
    name = file.filename or ""
    return Stored(id=handing_in.enter(office, actor, kind, name, data, source=source, dry=dry_run))


@router.get("/exchange/imports", summary="本机关的导入", responses=problems(401, 403))
def listed(
    actor: Member,
    office: TheOffice,
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="上一页的 cursor")] = None,
) -> ImportList:
    with office.database.session() as session:
        return reports.listed(office, session, actor, cursor)


@router.get(
    "/exchange/imports/{number}",
    summary="导入的进度和逐行结果",
    description="不能导入的行在前，每次最多 100 行。",
    responses=problems(401, 403, 404, 422),
)
def progress(
    number: RowId,
    actor: Member,
    office: TheOffice,
    outcome: Annotated[Text, Query(description="refused、new、changed、unchanged")] = "",
    cursor: Annotated[Text, Query(description="上一页的 cursor")] = "",
) -> ImportReport:
    with office.database.session() as session:
        return reports.report(office, session, actor, number, outcome, cursor)


@router.get(
    "/exchange/imports/{number}/refused",
    summary="不能导入的行（表格）",
    description="原样列出，另加行号和原因；改正后可以直接再次导入。",
    response_class=Response,
    responses={**_TABLE, **problems(401, 403, 404, 422)},
)
def refused(number: RowId, actor: Member, office: TheOffice, form: Format = "xlsx") -> Response:
    return download(reports.refused_rows(office, actor, number, form))


@router.post(
    "/exchange/imports/{number}/run",
    status_code=202,
    summary="试运行后正式导入",
    description="用试运行的文件正式导入；重复请求得到同一个编号。",
    responses=problems(401, 403, 404, 422),
)
def carry_out(number: RowId, actor: Member, office: TheOffice) -> Stored:
    return Stored(id=handing_in.enter_tried(office, actor, number))


@router.get(
    "/exchange/tables/{kind}",
    summary="空白的导入表格",
    response_class=Response,
    responses={**_TABLE, **problems(401, 422)},
)
def blank(
    kind: Annotated[Text, Path(description="种类")], _actor: Member, form: Format = "xlsx"
) -> Response:
    return download(reports.blank_table(handing_in.kind_of(kind), form))


@router.get(
    "/parties/{code}/outside",
    summary="其他系统对当事人的记载（外部数据）",
    description="标明来源，与本系统的信用记录分开；不计入信用等级，不作为案件的事实。",
    responses=problems(401, 404),
)
def outside(
    code: Annotated[Text, Path(description="统一社会信用代码或公民身份号码")],
    actor: Member,
    office: TheOffice,
) -> OutsideFile:
    with office.database.session() as session:
        return outside_of(office, session, actor, code)
