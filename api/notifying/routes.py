"""Outlets (发送渠道) and desks' addresses of an authority, and dead letters (发送失败的消息)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import Field

from api.web.access import Member, TheOffice
from api.web.bodies import Body, RowId, Stored, Text
from api.web.documentation import problems
from casework.notifying import arrivals, dead_letters, outlets, reading, trying_out, wording
from casework.notifying.dead_letters import DeadLetters
from casework.notifying.gateways import RealGateways
from casework.notifying.reading import WaysOut
from casework.notifying.wording import Preview

router = APIRouter(tags=["消息发送"])
Which = Annotated[
    Text | None, Query(description="机关代码；只管理一个机关的，不必填写", max_length=10)
]


class NewOutlet(Body):
    """A way out. What it is entered with stands in the environment of the server."""

    medium: Text = Field(description="mail、sms、chat 或者 webhook")
    label: Text = Field(description="名称")
    address: Text = Field(default="", description="邮件服务器“主机:端口”，或者网址")
    security: Text = Field(default="tls", description="邮件：tls、starttls；本机可以 plain")
    sender: Text = Field(default="", description="发件地址")
    username: Text = Field(default="", description="邮件服务器的用户名")
    secret_name: Text = Field(
        default="", description="密钥的环境变量名，NUOXIN_SECRET_机关代码_ 开头"
    )
    report_name: Text = Field(default="", description="回执签名密钥的环境变量名，开头同上")
    per_minute: int = Field(default=60, ge=1, le=outlets.MOST_A_MINUTE)
    ground: Text = Field(description="依据")


class Trial(Body):
    """Where a test message goes; to a group chat none is needed."""

    to: Text = Field(default="", description="接收地址")


class Tried(Body):
    """What the gateway calls the test message; empty if it says nothing."""

    receipt: str


class NewDeskAddress(Body):
    """Where a desk is told besides the portal."""

    role: Text = Field(description="岗位，如 window_clerk")
    medium: Text
    address: Text
    ground: Text = Field(description="依据")


class Close(Body):
    """Why it is used no more."""

    ground: Text = Field(description="依据")


class Told(Body):
    """How somebody was told of what could not be sent."""

    how: Text = Field(description="何时、以什么方式通知")


class Standing(Body):
    """How a message stands."""

    state: str


class Resent(Body):
    """How many are sent again."""

    count: int


@router.get("/outlets", summary="发送渠道和岗位接收地址", responses=problems(401, 403))
def ways_out(actor: Member, office: TheOffice, authority: Which = None) -> WaysOut:
    with office.database.session() as session:
        return reading.ways_out(office, session, actor, authority)


@router.post(
    "/outlets",
    status_code=201,
    summary="开通发送渠道",
    description="只登记密钥所在环境变量的名称；密钥不进入数据库和日志。",
    responses=problems(401, 403, 422),
)
def open_outlet(
    body: NewOutlet, actor: Member, office: TheOffice, authority: Which = None
) -> Stored:
    return Stored(id=outlets.open_outlet(office, actor, authority=authority, **body.model_dump()))


@router.post(
    "/outlets/{outlet}/close",
    status_code=204,
    summary="停用发送渠道",
    responses=problems(401, 403, 404, 422),
)
def close_outlet(outlet: RowId, body: Close, actor: Member, office: TheOffice) -> None:
    outlets.close_outlet(office, actor, outlet, ground=body.ground)


@router.post(
    "/outlets/{outlet}/test",
    summary="发送测试消息",
    description="立即由该渠道发出一条，答复网关怎么说；记入管理记录，计入每分钟上限。",
    responses=problems(401, 403, 404, 409, 422, 429),
)
def try_out(outlet: RowId, body: Trial, actor: Member, office: TheOffice) -> Tried:
    return Tried(receipt=trying_out.try_out(office, actor, outlet, body.to, RealGateways()))


@router.post(
    "/desk-addresses",
    status_code=201,
    summary="登记岗位接收地址",
    responses=problems(401, 403, 422),
)
def open_desk_address(
    body: NewDeskAddress, actor: Member, office: TheOffice, authority: Which = None
) -> Stored:
    made = outlets.open_desk_address(office, actor, authority=authority, **body.model_dump())
    return Stored(id=made)


@router.post(
    "/desk-addresses/{row}/close",
    status_code=204,
    summary="停用岗位接收地址",
    responses=problems(401, 403, 404, 422),
)
def close_desk_address(row: RowId, body: Close, actor: Member, office: TheOffice) -> None:
    outlets.close_desk_address(office, actor, row, ground=body.ground)


@router.get("/message-texts", summary="各类消息文本的预览", responses=problems(401, 403))
def texts(actor: Member, office: TheOffice, authority: Which = None) -> tuple[Preview, ...]:
    with office.database.session() as session:
        return wording.previews(office, session, actor, authority)


@router.get("/dead-letters", summary="发送失败的消息", responses=problems(401, 403))
def lying(actor: Member, office: TheOffice) -> DeadLetters:
    with office.database.session() as session:
        return dead_letters.dead_letters(office, session, actor)


@router.post(
    "/dead-letters/resend", summary="全部重发，一次最多1000条", responses=problems(401, 403)
)
def send_all_again(actor: Member, office: TheOffice) -> Resent:
    return Resent(count=dead_letters.send_again(office, actor))


@router.post(
    "/dead-letters/{message}/resend", summary="重发一条", responses=problems(401, 403, 404)
)
def send_one_again(message: RowId, actor: Member, office: TheOffice) -> Resent:
    return Resent(count=dead_letters.send_again(office, actor, message))


@router.post(
    "/dead-letters/{message}/told",
    status_code=204,
    summary="已改用其他方式通知",
    responses=problems(401, 403, 404, 422),
)
def told(message: RowId, body: Told, actor: Member, office: TheOffice) -> None:
    dead_letters.told_otherwise(office, actor, message, body.how)


async def _raw(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/arrivals/{outlet}",
    summary="网关回执：消息已到达，或者没有到达",
    description=(
        '内容为 `{"key", "state": "arrived" 或 "failed", "at", "reason"}`。'
        "签名 `X-Nuoxin-Signature: t=秒,v1=HMAC-SHA256(密钥, “秒.” + 内容)`；"
        "同一回执可以重复发送。"
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
    responses=problems(401, 404, 422),
)
def reported(
    outlet: RowId,
    body: Annotated[bytes, Depends(_raw)],
    office: TheOffice,
    signature: Annotated[str, Header(alias="X-Nuoxin-Signature", max_length=200)] = "",
) -> Standing:
    return Standing(state=arrivals.report(office, outlet, signature, body).value)
