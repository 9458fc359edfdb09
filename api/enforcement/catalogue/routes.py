"""The violation catalogue (案由库) and the lists of leniency: reading, and loading new editions."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, UploadFile
from fastapi.responses import Response

from api.web.access import Member, TheOffice
from api.web.bodies import RowId, Text
from api.web.documentation import problems
from api.web.downloads import download
from casework.documents.files import CSV
from casework.enforcement.catalogue import confirming
from casework.enforcement.catalogue import importing as catalogue_import
from casework.enforcement.catalogue import violations as books
from casework.enforcement.catalogue.confirming import Awaiting
from casework.enforcement.catalogue.importing import Imported
from casework.enforcement.catalogue.violations import CatalogueView, LeniencyView, ViolationView
from casework.reading import File, reader_of

router = APIRouter(tags=["案由库"])


@router.get("/violations", summary="案由库", responses=problems(401))
def violations(
    actor: Member,
    office: TheOffice,
    q: Annotated[Text, Query(description="代码、案由、违法行为或者依据中的词")] = "",
    field: Annotated[Text, Query(description="领域")] = "",
) -> CatalogueView:
    with office.database.session() as session:
        reader = reader_of(office, session, actor)
        return books.catalogue(office, session, reader, q=q, field=field)


@router.get(
    "/violations.csv",
    summary="现行案由表",
    description="可在电子表格中修改后，用导入接口载入。",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401)},
)
def catalogue_table(actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        text = catalogue_import.table_in_force(office, session, actor)
    return download(File("案由表.csv", CSV, text.encode()))


@router.get("/violations/imports", summary="等待确认的新版本", responses=problems(401, 403))
def awaiting(actor: Member, office: TheOffice) -> tuple[Awaiting, ...]:
    with office.database.session() as session:
        return confirming.awaiting(office, session, actor)


@router.get("/violations/{code}", summary="案由", responses=problems(401, 404))
def violation(
    code: Annotated[Text, Path(description="案由代码，如 GC001")], actor: Member, office: TheOffice
) -> ViolationView:
    with office.database.session() as session:
        return books.violation(office, session, reader_of(office, session, actor), code)


@router.get("/leniency", summary="不予、从轻、减轻处罚清单", responses=problems(401))
def leniency(actor: Member, office: TheOffice) -> tuple[LeniencyView, ...]:
    with office.database.session() as session:
        return books.lists(office, session, reader_of(office, session, actor))


@router.post(
    "/violations/import",
    summary="导入案由、清单的新版本",
    description="由系统管理员办理。`.csv` 为案由表，须填写 `valid_from`；`.toml` 为规则文件，逐条"
    "载明生效日期。逐行校验，有一行不对则全部不导入；已有版本不会被改动。`check_only` 只校验。"
    "附依据文件的扫描件 `paper`；由另一人（机关负责人、督办人员）确认后载入，`awaits` 为其编号。",
    responses=problems(401, 403, 422),
)
def load(
    actor: Member,
    office: TheOffice,
    file: UploadFile,
    source: Annotated[Text, Form(description="依据文件")] = "",
    valid_from: Annotated[date | None, Form()] = None,
    valid_to: Annotated[date | None, Form()] = None,
    check_only: Annotated[bool, Form()] = False,
    paper: UploadFile | None = None,
) -> Imported:
    scan = File(paper.filename or "", "", paper.file.read()) if paper else None
    return catalogue_import.import_file(
        office,
        actor,
        file.filename or "",
        file.file.read(catalogue_import.LARGEST + 1),
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
        check_only=check_only,
        paper=scan,
    )


@router.post(
    "/violations/imports/{key}/confirmation",
    summary="确认新版本",
    description="由录入人以外的机关负责人、督办人员对照依据文件的扫描件确认，即载入。",
    responses=problems(401, 403, 404, 409, 422),
)
def confirm_import(key: RowId, actor: Member, office: TheOffice) -> Imported:
    return confirming.confirm(office, actor, key)


@router.post(
    "/violations/imports/{key}/return",
    status_code=204,
    summary="退回新版本",
    responses=problems(401, 403, 404, 422),
)
def give_back(key: RowId, actor: Member, office: TheOffice) -> None:
    confirming.give_back(office, actor, key)
