"""Administration (机构管理): posts, certificates and delegations of an authority, and their log."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import Field

from api.web.access import Member, TheOffice
from api.web.bodies import Body, RowId, Stored, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.people.administration import delegations, reading, staffing
from casework.people.administration.delegations import AwaitingHead
from casework.people.administration.reading import EntryView, StaffView

router = APIRouter(prefix="/administration", tags=["机构管理"])
Which = Annotated[
    Text | None, Query(description="机关代码，如 CC；只管理一个机关的，不必填写", max_length=10)
]


class NewPost(Body):
    """A post for an account that the office has set up."""

    account: Text = Field(description="账号")
    role: Text = Field(description="职责，如 window_clerk、inspector")
    valid_from: date = Field(description="起始日期，不早于登记之日")
    valid_to: date | None = None
    certificate: Text | None = Field(default=None, description="执法证号")
    certificate_expires: date | None = Field(default=None, description="执法证件有效期至")
    law_qualification: Text | None = Field(default=None, description="法律职业资格证书编号")
    ground: Text = Field(description="依据，如任命文件的文号")


class NewCertificate(Body):
    """Another certificate for all posts of an account, or none any more."""

    account: Text
    certificate: Text | None = Field(default=None, description="执法证号；不填写为注销")
    certificate_expires: date | None = None
    valid_from: date = Field(description="自该日起适用，不早于登记之日")
    ground: Text


class NewDelegation(Body):
    """A written delegation that a leader has signed."""

    account: Text = Field(description="首席代表的账号")
    granted_by: Text = Field(description="授权人（机关负责人）的账号")
    number: Text = Field(description="授权文书的文号")
    signed_on: date
    scope: list[Text] = Field(max_length=40, description="授权事项，如 instant_licence.grant")
    valid_from: date
    valid_to: date


class Stop(Body):
    """The end of a post or a delegation: from that day on it does not hold."""

    on: date = Field(description="自该日起停止，不早于今天")
    ground: Text


@router.get("", summary="任职、执法证件和授权", responses=problems(401, 403))
def staff(actor: Member, office: TheOffice, authority: Which = None) -> StaffView:
    with office.database.session() as session:
        return reading.staff(office, session, actor, authority)


@router.get(
    "/log",
    summary="管理记录",
    description="任职、证件、授权的每次变更，只增不改，逐条链接，由 `nuoxin verify` 核验。",
    responses=problems(401, 403),
)
def administration_log(
    actor: Member,
    office: TheOffice,
    authority: Which = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="早于该序号的")] = None,
) -> tuple[EntryView, ...]:
    with office.database.session() as session:
        return reading.entries(office, session, actor, authority, before)


@router.post("/posts", status_code=201, summary="登记任职", responses=problems(401, 403, 422))
def appoint(body: NewPost, actor: Member, office: TheOffice, authority: Which = None) -> Stored:
    made = staffing.add_post(office, actor, authority=authority, **body.model_dump())
    return Stored(id=made)


@router.post(
    "/posts/{post}/end",
    status_code=204,
    summary="终止任职",
    responses=problems(401, 403, 404, 422),
)
def dismiss(post: RowId, body: Stop, actor: Member, office: TheOffice) -> None:
    staffing.end_post(office, actor, post, on=body.on, ground=body.ground)


@router.post(
    "/certificates",
    status_code=204,
    summary="变更执法证件",
    description="自该日起适用于该人在本机关的全部任职；此前办理的事项仍按原证件。",
    responses=problems(401, 403, 422),
)
def certify(
    body: NewCertificate, actor: Member, office: TheOffice, authority: Which = None
) -> None:
    staffing.change_certificate(office, actor, authority=authority, **body.model_dump())


@router.post(
    "/delegations", status_code=201, summary="登记首席代表授权", responses=problems(401, 403, 422)
)
def delegate(
    body: NewDelegation, actor: Member, office: TheOffice, authority: Which = None
) -> Stored:
    made = delegations.add_delegation(office, actor, authority=authority, **body.model_dump())
    return Stored(id=made)


@router.get("/delegations/awaiting", summary="等待本人确认的授权", responses=problems(401))
def awaiting_head(actor: Member, office: TheOffice) -> tuple[AwaitingHead, ...]:
    with office.database.session() as session:
        return delegations.awaiting_head(session, actor)


@router.post(
    "/delegations/{delegation}/confirmation",
    status_code=204,
    summary="授权人确认首席代表授权",
    description="由签署授权的机关负责人本人上传授权书的扫描件并确认，此后方可凭以作出决定。",
    responses=problems(401, 403, 404, 422),
)
def confirm_delegation(
    delegation: RowId, file: UploadFile, actor: Member, office: TheOffice
) -> None:
    content = file.file.read()
    delegations.confirm_delegation(office, actor, delegation, file.filename or "", content)


@router.get(
    "/delegations/{delegation}/scan",
    summary="首席代表授权书的扫描件",
    response_class=Response,
    responses={**A_FILE, **problems(401, 404)},
)
def delegation_scan(delegation: RowId, actor: Member, office: TheOffice) -> Response:
    with office.database.session() as session:
        return download(delegations.scan(office, session, actor, delegation))


@router.post(
    "/delegations/{delegation}/end",
    status_code=204,
    summary="终止首席代表授权",
    responses=problems(401, 403, 404, 422),
)
def undelegate(delegation: RowId, body: Stop, actor: Member, office: TheOffice) -> None:
    delegations.end_delegation(office, actor, delegation, on=body.on, ground=body.ground)
