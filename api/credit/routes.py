"""Credit (信用): the report, repairing many at once, and the question bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Response, UploadFile

from api.web.access import Member, TheOffice
from api.web.bodies import IdempotencyKey, Text, Together
from api.web.documentation import problems
from api.web.downloads import download
from casework.credit import record_kinds as published
from casework.credit.record_kinds import CreditCatalogue
from casework.credit.repair import batch
from casework.credit.repair.batch import Done, Progress, Waiting
from casework.credit.report import credit_report
from casework.credit.talk import planning as talks
from casework.credit.talk.planning import TalkDue
from casework.credit.training import question_bank
from casework.credit.training.question_bank import Imported
from casework.documents.files import CSV, DOCX
from casework.reading import File

router = APIRouter(tags=["信用"])


@dataclass(frozen=True)
class RepairDesk:
    """The repairs that wait for this officer, and how many stand in each state."""

    waiting: tuple[Waiting, ...]
    progress: tuple[Progress, ...]


@router.get(
    "/parties/{code}/credit/report",
    summary="信用报告（.docx）",
    response_class=Response,
    responses={200: {"content": {DOCX: {}}}, **problems(401, 404)},
)
def report(
    code: Annotated[Text, Path(description="统一社会信用代码或公民身份号码")],
    actor: Member,
    office: TheOffice,
) -> Response:
    with office.database.session() as session:
        return download(credit_report(office, session, actor, code))


@router.get("/credit/catalogue", summary="信用信息采集目录和信用等级评价标准")
def credit_catalogue(office: TheOffice) -> CreditCatalogue:
    with office.database.session() as session:
        return published.credit_catalogue(office, session)


@router.get(
    "/credit/catalogue.csv",
    summary="信用信息采集目录（CSV 表格）",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
def credit_catalogue_table(office: TheOffice) -> Response:
    with office.database.session() as session:
        text = published.as_table(published.credit_catalogue(office, session))
    return download(File("信用信息采集目录.csv", CSV, text.encode()))


@router.get("/credit/repairs", summary="集中修复的进度", responses=problems(401))
def repairs(actor: Member, office: TheOffice) -> RepairDesk:
    with office.database.session() as session:
        return RepairDesk(
            batch.waiting(office, session, actor), batch.progress(office, session, actor)
        )


@router.post(
    "/credit/repairs",
    summary="集中修复",
    description="对多件信用修复办理同一步骤，各自办理，逐件说明结果；`data` 为共同填写的内容。",
    responses=problems(401, 422),
)
def together(
    body: Together, actor: Member, office: TheOffice, key: IdempotencyKey = None
) -> tuple[Done, ...]:
    return batch.take_together(office, actor, body.step, body.cases, body.data, key=key)


@router.get(
    "/credit/talks",
    summary="待约谈的当事人",
    description="信用等级降到约谈等级、尚未约谈的当事人；登记约谈为开立 `credit_talk` 案件。",
    responses=problems(401),
)
def talks_due(actor: Member, office: TheOffice) -> tuple[TalkDue, ...]:
    with office.database.session() as session:
        return talks.talks_due(office, session, actor)


@router.post(
    "/credit/questions",
    status_code=201,
    summary="导入题库",
    description="CSV 表格，第一行为列名：题目、选项A至选项D、答案、解析、法律依据；"
    "有一行不对则全部不导入，并说明是哪一行。",
    responses=problems(401, 403, 422),
)
def questions(actor: Member, office: TheOffice, file: UploadFile) -> Imported:
    return question_bank.import_questions(office, actor, file.file.read())
