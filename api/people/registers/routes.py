"""Registers (名册): parties and their credit, licences, notices, and the supervisor's overview."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response, UploadFile

from api.web.access import Member, TheOffice
from api.web.bodies import (
    AccountBound,
    Correction,
    Empowerment,
    Ending,
    Registration,
    RowId,
    Stored,
    Text,
)
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework import reading
from casework.people import binding, mandate_papers, mandates, parties, party_papers
from casework.people.mandates import MandateView
from casework.people.parties import CorrectionView
from casework.reading import CreditView, LicenceView, NoticeView, OverviewView, PartyView

router = APIRouter(tags=["名册"])
PartyCode = Annotated[Text, Path(description="统一社会信用代码或公民身份号码")]


@router.post(
    "/parties",
    status_code=201,
    summary="登记当事人",
    description="由窗口人员登记；已登记的原样返回（200）。校验码不符的以 `code-doubtful` 拒绝，"
    "核对证照后可填写 `override_reason` 保留。",
    responses={
        200: {"description": "已登记", "model": PartyView},
        **problems(401, 403, 422),
    },
)
def register(body: Registration, actor: Member, office: TheOffice, response: Response) -> PartyView:
    with office.database.session() as session:
        party, fresh = parties.register(office, session, actor, **body.model_dump())
    if not fresh:
        response.status_code = 200
    return party


@router.get("/parties/{code}", summary="当事人", responses=problems(401, 404))
def party(code: PartyCode, actor: Member, office: TheOffice) -> PartyView:
    with office.database.session() as session:
        return reading.party_of(office, session, actor, code)


@router.get(
    "/parties/{code}/mandates", summary="谁可以代表当事人", responses=problems(401, 403, 404)
)
def mandates_of(code: PartyCode, actor: Member, office: TheOffice) -> tuple[MandateView, ...]:
    with office.database.session() as session:
        return mandates.mandates_of(office, session, actor, code)


@router.post(
    "/parties/{code}/mandates",
    status_code=201,
    summary="登记代表人、代理人",
    description="由窗口人员核对身份证件和授权委托书后登记；代表人另须营业执照、任命文件等的扫描件（`paper`）。",
    responses=problems(401, 403, 404, 422),
)
def empower(code: PartyCode, body: Empowerment, actor: Member, office: TheOffice) -> MandateView:
    with office.database.session() as session:
        return mandates.register(office, session, actor, code, **body.model_dump())


@router.post(
    "/mandates/{mandate}/papers",
    status_code=201,
    summary="留存授权委托书",
    description="由窗口人员扫描原件后留存；只接受 PDF、JPG、PNG、DOCX，不超过 10 MB。",
    responses=problems(401, 403, 404, 422),
)
def keep_paper(mandate: RowId, actor: Member, office: TheOffice, file: UploadFile) -> Stored:
    data = file.file.read()
    with office.database.session() as session:
        name = file.filename or ""
        return Stored(id=mandate_papers.keep(office, session, actor, mandate, name, data))


@router.get(
    "/mandates/{mandate}/papers/{paper}",
    summary="下载授权委托书",
    response_class=Response,
    responses={**A_FILE, **problems(401, 403, 404)},
)
def mandate_paper(mandate: RowId, paper: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(mandate_papers.paper(office, session, actor, mandate, paper))


@router.post(
    "/mandates/{mandate}/end",
    status_code=204,
    summary="终止授权",
    description="由窗口人员、当事人的法定代表人（负责人）或者代理人本人办理，自当日起失效。",
    responses=problems(401, 404, 422),
)
def end_mandate(mandate: RowId, body: Ending, actor: Member, office: TheOffice) -> None:
    with office.database.session() as session:
        mandates.end(office, session, actor, mandate, body.reason)


@router.post(
    "/mandates/{mandate}/account",
    summary="绑定账号",
    description="由窗口人员核对到场人员的身份证件，录入其账号和绑定码，将账号绑定到该人。",
    responses=problems(401, 403, 404, 422),
)
def bind_account(
    mandate: RowId, body: AccountBound, actor: Member, office: TheOffice
) -> MandateView:
    return binding.bind_at_counter(office, actor, mandate, body.username, body.code)


@router.get(
    "/parties/{code}/corrections", summary="当事人登记的变更", responses=problems(401, 403, 404)
)
def corrections(code: PartyCode, actor: Member, office: TheOffice) -> tuple[CorrectionView, ...]:
    with office.database.session() as session:
        return parties.corrections_of(office, session, actor, code)


@router.post(
    "/parties/{code}/corrections",
    status_code=201,
    summary="更正当事人登记",
    description="由窗口人员核对变更后的证照，先留存其扫描件（`paper`）后办理；填写变更后的全部内容，原登记留存。",
    responses=problems(401, 403, 404, 422),
)
def correct(code: PartyCode, body: Correction, actor: Member, office: TheOffice) -> PartyView:
    with office.database.session() as session:
        return parties.correct(office, session, actor, code, **body.model_dump())


@router.post(
    "/parties/{code}/papers",
    status_code=201,
    summary="留存当事人登记的证明",
    description="由窗口人员扫描营业执照、登记通知书、身份证件、任命文件等的原件后留存，供更正登记、登记代表人；"
    "`kind` 为 licence、notice、identity、appointment、statement 之一。"
    "只接受 PDF、JPG、PNG、DOCX，不超过 10 MB。",
    responses=problems(401, 403, 404, 422),
)
def keep_party_paper(
    code: PartyCode,
    actor: Member,
    office: TheOffice,
    kind: Annotated[Text, Form()],
    file: UploadFile,
) -> Stored:
    data = file.file.read()
    with office.database.session() as session:
        name = file.filename or ""
        return Stored(id=party_papers.keep(office, session, actor, code, kind, name, data))


@router.get(
    "/parties/{code}/papers/{paper}",
    summary="下载当事人登记的证明",
    response_class=Response,
    responses={**A_FILE, **problems(401, 403, 404)},
)
def party_paper(code: PartyCode, paper: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(party_papers.paper(office, session, actor, code, paper))


@router.get("/parties/{code}/credit", summary="信用记录", responses=problems(401, 404))
def credit(code: PartyCode, actor: Member, office: TheOffice) -> CreditView:
    with office.database.session() as session:
        return reading.credit_of(office, session, actor, code)


@router.get("/licences/{number}", summary="许可证", responses=problems(401, 404))
def licence(
    number: Annotated[Text, Path(description="许可证编号")], actor: Member, office: TheOffice
) -> LicenceView:
    with office.database.session() as session:
        return reading.licence(office, session, actor, number)


@router.get("/notices", summary="我的消息", responses=problems(401, 422))
def notices(
    actor: Member,
    office: TheOffice,
    before: Annotated[
        int | None, Query(ge=1, le=2**62, description="此前已看到的最后一条的编号")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> tuple[NoticeView, ...]:
    with office.database.session() as session:
        return reading.notices_of(office, session, actor, before=before, limit=limit)


@router.get("/overview", summary="督办总览", responses=problems(401, 403))
def overview(actor: Member, office: TheOffice) -> OverviewView:
    with office.database.session() as session:
        return reading.supervisor_overview(office, session, actor)
