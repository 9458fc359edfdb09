"""What needs no account (公开查询): a case by its tracking code, a certificate by its QR code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, UploadFile

from api.web.access import TheOffice
from api.web.bodies import CaseNumber, Text
from api.web.documentation import problems
from casework import reading
from casework.grading.place_grading.reading import Grades, published_grades
from casework.reading import CertificateView, PresentedView, TrackingView
from casework.reading.guide import Guidance, Need, guidance, needs

router = APIRouter(tags=["公开查询"])


@router.get("/track/{number}", summary="办件进度", responses=problems(404, 422, 429))
def track(
    number: CaseNumber, code: Annotated[Text, Query(description="查询码")], office: TheOffice
) -> TrackingView:
    with office.database.session() as session:
        return reading.track(office, session, number, code)


@router.post(
    "/verify",
    summary="核验电子文书（.pdf）",
    description="与签发时的文件逐字节比对，不保存上传的文件。`verdict`：`same` 与签发时一致，"
    "`changed` 已被改动，`unknown` 不是本机关签发。",
    responses=problems(413, 422, 429),
)
def present(file: UploadFile, office: TheOffice) -> PresentedView:
    data = file.file.read()
    with office.database.session() as session:
        return reading.presented(office, session, data)


@router.get("/verify/{code}", summary="证书查验", responses=problems(404, 429))
def verify(
    code: Annotated[Text, Path(description="证书二维码中的代码")], office: TheOffice
) -> CertificateView:
    with office.database.session() as session:
        return reading.verify(office, session, code)


@router.get(
    "/grades",
    summary="卫生信誉度等级公示",
    description="`q` 为场所名称或者地址；逐项得分和评分表一并公开。",
    responses=problems(422),
)
def grades(
    office: TheOffice, q: Annotated[Text, Query(max_length=40, description="场所")] = ""
) -> Grades:
    with office.database.session() as session:
        return published_grades(office, session, q)


@router.get(
    "/guide",
    summary="开办场所需要办理的事项",
    description="`q` 为场所名称或者俗称；不填为全部。",
    responses=problems(422),
)
def guide(
    office: TheOffice, q: Annotated[Text, Query(max_length=40, description="场所")] = ""
) -> tuple[Need, ...]:
    with office.database.session() as session:
        return needs(office, session, q)


@router.get("/guide/{kind}", summary="合规指导清单", responses=problems(404))
def guidance_of(
    kind: Annotated[Text, Path(description="场所类别，如 hotel")], office: TheOffice
) -> Guidance:
    with office.database.session() as session:
        return guidance(office, session, kind)
