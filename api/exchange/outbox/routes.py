"""What is pushed to the platforms (对外推送)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.web.access import Member, TheOffice
from api.web.bodies import Body, RowId, Text
from api.web.documentation import problems
from casework.exchange.pushing import push_outbox, sending_again
from casework.exchange.pushing.push_outbox import PushOutbox, PushView

router = APIRouter(prefix="/exchange/outbox", tags=["对外推送"])


class Corrected(Body):
    """What the publicity officer fills in of a refused row, by the nation's codes."""

    fields: dict[Text, Text] = Field(default_factory=dict, max_length=100)


class Retried(Body):
    """How many batches are tried at once."""

    count: int


@router.get(
    "",
    summary="推送台账",
    description="各对接平台的推送：待推送、已发出、已接收、被退回的事项和次数，退回原因，最近一次对账。新的在前。",
    responses=problems(401, 403, 422),
)
def exchange_outbox(
    actor: Member,
    office: TheOffice,
    state: Annotated[
        Text, Query(description="waiting、sent、taken、refused 或者 superseded；不填为全部")
    ] = "",
    platform: Annotated[Text, Query(description="平台，如 credit_china；不填为全部")] = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="上一页的 cursor")] = None,
) -> PushOutbox:
    with office.database.session() as session:
        return push_outbox.push_outbox(office, session, actor, state, platform, cursor)


@router.post(
    "/retry",
    summary="不再等待，下次运行立即重试",
    responses=problems(401, 403),
)
def push_now(actor: Member, office: TheOffice) -> Retried:
    return Retried(count=sending_again.try_now(office, actor))


@router.get("/{push}", summary="一条推送", responses=problems(401, 403, 404))
def pushed(push: RowId, actor: Member, office: TheOffice) -> PushView:
    with office.database.session() as session:
        return push_outbox.one_push(office, session, actor, push)


@router.post(
    "/{push}/again",
    status_code=204,
    summary="重新推送被退回的事项",
    description="按案卷现在的内容重新推送；决定书没有载明的字段可以补填。",
    responses=problems(401, 403, 404, 422),
)
def push_again(push: RowId, body: Corrected, actor: Member, office: TheOffice) -> None:
    sending_again.send_again(office, actor, push, body.fields)
